/* Thousands of calls with arguments from a hat: live, freed, foreign and mistaken handles, extreme numbers, broken text.
   The same seed gives the same calls: hostile [seed [calls]]. Whatever comes, a call returns with a known status, a line
   of text when it failed, and NULL where a handle would be. */
#include "check.h"

#include <math.h>

enum { KINDS = 6, SLOTS = 12, BUFFER = 1 << 12 };

static uint64_t state;
static int depth; /* calls from inside a callback */
static void *slots[KINDS][SLOTS];
static char memory[BUFFER];
static long statuses[16];

static uint32_t dice(uint32_t sides) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33) % sides;
}

static int64_t extent(void) {
  static const int64_t odd[] = {0, -1, INT64_MIN, INT64_MAX, INT64_C(1) << 58, INT64_C(1) << 47};
  return dice(8) != 0 ? 1 + dice(5) : odd[dice(6)];
}

static int32_t small(void) {
  static const int32_t odd[] = {-1, INT32_MIN, INT32_MAX, 8, 9, 1000};
  return dice(6) != 0 ? (int32_t)dice(4) : odd[dice(6)];
}

static double number(void) {
  static const double odd[] = {-1, 1e300, -1e300, 0, 1, 0.5};
  switch (dice(12)) {
    case 0: return NAN;
    case 1: return INFINITY;
    default: return dice(2) ? odd[dice(6)] : 0.01;
  }
}

static const char *text(void) {
  static char deep[3000], nested[1200];
  static const char *const texts[] = {
      NULL, "", "Dense", "dense", "Flatten", "Activation", "InputLayer", "SGD", "sgd", "relu", "softmax", "mse", "loss", "\xff\xfe",
      "\xed\xa0\x80", "{}", "[]", "null", "3", "{\"units\": 3}", "{\"units\": 3, \"input_shape\": [2]}",
      "{\"units\": 1e308}", "{\"units\": -0.0}", "{\"units\": 99999999999999999999}", "{\"units\": 9223372036854775807}",
      "{\"units\": 4611686018427387904, \"input_shape\": [4611686018427387904]}", "{\"units\": 1e999}",
      "{\"units\": 2, \"input_shape\": [9223372036854775807, 9223372036854775807]}", "{\"units\": {\"units\": []}}",
      "{\"units\": 2, \"kernel_initializer\": {\"class_name\": \"VarianceScaling\", \"config\": {\"scale\": -1}}}",
      "{\"units\": 2, \"kernel_initializer\": {\"class_name\": \"VarianceScaling\", \"config\": {\"scale\": 1e300}}}",
      "{\"units\": 2, \"kernel_regularizer\": {\"class_name\": \"L1L2\", \"config\": {\"l2\": 0.5}}}",
      "{\"units\": 2, \"name\": \"a\\u0000b\\n\"}", "{\"units\": 2, \"bias_constraint\": \"non_neg\", \"trainable\": false}",
      "{\"input_shape\": [2, 3]}", "{\"input_shape\": []}", "{\"input_shape\": [null]}", "{\"batch_input_shape\": [null, 3]}",
      "{\"activation\": \"softmax\"}", "{\"activation\": {\"class_name\": \"elu\", \"config\": {\"alpha\": 1e38}}}",
      "{\"learning_rate\": 0.1, \"momentum\": 0.9, \"nesterov\": true}", "{\"learning_rate\": -1}", "{\"momentum\": 2}",
      "{\"loss\": \"mse\"}", "{\"loss\": \"mse\", \"optimizer\": \"sgd\", \"metrics\": [\"accuracy\"]}",
      "{\"loss\": \"sparse_categorical_crossentropy\", \"optimizer\": \"sgd\", \"metrics\": [\"accuracy\"]}",
      "{\"loss\": \"binary_crossentropy\", \"optimizer\": \"sgd\"}", "{\"loss\": \"categorical_crossentropy\", \"metrics\": 5}",
      "{\"optimizer\": {\"class_name\": \"SGD\", \"config\": {\"learning_rate\": 1e30}}, \"loss\": \"mse\"}",
      "{\"layers\": [{\"class_name\": \"Dense\", \"config\": {\"units\": 2, \"input_shape\": [3]}}]}", "{\"layers\": [[], {}]}",
      "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"Flatten\", \"config\": {}}]}", "{\"class_name\": 3}",
      "divide", "matmul", "argmax", "mean", "where", "transpose", "softmax", "round", "floor_divide", "dot", "std",
      "{\"axis\": 1}", "{\"axis\": [0, 0]}", "{\"axis\": -9223372036854775808}", "{\"axes\": [1, 0]}", "{\"decimals\": 99}",
      "{\"axis\": [], \"keepdims\": true}", "{\"test_size\": 0.5}", "{\"test_size\": 1e-300, \"seed\": -1}",
      "{\"train_size\": 9223372036854775807, \"test_size\": 9223372036854775807}", "/", "/dev/null", "build", "\n\t\r"};
  uint32_t n = sizeof texts / sizeof texts[0], i = dice(n + 2);
  if (deep[0] == '\0') {
    memset(deep, '[', sizeof deep - 1);
    for (i = 0; i < 100; i++) strcat(nested, "{\"config\":");
    strcat(nested, "1");
    for (i = 0; i < 100; i++) strcat(nested, "}");
    i = n;
  }
  return i == n ? deep : i > n ? nested : texts[i];
}

/* The catalogue's members and their arguments: what the library learns later comes under fire by itself. */
enum { MEMBERS = 400, ARGUMENTS = 3000, NOUNS = 16 };
static struct {
  const char *name;
  int noun, first, count;
} members[MEMBERS];
static const char *arguments[ARGUMENTS], *nouns[NOUNS];
static int member_count, argument_count, noun_count;

static void read_catalog(char *json) {
  int nesting = 0, is_key = 0, wants_name = 0;
  char *c;
  for (c = json; *c != '\0'; c++) {
    if (*c == '{' || *c == '[') nesting++;
    if (*c == '}' || *c == ']') nesting--;
    is_key = *c == '{' || *c == ',' || (is_key && *c != ':' && *c != '[');
    if (*c != '"') continue;
    {
      char *start = ++c;
      while (*c != '"') c += *c == '\\' ? 2 : 1;
      *c = '\0';
      if (nesting == 1 && noun_count < NOUNS) nouns[noun_count++] = start;
      if (is_key) {
        wants_name = strcmp(start, "name") == 0;
      } else if (wants_name && nesting == 3 && member_count < MEMBERS) {
        members[member_count].name = start;
        members[member_count].noun = noun_count - 1;
        members[member_count++].first = argument_count;
      } else if (wants_name && nesting == 5 && argument_count < ARGUMENTS) {
        arguments[argument_count++] = start;
        members[member_count - 1].count++;
      }
      if (!is_key) wants_name = 0;
      is_key = 0;
    }
  }
}

/* A member of a noun; NULL where the catalogue has none. */
static int member(const char *noun) {
  int i, first = (int)dice((uint32_t)member_count);
  for (i = 0; i < member_count; i++) {
    int at = (first + i) % member_count;
    if (strcmp(nouns[members[at].noun], noun) == 0) return at;
  }
  return first;
}

static char config[4096];
static size_t config_length;
static void put(const char *text) {
  size_t n = strlen(text);
  if (config_length + n + 64 < sizeof config) {
    memcpy(config + config_length, text, n + 1);
    config_length += n;
  }
}

static void put_config(int at, int nesting);
static void put_component(const char *noun, int nesting) {
  int at = member(noun);
  put("{\"class_name\": \"");
  put(members[at].name);
  put("\", \"config\": ");
  put_config(at, nesting + 1);
  put("}");
}

static void put_value(int nesting) {
  static const char *const values[] = {"0", "1", "2", "3", "-1", "0.5", "1e300", "-1e-300", "9223372036854775807", "true", "false",
                                       "null", "[]", "[2]", "[1, 2]", "[3, 3]", "[null, 3]", "[-1]", "\"same\"", "\"valid\"",
                                       "\"relu\"", "\"zeros\"", "\"l2\"", "\"max_norm\"", "\"\"", "[0.5, 0.25]", "{}"};
  if (nesting < 3 && dice(8) == 0) {
    put_component(nouns[dice((uint32_t)noun_count)], nesting);
  } else if (dice(12) == 0) {
    put("\"");
    put(members[dice((uint32_t)member_count)].name);
    put("\"");
  } else {
    put(values[dice(dice(3) ? 4 : sizeof values / sizeof values[0])]);
  }
}

static void put_config(int at, int nesting) {
  int i, given = 0;
  put("{");
  for (i = 0; i < members[at].count; i++) {
    /* The first arguments are mostly the required ones. */
    if (i > 0 ? dice(6) != 0 : dice(8) == 0) continue;
    put(given++ ? ", \"" : "\"");
    put(dice(40) ? arguments[members[at].first + i] : "nmae");
    put("\": ");
    put_value(nesting);
  }
  put("}");
}

/* The configuration of a member, as text. */
static const char *config_of(int at) {
  config_length = 0;
  config[0] = '\0';
  put_config(at, 0);
  return config;
}

static const char *compile_options(void) {
  config_length = 0;
  put("{\"loss\": ");
  put_component("losses", 0);
  put(", \"optimizer\": ");
  put_component("optimizers", 0);
  if (dice(2)) {
    put(", \"metrics\": [");
    put_component("metrics", 0);
    put("]");
  }
  put("}");
  return config;
}

static const char *model_config(void) {
  config_length = 0;
  put("{\"layers\": [{\"class_name\": \"Dense\", \"config\": {\"units\": 3}}, ");
  put_component("layers", 0);
  put(", {\"class_name\": \"Dense\", \"config\": {\"units\": 3}}]}");
  return config;
}

/* Mostly a live handle of this kind; also freed ones, others' and none. */
static void *handle(uint32_t kind) {
  switch (dice(16)) {
    case 0: return NULL;
    case 1: return memory + dice(BUFFER);
    case 2: return (void *)(uintptr_t)(dice(4096) << 4 | dice(8) << 1 | 1);
    case 3: return slots[dice(KINDS)][dice(SLOTS)];
    default: return slots[kind][dice(SLOTS)];
  }
}
#define TENSOR ((nn_tensor *)handle(0))
#define LAYER ((nn_layer *)handle(1))
#define OPTIMIZER ((nn_optimizer *)handle(2))
#define MODEL ((nn_model *)handle(3))
#define HISTORY ((nn_history *)handle(4))
#define CALLBACK ((nn_callback *)handle(5))

static void discard(uint32_t kind, uint32_t slot) {
  void *old = slots[kind][slot];
  switch (kind) {
    case 0: nn_tensor_free(old); break;
    case 1: nn_layer_free(old); break;
    case 2: nn_optimizer_free(old); break;
    case 3: nn_model_free(old); break;
    case 4: nn_history_free(old); break;
    default: nn_callback_free(old);
  }
}

static void judge(nn_status status) {
  const char *error = nn_last_error();
  int known = status <= 0 && status >= NN_INTERNAL;
  if (!known) CHECK(!"unknown status");
  else statuses[-status]++;
  if (status != NN_OK && (nn_last_error_code() != status || error[0] == '\0' || strpbrk(error, "\n\r") != NULL)) {
    printf("%d: %d %s\n", (int)status, (int)nn_last_error_code(), error);
    CHECK(!"a failure without a line of text");
  }
  if (status == NN_INTERNAL) {
    printf("%s\n", error);
    CHECK(!"internal fault");
  }
}

/* Keeps what a call made. */
static void keep(uint32_t kind, void *made, nn_status status) {
  judge(status);
  if ((status == NN_OK || status == NN_CANCELLED) != (made != NULL)) CHECK(!"a handle without success, or the reverse");
  if (made != NULL) {
    uint32_t slot = dice(SLOTS);
    /* The old one stays in the slot's place now and then, freed. */
    discard(kind, slot);
    slots[kind][slot] = made;
  }
}

static void keep_text(char *made, nn_status status) {
  judge(status);
  if ((status == NN_OK) != (made != NULL)) CHECK(!"a text without success, or the reverse");
  nn_free(made);
}

/* Each call once; the getters' results do not matter, only that they come back. */
static void call(void);

static int32_t watch(const nn_event *event, void *user) {
  int *left = user;
  if (dice(8) == 0) (void)nn_event_log(event, text(), number());
  if (event->kind == NN_EVENT_TRAIN_END) return 0;
  if (depth < 3 && dice(4) == 0) {
    depth++;
    call();
    depth--;
  }
  return --*left <= 0;
}

/* A hook that reports to nobody: its run is ended by others. */
static int32_t hook(const nn_event *event, void *user) {
  CHECK(user == memory);
  if (dice(4) == 0) (void)nn_event_log(event, text(), number());
  if (depth < 3 && dice(8) == 0) {
    depth++;
    call();
    depth--;
  }
  return dice(16) ? 0 : small();
}
static double epoch_rate(int64_t epoch, double rate, void *user) {
  CHECK(epoch >= 0 && user == memory);
  return dice(4) ? rate : number();
}
static double step_rate(int64_t step, void *user) {
  CHECK(step >= 0 && user == memory);
  return dice(20) ? 0.01 : number();
}
static int32_t save(const char *path, void *user) {
  CHECK(path[0] != '\0' && user == memory);
  return dice(8) ? 0 : small();
}
static void released_user(void *user) { CHECK(user == memory); }

static nn_hooks hooks_from_the_hat(void) {
  nn_hooks hooks = NN_HOOKS_INIT;
  nn_hook *first = &hooks.on_train_begin;
  int i;
  for (i = 0; i < 10; i++) first[i] = dice(2) ? hook : NULL;
  hooks.user = memory;
  hooks.release = dice(2) ? released_user : NULL;
  if (dice(20) == 0) hooks.struct_size = dice(2) ? sizeof(size_t) : SIZE_MAX - dice(9);
  return hooks;
}

static const int64_t *shape(int32_t rank) {
  static int64_t extents[16];
  int32_t i;
  for (i = 0; i < 16; i++) extents[i] = extent();
  return rank == 0 || dice(20) == 0 ? NULL : extents;
}

static void released(void *data, void *user) { CHECK(data == memory && user == NULL); }

static void make_tensor(void) {
  nn_tensor *t = NULL;
  nn_status status;
  int32_t rank = small(), i;
  const int64_t *s = shape(rank);
  int64_t count = 1;
  for (i = 0; s != NULL && i < rank && i < 16; i++) count = s[i] < 0 || s[i] > 5 ? BUFFER : count * s[i];
  if (dice(3) == 0 && count * 4 <= BUFFER) {
    status = nn_tensor_borrow(&t, (int32_t)dice(5), rank, s, dice(10) ? memory : NULL, released, NULL);
  } else {
    status = nn_tensor_new(&t, (int32_t)dice(5), rank, s, count * 4 <= BUFFER && dice(2) ? memory : NULL);
  }
  keep(0, t, status);
}

/* Options from the hat; the callback ends what would take long. */
static nn_fit_options fit_options(int *left) {
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  options.batch_size = dice(4) ? dice(5) : extent();
  options.epochs = dice(4) ? dice(4) : extent();
  options.initial_epoch = dice(4) ? 0 : extent();
  options.validation_split = dice(3) ? 0 : number();
  if (dice(4) == 0) options.validation_x = TENSOR;
  if (dice(4) == 0) options.validation_y = TENSOR;
  options.callback = watch;
  options.user = left;
  options.in_order = small();
  options.epochs_only = (int32_t)dice(2);
  if (dice(2)) {
    static nn_callback *callbacks[4][3];
    int i;
    for (i = 0; i < 3; i++) callbacks[depth][i] = CALLBACK;
    options.callbacks = dice(40) ? callbacks[depth] : NULL;
    options.callback_count = dice(40) ? (int64_t)dice(4) : -1;
  }
  *left = 1 + (int)dice(6);
  if (dice(9) == 0) options.struct_size = dice(2) ? dice(200) : SIZE_MAX - dice(9);
  /* Without the callback nobody would end a long run. */
  if (options.struct_size < offsetof(nn_fit_options, in_order)) {
    options.callback = NULL;
    options.epochs = 1;
  }
  return options;
}

/* A chain that works, so that the hat does not hold failures only. */
static void make_good(void) {
  static const char *const losses[] = {"{\"loss\": \"mse\", \"optimizer\": \"sgd\", \"metrics\": [\"accuracy\"]}",
                                       "{\"loss\": \"sparse_categorical_crossentropy\", \"optimizer\": \"sgd\"}",
                                       "{\"loss\": \"mse\", \"optimizer\": {\"class_name\": \"SGD\", \"config\":"
                                       " {\"learning_rate\": 1e30, \"momentum\": 0.9}}}"};
  nn_model *model = NULL;
  nn_history *history = NULL;
  nn_tensor *x = NULL, *y = NULL;
  nn_status status;
  int64_t s[2];
  uint32_t loss = dice(3);
  int left;
  nn_fit_options options;
  status = nn_model_from_json(
      &model, dice(3) ? model_config() : "{\"layers\": [{\"class_name\": \"Dense\", \"config\": {\"units\": 3}}]}");
  keep(3, model, status);
  if (status != NN_OK) return;
  judge(nn_model_compile(model, NULL, losses[loss]));
  if (dice(2)) judge(nn_model_compile(model, NULL, compile_options()));
  s[0] = 1 + dice(9);
  s[1] = 3;
  for (left = 0; left < BUFFER; left += 4) {
    float value = (float)dice(100) / 100;
    memcpy(memory + left, &value, sizeof value);
  }
  status = nn_tensor_new(&x, NN_FLOAT32, 2, s, memory);
  keep(0, x, status);
  status = nn_tensor_new(&y, loss == 1 ? NN_UINT8 : NN_FLOAT32, loss == 1 ? 1 : 2, s, loss == 1 ? NULL : memory);
  keep(0, y, status);
  options = fit_options(&left);
  status = nn_model_fit(&history, model, x, y, &options);
  keep(4, history, status);
}

static void call(void) {
  nn_tensor *t = NULL, *many[8], *more[8];
  nn_layer *l = NULL;
  nn_optimizer *o = NULL;
  nn_model *m = NULL;
  nn_history *h = NULL;
  nn_status status;
  char *out = NULL;
  double values[8];
  int64_t counts[16], count;
  int32_t rank, n = small(), i;
  int left;
  nn_fit_options options;
  nn_callback *c = NULL;
  nn_hooks hooks;
  for (i = 0; i < 8; i++) many[i] = TENSOR;
  memset(more, 0, sizeof more);
  int at;
  switch (dice(80)) {
    case 72: case 73:
      at = member("callbacks");
      /* That one would write files under names from the hat. */
      status = nn_callback_new(&c, strcmp(members[at].name, "CSVLogger") == 0 ? text() : members[at].name, config_of(at));
      keep(5, c, status);
      break;
    case 74:
      hooks = hooks_from_the_hat();
      status = nn_callback_from_hooks(&c, dice(20) ? &hooks : NULL);
      keep(5, c, status);
      break;
    case 75:
      status = nn_callback_learning_rate_scheduler(
          &c, dice(20) ? epoch_rate : NULL, dice(2) ? released_user : NULL, memory);
      keep(5, c, status);
      c = NULL;
      at = member("callbacks");
      status = nn_callback_model_checkpoint(
          &c, dice(2) ? "{\"filepath\": \"{epoch}{loss:.3f}\"}" : config_of(at), dice(2) ? save : NULL,
          dice(2) ? released_user : NULL, memory);
      keep(5, c, status);
      break;
    case 76:
      judge(nn_callback_get(values, CALLBACK, dice(2) ? "best" : text()));
      (void)nn_callback_weight_count(CALLBACK);
      status = nn_callback_state_json(&out, CALLBACK);
      keep_text(out, status);
      out = NULL;
      status = nn_callback_config_json(&out, CALLBACK);
      keep_text(out, status);
      break;
    case 77:
      status = nn_callback_get_weights(more, n > 8 ? 8 : n, CALLBACK);
      judge(status);
      for (i = 0; i < 8; i++) nn_tensor_free(more[i]);
      break;
    case 78: judge(nn_optimizer_set(OPTIMIZER, dice(2) ? "learning_rate" : text(), dice(2) ? "0.5" : text())); break;
    case 79:
      judge(nn_optimizer_set_schedule(
          OPTIMIZER, dice(9) ? step_rate : NULL, dice(2) ? released_user : NULL, memory));
      break;
    case 64: case 65: case 66:
      at = member("layers");
      status = nn_layer_new(&l, members[at].name, config_of(at));
      keep(1, l, status);
      break;
    case 67:
      at = member("optimizers");
      status = nn_optimizer_new(&o, members[at].name, config_of(at));
      keep(2, o, status);
      break;
    case 68: case 69:
      at = member("functions");
      status = nn_tensor_apply(&t, members[at].name, 1 + (int32_t)dice(3), many, config_of(at));
      keep(0, t, status);
      break;
    case 70: judge(nn_model_compile(MODEL, NULL, compile_options())); break;
    case 71: status = nn_model_from_json(&m, model_config()); keep(3, m, status); break;
    case 0: case 1: case 2: make_tensor(); break;
    case 3: case 4: make_good(); break;
    case 5: judge(nn_tensor_read(memory, dice(4) ? BUFFER : dice(9), TENSOR)); break;
    case 6: judge(nn_tensor_item(dice(9) ? values : NULL, TENSOR)); break;
    case 7: status = nn_tensor_slice(&t, TENSOR, extent(), extent()); keep(0, t, status); break;
    case 8:
      for (i = 0; i < 16; i++) counts[i] = extent() - 1;
      status = nn_tensor_take(&t, TENSOR, dice(9) ? (int64_t)dice(16) : extent(), dice(9) ? counts : NULL);
      keep(0, t, status);
      break;
    case 9: n = small(); status = nn_tensor_reshape(&t, TENSOR, n, shape(n)); keep(0, t, status); break;
    case 10: status = nn_tensor_astype(&t, TENSOR, (int32_t)dice(6) - 1); keep(0, t, status); break;
    case 11: case 12:
      status = nn_tensor_apply(&t, text(), n > 8 ? -n : n, dice(9) ? many : NULL, text());
      keep(0, t, status);
      break;
    case 13: case 14: status = nn_layer_new(&l, text(), text()); keep(1, l, status); break;
    case 15: n = small(); status = nn_input(&l, n, shape(n)); keep(1, l, status); break;
    case 16: status = nn_flatten(&l); keep(1, l, status); break;
    case 17: case 18: status = nn_dense(&l, extent(), text()); keep(1, l, status); break;
    case 19: status = nn_activation(&l, text()); keep(1, l, status); break;
    case 20: (void)nn_layer_name(LAYER); (void)nn_layer_class_name(LAYER); (void)nn_layer_get_trainable(LAYER); break;
    case 21: judge(nn_layer_set_trainable(LAYER, n)); break;
    case 22: status = nn_layer_config_json(&out, LAYER); keep_text(out, status); break;
    case 23: status = nn_optimizer_new(&o, text(), text()); keep(2, o, status); break;
    case 24: status = nn_optimizer_new(&o, "sgd", text()); keep(2, o, status); break;
    case 25:
      judge(nn_optimizer_get_learning_rate(values, OPTIMIZER));
      (void)nn_optimizer_iterations(OPTIMIZER);
      break;
    case 26: judge(nn_optimizer_set_learning_rate(OPTIMIZER, number())); break;
    case 27: status = nn_optimizer_config_json(&out, OPTIMIZER); keep_text(out, status); break;
    case 28: status = nn_sequential_new(&m, text()); keep(3, m, status); break;
    case 29: status = nn_model_from_json(&m, text()); keep(3, m, status); break;
    case 30: status = nn_model_config_json(&out, MODEL); keep_text(out, status); break;
    case 31: case 32: judge(nn_model_add(MODEL, LAYER)); break;
    case 33: judge(nn_model_pop(MODEL)); break;
    case 34: status = nn_model_layer(&l, MODEL, n); keep(1, l, status); break;
    case 35: status = nn_model_layer_named(&l, MODEL, text()); keep(1, l, status); break;
    case 36: n = small(); judge(nn_model_build(MODEL, n, shape(n))); break;
    case 37:
      judge(nn_model_input_shape(counts, &rank, MODEL));
      judge(nn_model_output_shape(counts, &rank, MODEL));
      break;
    case 38: status = nn_model_summary(&out, MODEL); keep_text(out, status); break;
    case 39: judge(nn_model_count_params(&count, MODEL)); break;
    case 40: judge(nn_model_set_trainable(MODEL, dice(8) ? 1 : n)); break;
    case 41: case 42: judge(nn_model_compile(MODEL, dice(2) ? NULL : OPTIMIZER, text())); break;
    case 43: status = nn_model_optimizer(&o, MODEL); keep(2, o, status); break;
    case 44: case 45: case 46: case 47:
      options = fit_options(&left);
      status = nn_model_fit(&h, MODEL, TENSOR, TENSOR, dice(9) ? &options : NULL);
      keep(4, h, status);
      break;
    case 48:
      judge(nn_model_train_on_batch(values, 8, MODEL, TENSOR, TENSOR));
      judge(nn_model_evaluate(values, n > 8 ? 8 : n, MODEL, TENSOR, TENSOR, extent()));
      break;
    case 51: { /* not so many passes that nobody would wait for them */
      nn_tensor *d = NULL;
      status = nn_model_predict_mc(&t, &d, MODEL, TENSOR, dice(6) ? (int64_t)dice(5) : -1, extent());
      if (status == NN_OK) nn_tensor_free(d);
      keep(0, t, status);
      break;
    }
    case 49: {
      nn_tensor *d = NULL;
      if (dice(2)) {
        status = nn_model_fold_batch_normalization(&m, MODEL);
        keep(3, m, status);
        break;
      }
      status = nn_model_find_learning_rate(&t, &d, MODEL, TENSOR, TENSOR, dice(2) ? NULL : "{\"batch_size\": 2}");
      if (status == NN_OK) nn_tensor_free(d);
      keep(0, t, status);
      break;
    }
    case 50:
      if (dice(3) == 0) {
        void *source;
        size_t size;
        if (dice(2)) status = nn_model_export_onnx_buffer(&source, &size, MODEL, dice(2) ? NULL : text());
        else status = nn_model_export_c_buffer(&source, &size, MODEL, dice(2) ? NULL : text(), dice(2) ? NULL : many, dice(2));
        judge(status);
        if (status == NN_OK) nn_free(source);
        break;
      }
      status = nn_model_predict(&t, MODEL, TENSOR, extent());
      keep(0, t, status);
      break;
    case 52: status = nn_model_call(&t, MODEL, TENSOR, n); keep(0, t, status); break;
    case 53:
      (void)nn_model_metric_count(MODEL);
      (void)nn_model_metric_name(MODEL, n);
      (void)nn_model_weight_name(MODEL, n);
      break;
    case 54: status = nn_model_explain(&out, MODEL); keep_text(out, status); break;
    case 55: judge(nn_model_weight_shape(counts, &rank, MODEL, n)); break;
    case 56: status = nn_model_get_weight(&t, MODEL, n); keep(0, t, status); break;
    case 57: judge(nn_model_set_weight(MODEL, n, TENSOR)); break;
    case 58:
      status = (dice(2) ? nn_model_get_weights : nn_model_get_optimizer_weights)(more, n > 8 ? 8 : n, MODEL);
      judge(status);
      for (i = 0; i < 8; i++) nn_tensor_free(more[i]);
      break;
    case 59:
      judge((dice(2) ? nn_model_set_weights : nn_model_set_optimizer_weights)(MODEL, many, n > 8 ? -n : n));
      break;
    case 60:
      (void)nn_history_epoch_count(HISTORY);
      (void)nn_history_key(HISTORY, n);
      (void)nn_history_values(dice(2) ? &count : NULL, HISTORY, text());
      break;
    case 61:
      n = n > 8 ? -n : n;
      status = nn_train_test_split(more, many + 0, n, many, text());
      judge(status);
      for (i = 0; i < n && status == NN_OK; i++) { nn_tensor_free(more[i]); nn_tensor_free(many[i]); }
      break;
    case 62: status = nn_idx_read(&t, text()); keep(0, t, status); (void)nn_cancel(MODEL); break;
    default:
      if (dice(2)) discard(dice(KINDS), dice(SLOTS));
      else if (depth == 0) judge(nn_set_num_threads((int32_t)dice(4)));
      (void)nn_tensor_shape(TENSOR); (void)nn_tensor_data(TENSOR); (void)nn_tensor_dtype(TENSOR);
      (void)nn_tensor_rank(TENSOR);
      (void)nn_tensor_count(TENSOR); (void)nn_model_name(MODEL); (void)nn_model_layer_count(MODEL);
      (void)nn_history_was_cancelled(HISTORY); (void)nn_history_key_count(HISTORY); (void)nn_model_get_trainable(MODEL);
  }
}

int main(int argc, char **argv) {
  long seed = argc > 1 ? atol(argv[1]) : 1, calls = argc > 2 ? atol(argv[2]) : 30000, i;
  uint32_t kind, slot;
  char *catalog;
  state = (uint64_t)seed;
  OK(nn_catalog_json(&catalog));
  if (catalog == NULL) return check_end();
  read_catalog(catalog);
  CHECK(noun_count > 8 && member_count > 100 && argument_count > 100);
  OK(nn_set_seed((uint64_t)seed));
  for (i = 0; i < calls; i++) {
    call();
    checks_passed++;
  }
  for (kind = 0; kind < KINDS; kind++)
    for (slot = 0; slot < SLOTS; slot++) discard(kind, slot);
  nn_free(catalog);
  printf("%d names with %d arguments; statuses:", member_count, argument_count);
  for (i = 0; i < 12; i++) printf(" %ld", statuses[i]);
  printf("\n");
  /* A hat that gives nothing but refusals tests little. */
  CHECK(statuses[0] > calls / 10);
  CHECK(statuses[-NN_CANCELLED] > 0);
  return check_end();
}
