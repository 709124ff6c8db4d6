/* Callbacks, hooks and schedules in C. */
#include "check.h"
#include <math.h>

#define SAMPLES 40

static nn_tensor *x, *y;

static void make_data(void) {
  static float data[SAMPLES * 3], labels[SAMPLES];
  int i;
  for (i = 0; i < SAMPLES * 3; i++) data[i] = sinf(0.7f * (float)i);
  for (i = 0; i < SAMPLES; i++) labels[i] = data[3 * i] - data[3 * i + 1];
  x = floats(data, 2, SAMPLES, 3, 0);
  y = floats(labels, 2, SAMPLES, 1, 0);
}

static nn_model *regression(const char *optimizer) {
  nn_model *model;
  char options[256];
  if (!OK(nn_sequential_new(&model, NULL))) exit(2);
  OK(add(model, "Dense", "{\"units\": 4, \"activation\": \"tanh\", \"input_shape\": [3]}"));
  OK(add(model, "Dense", "{\"units\": 1}"));
  snprintf(options, sizeof options, "{\"loss\": \"mse\", \"optimizer\": %s}", optimizer);
  OK(nn_model_compile(model, NULL, options));
  return model;
}

/* What the hooks have heard. */
typedef struct story {
  char text[2048];
  int released;
  int32_t answer;      /* of on_epoch_end */
  double add;          /* what on_epoch_end adds */
  const nn_event *old; /* an event that is over */
  int wrong;
} story;

static int32_t tell(story *s, const char *name, const nn_event *event) {
  size_t used = strlen(s->text);
  s->wrong += event->struct_size != sizeof(nn_event) || event->message != NULL;
  snprintf(s->text + used, sizeof s->text - used, "%s %d.%d(%d) ", name, (int)event->epoch, (int)event->batch,
           (int)event->value_count);
  return 0;
}
static int32_t train_begin(const nn_event *e, void *u) { return tell(u, "train", e); }
static int32_t train_end(const nn_event *e, void *u) { return tell(u, "trained", e); }
static int32_t epoch_begin(const nn_event *e, void *u) { return tell(u, "epoch", e); }
static int32_t batch_begin(const nn_event *e, void *u) { return tell(u, "batch", e); }
static int32_t batch_end(const nn_event *e, void *u) {
  story *s = u;
  s->wrong += nn_event_log(e, "x", 1) != NN_STATE;
  return tell(u, "batched", e);
}
static int32_t test_begin(const nn_event *e, void *u) { return tell(u, "test", e); }
static int32_t test_end(const nn_event *e, void *u) { return tell(u, "tested", e); }
static int32_t test_batch_begin(const nn_event *e, void *u) { return tell(u, "tbatch", e); }
static int32_t test_batch_end(const nn_event *e, void *u) { return tell(u, "tbatched", e); }
static int32_t epoch_end(const nn_event *e, void *u) {
  story *s = u;
  s->wrong += strcmp(e->names[0], "loss") != 0 || !isfinite(e->values[0]);
  s->wrong += nn_event_log(e, "mine", s->add) != NN_OK;
  s->wrong += nn_event_log(e, NULL, 1) != NN_INVALID_ARGUMENT || nn_event_log(e, "", 1) != NN_INVALID_ARGUMENT;
  s->old = e;
  tell(u, "end", e);
  return s->answer;
}
static void release(void *user) { ((story *)user)->released++; }

static nn_hooks all_hooks(story *s) {
  nn_hooks hooks = NN_HOOKS_INIT;
  memset(s, 0, sizeof *s);
  hooks.user = s;
  hooks.release = release;
  hooks.on_train_begin = train_begin;
  hooks.on_train_end = train_end;
  hooks.on_epoch_begin = epoch_begin;
  hooks.on_epoch_end = epoch_end;
  hooks.on_batch_begin = batch_begin;
  hooks.on_batch_end = batch_end;
  hooks.on_test_begin = test_begin;
  hooks.on_test_end = test_end;
  hooks.on_test_batch_begin = test_batch_begin;
  hooks.on_test_batch_end = test_batch_end;
  return hooks;
}

static void hooks_of_ones_own(void) {
  nn_model *model = regression("\"sgd\"");
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_callback *callback;
  nn_history *history;
  nn_hooks hooks;
  story s;
  double value;
  int64_t n;
  const double *mine;

  hooks = all_hooks(&s);
  s.add = 7;
  OK(nn_callback_from_hooks(&callback, &hooks));
  options.callbacks = &callback;
  options.callback_count = 1;
  options.batch_size = 20;
  options.epochs = 2;
  options.validation_split = 0.25;
  OK(nn_model_fit(&history, model, x, y, &options));
  CHECK(strcmp(s.text,
               "train 0.0(0) epoch 0.0(0) batch 0.0(0) batched 0.0(1) batch 0.1(0) batched 0.1(1) "
               "test 0.0(0) tbatch 0.0(0) tbatched 0.0(1) tested 0.1(1) end 0.2(2) "
               "epoch 1.0(0) batch 1.0(0) batched 1.0(1) batch 1.1(0) batched 1.1(1) "
               "test 1.0(0) tbatch 1.0(0) tbatched 1.0(1) tested 1.1(1) end 1.2(2) trained 1.0(3) ") == 0);
  CHECK(s.wrong == 0);
  mine = nn_history_values(&n, history, "mine");
  CHECK(mine != NULL && n == 2 && mine[1] == 7);
  nn_history_free(history);
  FAILS(nn_event_log(s.old, "mine", 1), NN_STATE, "only possible while on_epoch_end is running");
  FAILS(nn_event_log(NULL, "mine", 1), NN_INVALID_ARGUMENT, "'event' is NULL");

  /* A positive answer is Keras's stop_training, a negative one an error. */
  s.answer = 1;
  OK(nn_model_fit(&history, model, x, y, &options));
  CHECK(nn_history_epoch_count(history) == 1 && nn_history_was_cancelled(history) == 0);
  nn_history_free(history);
  s.answer = NN_IO;
  FAILS(nn_model_fit(&history, model, x, y, &options), NN_IO, "a callback's on_epoch_end ended the training");
  CHECK(history == NULL);
  s.answer = -77;
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_INVALID_ARGUMENT, "status -77");
  s.answer = 0;
  OK(nn_model_fit(NULL, model, x, y, &options));

  FAILS(nn_callback_get(&value, callback, "best"), NN_NOT_SUPPORTED, "made of hooks");
  CHECK(nn_callback_weight_count(callback) == 0);
  CHECK(s.released == 0);
  nn_callback_free(callback);
  CHECK(s.released == 1);

  /* A header of long ago knew only the first hook. */
  hooks = all_hooks(&s);
  hooks.struct_size = offsetof(nn_hooks, on_train_end);
  OK(nn_callback_from_hooks(&callback, &hooks));
  OK(nn_model_fit(NULL, model, x, y, &options));
  CHECK(strcmp(s.text, "train 0.0(0) ") == 0);
  nn_callback_free(callback);
  CHECK(s.released == 1);
  hooks.struct_size = 0;
  FAILS(nn_callback_from_hooks(&callback, &hooks), NN_INVALID_ARGUMENT, "hooks.struct_size is 0");
  CHECK(callback == NULL && s.released == 1);
  FAILS(nn_callback_from_hooks(&callback, NULL), NN_INVALID_ARGUMENT, "'hooks' is NULL");
  nn_model_free(model);
}

static double curve[] = {3, 1, 2, 4, 5, 6};
static int32_t follow_curve(const nn_event *event, void *user) {
  (void)user;
  return nn_event_log(event, "curve", curve[event->epoch]);
}

static char said[256];
static int32_t listen(const nn_event *event, void *user) {
  (void)user;
  if (event->kind == NN_EVENT_MESSAGE) snprintf(said, sizeof said, "%s", event->message);
  return 0;
}

static void early_stopping(void) {
  nn_model *model = regression("\"sgd\"");
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_hooks hooks = NN_HOOKS_INIT;
  nn_callback *callbacks[2];
  nn_history *history;
  nn_tensor *kept[8], *now[8];
  char *json;
  double value;
  int i;

  hooks.on_epoch_end = follow_curve;
  OK(nn_callback_from_hooks(&callbacks[0], &hooks));
  OK(nn_callback_new(&callbacks[1], "EarlyStopping",
                     "{\"monitor\": \"curve\", \"patience\": 2, \"restore_best_weights\": true, \"verbose\": 1}"));
  FAILS(nn_callback_get(&value, callbacks[1], "best_epoch"), NN_NOT_FOUND, "has no value yet");
  CHECK(nn_callback_weight_count(callbacks[1]) == 0);
  options.callbacks = callbacks;
  options.callback_count = 2;
  options.epochs = 6;
  options.callback = listen;
  OK(nn_model_fit(&history, model, x, y, &options));
  CHECK(nn_history_epoch_count(history) == 4 && nn_history_was_cancelled(history) == 0);
  nn_history_free(history);
  CHECK(strcmp(said, "Epoch 00004: early stopping") == 0);
  OK(nn_callback_get(&value, callbacks[1], "stopped_epoch"));
  CHECK(value == 3);
  OK(nn_callback_get(&value, callbacks[1], "best"));
  CHECK(value == 1);
  OK(nn_callback_get(&value, callbacks[1], "wait"));
  CHECK(value == 2);
  OK(nn_callback_get(&value, callbacks[1], "patience"));
  CHECK(value == 2);
  FAILS(nn_callback_get(&value, callbacks[1], "bset"), NN_NOT_FOUND, "EarlyStopping has no 'bset'; did you mean 'best'?");
  FAILS(nn_callback_get(&value, callbacks[1], "monitor"), NN_NOT_FOUND, "is no number");
  if (OK(nn_callback_state_json(&json, callbacks[1])))
    CHECK(strcmp(json, "{\"best\": 1.0, \"wait\": 2, \"stopped_epoch\": 3, \"best_epoch\": 1}") == 0);
  nn_free(json);
  if (OK(nn_callback_config_json(&json, callbacks[1]))) CHECK(strstr(json, "\"restore_best_weights\": true") != NULL);
  nn_free(json);
  CHECK(nn_callback_weight_count(callbacks[1]) == 4);
  FAILS(nn_callback_get_weights(kept, 3, callbacks[1]), NN_INVALID_ARGUMENT, "'capacity' is 3");
  OK(nn_callback_get_weights(kept, 8, callbacks[1]));
  OK(nn_model_get_weights(now, 8, model));
  for (i = 0; i < 4; i++) {
    CHECK(memcmp(nn_tensor_data(kept[i]), nn_tensor_data(now[i]), (size_t)nn_tensor_shape(now[i])[0] * 4) == 0);
    nn_tensor_free(kept[i]);
    nn_tensor_free(now[i]);
  }

  /* The callback lives on in no model: freed, it is gone. */
  nn_callback_free(callbacks[1]);
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_INVALID_ARGUMENT, "'options.callbacks[1]' must be a callback");
  callbacks[1] = callbacks[0];
  options.callback_count = -1;
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_INVALID_ARGUMENT, "options.callback_count must be");
  options.callback_count = 1;
  options.callbacks = NULL;
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_INVALID_ARGUMENT, "options.callbacks is NULL");
  FAILS(nn_callback_new(&callbacks[1], "EarlyStoping", NULL), NN_NOT_FOUND, "did you mean 'EarlyStopping'?");
  FAILS(nn_callback_new(&callbacks[1], "EarlyStopping", "{\"mode\": \"best\"}"), NN_INVALID_ARGUMENT, "'mode' must be");
  FAILS(nn_callback_new(&callbacks[1], "LearningRateScheduler", NULL), NN_INVALID_ARGUMENT, "'schedule' is required");
  CHECK(callbacks[1] == NULL);
  OK(nn_callback_new(&callbacks[1], "EarlyStopping", NULL));
  options.callbacks = &callbacks[1];
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_NOT_FOUND, "'val_loss' is recorded without validation data");
  nn_callback_free(callbacks[1]);
  nn_callback_free(callbacks[0]);
  nn_callback_free(NULL);
  nn_model_free(model);
}

static double halve(int64_t epoch, double rate, void *user) {
  ((int64_t *)user)[0] = epoch;
  return rate / 2;
}
static double no_rate(int64_t epoch, double rate, void *user) {
  (void)epoch, (void)rate, (void)user;
  return NAN;
}
static double by_step(int64_t step, void *user) {
  ((int64_t *)user)[0] += 1;
  return step == 5 ? NAN : 0.1 / (double)(1 + step);
}
static int freed;
static void count_free(void *user) {
  (void)user;
  freed++;
}

static void rates(void) {
  nn_model *model = regression("{\"class_name\": \"SGD\", \"config\": {\"learning_rate\": 0.4, \"momentum\": 0.5}}");
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_callback *callback;
  nn_optimizer *optimizer;
  nn_history *history;
  const double *lr;
  int64_t heard[1] = {-1}, n;
  double rate;
  char *json;

  OK(nn_model_optimizer(&optimizer, model));
  OK(nn_callback_learning_rate_scheduler(&callback, halve, count_free, heard));
  options.callbacks = &callback;
  options.callback_count = 1;
  options.epochs = 3;
  OK(nn_model_fit(&history, model, x, y, &options));
  lr = nn_history_values(&n, history, "lr");
  CHECK(lr != NULL && n == 3 && lr[0] == 0.2 && lr[1] == 0.1 && lr[2] == 0.05 && heard[0] == 2);
  nn_history_free(history);
  nn_callback_free(callback);
  CHECK(freed == 1);
  OK(nn_callback_learning_rate_scheduler(&callback, no_rate, NULL, NULL));
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_INVALID_ARGUMENT, "for epoch 0 it returned nan");
  nn_callback_free(callback);
  FAILS(nn_callback_learning_rate_scheduler(&callback, NULL, count_free, NULL), NN_INVALID_ARGUMENT, "'function' is NULL");
  CHECK(callback == NULL && freed == 1);

  OK(nn_callback_new(&callback, "OneCycle", "{\"max_lr\": 0.1}"));
  OK(nn_model_fit(NULL, model, x, y, &options));
  if (OK(nn_optimizer_config_json(&json, optimizer))) CHECK(strstr(json, "\"momentum\": 0.95") != NULL);
  nn_free(json);
  OK(nn_optimizer_set(optimizer, "momentum", "0.25"));
  if (OK(nn_optimizer_config_json(&json, optimizer))) CHECK(strstr(json, "\"momentum\": 0.25") != NULL);
  nn_free(json);
  FAILS(nn_optimizer_set(optimizer, "momentm", "0.25"), NN_NOT_FOUND, "did you mean 'momentum'?");
  FAILS(nn_optimizer_set(optimizer, "momentum", "much"), NN_FORMAT, "'value'");
  FAILS(nn_optimizer_set(optimizer, "momentum", "7"), NN_INVALID_ARGUMENT, "'momentum' must be");
  FAILS(nn_optimizer_set(optimizer, "nesterov", "true"), NN_STATE, "another rule");
  OK(nn_optimizer_set(optimizer, "learning_rate", "0.125"));
  OK(nn_optimizer_get_learning_rate(&rate, optimizer));
  CHECK(rate == 0.125);

  /* A schedule in C: once for each step; over it a callback for the rate has no effect, which is an error. */
  heard[0] = 0;
  OK(nn_model_compile(model, NULL, "{\"loss\": \"mse\", \"optimizer\": \"sgd\"}"));
  nn_optimizer_free(optimizer);
  OK(nn_model_optimizer(&optimizer, model));
  OK(nn_optimizer_set_schedule(optimizer, by_step, count_free, heard));
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_STATE, "OneCycle: the learning rate follows a schedule (a function)");
  options.callback_count = 0;
  options.epochs = 2;
  OK(nn_model_fit(NULL, model, x, y, &options));
  CHECK(heard[0] == 4 && nn_optimizer_iterations(optimizer) == 4);
  OK(nn_optimizer_get_learning_rate(&rate, optimizer));
  CHECK(rate == 0.1 / 5);
  FAILS(nn_optimizer_set_learning_rate(optimizer, 0.1), NN_STATE, "follows a schedule");
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_INVALID_ARGUMENT, "after 5 steps it is nan");
  CHECK(nn_optimizer_iterations(optimizer) == 5);
  CHECK(freed == 1);
  OK(nn_optimizer_set(optimizer, "learning_rate",
                      "{\"class_name\": \"InverseTimeDecay\", \"config\": {\"initial_learning_rate\": 0.1, "
                      "\"decay_steps\": 5, \"decay_rate\": 1}}"));
  CHECK(freed == 2);
  OK(nn_optimizer_get_learning_rate(&rate, optimizer));
  CHECK(rate == 0.05);
  OK(nn_model_fit(NULL, model, x, y, &options));
  FAILS(nn_optimizer_set_schedule(optimizer, NULL, NULL, NULL), NN_INVALID_ARGUMENT, "'schedule' is NULL");
  nn_callback_free(callback);
  nn_optimizer_free(optimizer);
  nn_model_free(model);
}

static char paths[256];
static int32_t save(const char *path, void *user) {
  strcat(strcat(paths, path), " ");
  return *(int *)user;
}

static void checkpoints(void) {
  static const char config[] =
      "{\"filepath\": \"w-{epoch:02d}-{curve:.1f}\", \"monitor\": \"curve\", \"save_best_only\": true}";
  nn_model *model = regression("\"sgd\"");
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_hooks hooks = NN_HOOKS_INIT;
  nn_callback *callbacks[2];
  int status = 0;

  hooks.on_epoch_end = follow_curve;
  OK(nn_callback_from_hooks(&callbacks[0], &hooks));
  freed = 0;
  FAILS(nn_callback_model_checkpoint(&callbacks[1], "{}", save, count_free, &status), NN_INVALID_ARGUMENT,
        "'filepath' is required");
  CHECK(freed == 0 && callbacks[1] == NULL);
  OK(nn_callback_model_checkpoint(&callbacks[1], config, save, count_free, &status));
  options.callbacks = callbacks;
  options.callback_count = 2;
  options.epochs = 3;
  OK(nn_model_fit(NULL, model, x, y, &options));
  CHECK(strcmp(paths, "w-01-3.0 w-02-1.0 ") == 0);
  CHECK(nn_callback_weight_count(callbacks[1]) == 4);
  nn_callback_free(callbacks[1]);
  CHECK(freed == 1);
  status = NN_IO;
  OK(nn_callback_model_checkpoint(&callbacks[1], config, save, NULL, &status));
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_IO, "failed to save 'w-01-3.0'");
  nn_callback_free(callbacks[1]);
  OK(nn_callback_model_checkpoint(&callbacks[1], config, NULL, NULL, NULL));
  OK(nn_model_fit(NULL, model, x, y, &options));
  nn_callback_free(callbacks[1]);
  nn_callback_free(callbacks[0]);
  nn_model_free(model);
}

static void not_a_number(void) {
  nn_model *model = regression("{\"class_name\": \"SGD\", \"config\": {\"learning_rate\": 1e30}}");
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_callback *callback;
  nn_history *history;
  int64_t n;
  const double *loss;
  options.epochs = 5;
  FAILS(nn_model_fit(&history, model, x, y, &options), NN_NOT_FINITE, "became");
  OK(nn_callback_new(&callback, "TerminateOnNaN", NULL));
  options.callbacks = &callback;
  options.callback_count = 1;
  options.callback = listen;
  OK(nn_model_fit(&history, model, x, y, &options));
  loss = nn_history_values(&n, history, "loss");
  CHECK(loss != NULL && n >= 1 && !isfinite(loss[n - 1]) && n < 5);
  CHECK(strstr(said, "Invalid loss, terminating training") != NULL);
  nn_history_free(history);
  nn_callback_free(callback);
  nn_model_free(model);
}

int main(void) {
  char *json;
  OK(nn_set_seed(1));
  make_data();
  hooks_of_ones_own();
  early_stopping();
  rates();
  checkpoints();
  not_a_number();
  if (OK(nn_catalog_json(&json))) CHECK(strstr(json, "\"callbacks\": [{\"name\": \"LearningRateScheduler\"") != NULL);
  nn_free(json);
  nn_tensor_free(x);
  nn_tensor_free(y);
  return check_end();
}
