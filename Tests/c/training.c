/* Compile, fit, evaluate, predict: what works, and what is refused in one line without harm. */
#include "check.h"
#include "classifier.h"


static void compiling(void) {
  nn_model *model = classifier(NULL);
  nn_optimizer *optimizer, *same;
  double rate = 0, values[2];
  nn_tensor *p;
  REFUSES(nn_model_metric_count(model), -1, NN_STATE, "not compiled");
  REFUSES(nn_model_metric_name(model, 0), NULL, NN_STATE, "not compiled");
  FAILS(nn_model_optimizer(&same, model), NN_STATE, "not compiled");
  FAILS(nn_model_fit(NULL, model, x, y, NULL), NN_STATE, "not compiled");
  FAILS(nn_model_evaluate(values, 2, model, x, y, 0), NN_STATE, "not compiled");
  FAILS(nn_model_train_on_batch(values, 2, model, x, y), NN_STATE, "not compiled");
  /* Predicting needs no compile. */
  OK(nn_model_predict(&p, model, x, 0));
  nn_tensor_free(p);

  OK(nn_optimizer_new(&optimizer, "SGD", NULL));
  FAILS(nn_model_compile(model, optimizer, usual), NN_INVALID_ARGUMENT, "given twice");
  FAILS(nn_model_compile(model, NULL, NULL), NN_INVALID_ARGUMENT, "'loss' is required");
  FAILS(nn_model_compile(model, NULL, "{\"loss\": \"mean_square_error\"}"),
      NN_NOT_FOUND, "did you mean 'mean_squared_error'?");
  FAILS(nn_model_compile(model, NULL, "{\"los\": \"mse\"}"), NN_INVALID_ARGUMENT, "did you mean 'loss'?");
  FAILS(nn_model_compile(model, optimizer, "{\"loss\": \"mse\", \"metrics\": [\"acuracy\"]}"), NN_NOT_FOUND,
        "did you mean 'accuracy'?");
  FAILS(nn_model_compile(model, NULL, "{\"loss\": \"mse\", \"optimizer\": 7}"), NN_INVALID_ARGUMENT, "'optimizer'");
  FAILS(nn_model_compile(model, NULL, "mse"), NN_FORMAT, "argument 'options'");
  OK(nn_model_compile(
      model, optimizer, "{\"loss\": \"sparse_categorical_crossentropy\", \"metrics\": [\"accuracy\"]}"));
  CHECK(nn_model_metric_count(model) == 2);
  CHECK(strcmp(nn_model_metric_name(model, 0), "loss") == 0 && strcmp(nn_model_metric_name(model, 1), "accuracy") == 0);
  REFUSES(nn_model_metric_name(model, 2), NULL, NN_INVALID_ARGUMENT, "'index' is 2");
  OK(nn_optimizer_set_learning_rate(optimizer, 0.125));
  nn_optimizer_free(optimizer);
  OK(nn_model_optimizer(&same, model));
  OK(nn_optimizer_get_learning_rate(&rate, same));
  CHECK(rate == 0.125);
  CHECK(nn_model_optimizer_weight_count(model) == 1); /* plain SGD keeps its count only */
  OK(nn_model_train_on_batch(values, 2, model, x, y));
  CHECK(nn_optimizer_iterations(same) == 1);
  {
    nn_tensor *state[1];
    OK(nn_model_get_optimizer_weights(state, 1, model));
    CHECK(*(const int32_t *)nn_tensor_data(state[0]) == 1);
    FAILS(nn_model_get_optimizer_weights(state, 0, model), NN_INVALID_ARGUMENT, "'capacity' is 0");
    OK(nn_model_train_on_batch(values, 2, model, x, y));
    OK(nn_model_set_optimizer_weights(model, state, 1));
    CHECK(nn_optimizer_iterations(same) == 1);
    FAILS(nn_model_set_optimizer_weights(model, state, 2), NN_SHAPE, "'count' is 2");
    nn_tensor_free(state[0]);
  }
  nn_optimizer_free(same);
  nn_model_free(model);
}

typedef struct tally {
  int begun, epochs_begun, batches, epochs, ended;
  double last_loss;
  int wrong;
} tally;

static int32_t count(const nn_event *event, void *user) {
  tally *t = user;
  t->wrong += event->struct_size != sizeof(nn_event) || event->epochs != 3;
  switch (event->kind) {
    case NN_EVENT_TRAIN_BEGIN: t->begun++; break;
    case NN_EVENT_EPOCH_BEGIN: t->wrong += event->epoch != t->epochs_begun++; break;
    case NN_EVENT_BATCH_END:
      t->wrong += event->batch != t->batches % 3 || event->batches != 3 || event->samples != 80 ||
          event->value_count != 2;
      t->wrong += event->sample != (t->batches % 3 == 2 ? 80 : 32 * (t->batches % 3 + 1));
      t->wrong += strcmp(event->names[0], "loss") != 0 || !isfinite(event->values[0]);
      t->batches++;
      break;
    case NN_EVENT_EPOCH_END:
      t->wrong += event->epoch != t->epochs++ || event->value_count != 4 || strcmp(event->names[2], "val_loss") != 0;
      t->last_loss = event->values[0];
      break;
    case NN_EVENT_TRAIN_END: t->ended++; break;
    default: t->wrong++;
  }
  return 0;
}

static void fitting(void) {
  nn_model *model = classifier(usual);
  nn_history *history;
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  tally t;
  const double *losses;
  int64_t n = 0;
  double values[2];
  nn_tensor *p, *q;
  char *text;
  memset(&t, 0, sizeof t);
  options.epochs = 3;
  options.validation_split = 0.2;
  options.callback = count;
  options.user = &t;
  OK(nn_model_fit(&history, model, x, y, &options));
  CHECK(t.wrong == 0 && t.begun == 1 && t.epochs_begun == 3 && t.batches == 9 && t.epochs == 3 && t.ended == 1);
  CHECK(nn_history_epoch_count(history) == 3);
  CHECK(nn_history_key_count(history) == 4);
  CHECK(strcmp(nn_history_key(history, 0), "loss") == 0 && strcmp(nn_history_key(history, 3), "val_accuracy") == 0);
  REFUSES(nn_history_key(history, 4), NULL, NN_INVALID_ARGUMENT, "'index' is 4");
  losses = nn_history_values(&n, history, "loss");
  CHECK(losses != NULL && n == 3 && losses[2] < losses[0] && losses[2] == t.last_loss);
  CHECK(nn_history_values(NULL, history, "loss") == losses);
  REFUSES(nn_history_values(&n, history, "val_los"), NULL, NN_NOT_FOUND, "val_los");
  REFUSES(nn_history_values(&n, history, NULL), NULL, NN_INVALID_ARGUMENT, "'key' is NULL");
  CHECK(nn_history_was_cancelled(history) == 0);
  nn_history_free(history);

  options.epochs_only = 1;
  options.epochs = 30;
  options.initial_epoch = 27;
  options.callback = NULL;
  options.in_order = 1;
  OK(nn_model_fit(&history, model, x, y, &options));
  CHECK(nn_history_epoch_count(history) == 3);
  nn_history_free(history);

  options.epochs = 60;
  options.initial_epoch = 0;
  options.validation_split = 0;
  options.validation_x = x;
  options.validation_y = y;
  options.batch_size = 10;
  OK(nn_model_fit(NULL, model, x, y, &options));
  OK(nn_model_evaluate(values, 2, model, x, y, 0));
  CHECK(values[1] > 0.95);
  OK(nn_model_predict(&p, model, x, 7));
  CHECK(nn_tensor_shape(p)[0] == SAMPLES && nn_tensor_shape(p)[1] == CLASSES);
  OK(nn_model_call(&q, model, x, 0));
  CHECK(fabsf(((const float *)nn_tensor_data(p))[5] - ((const float *)nn_tensor_data(q))[5]) < 1e-5f);
  nn_tensor_free(q);
  OK(nn_model_call(&q, model, x, 1));
  nn_tensor_free(q);
  nn_tensor_free(p);
  FAILS(nn_model_call(&q, model, x, 5), NN_INVALID_ARGUMENT, "'training' must be 0 or 1");
  if (OK(nn_model_explain(&text, model))) CHECK(strlen(text) > 100 && strstr(text, "first") == NULL);
  nn_free(text);
  nn_model_free(model);
}

/* The same seed and data give the same numbers at any number of threads. */
static void reproducing(void) {
  double values[2][2];
  int32_t threads;
  for (threads = 1; threads <= 2; threads++) {
    nn_model *model;
    nn_fit_options options = NN_FIT_OPTIONS_INIT;
    OK(nn_set_num_threads(threads));
    model = classifier(usual);
    options.epochs = 5;
    OK(nn_model_fit(NULL, model, x, y, &options));
    OK(nn_model_evaluate(values[threads - 1], 2, model, x, y, 0));
    nn_model_free(model);
  }
  CHECK(values[0][0] == values[1][0] && values[0][1] == values[1][1]);
  OK(nn_set_num_threads(0));
}

/* Options as a program compiled with an older or a newer header passes them. */
static void versions_of_options(void) {
  nn_model *model = classifier(usual);
  struct {
    nn_fit_options known;
    char unknown[40];
  } newer;
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  memset(&newer, 0, sizeof newer);
  /* Old: knows only the size and the batch size; what follows is not to be read. */
  memset(&options, 0xee, sizeof options);
  options.struct_size = offsetof(nn_fit_options, epochs);
  options.batch_size = 50;
  OK(nn_model_fit(NULL, model, x, y, &options));
  options.struct_size = sizeof(size_t);
  OK(nn_model_fit(NULL, model, x, y, &options));
  newer.known.struct_size = sizeof newer;
  OK(nn_model_fit(NULL, model, x, y, &newer.known));
  newer.unknown[39] = 1;
  FAILS(nn_model_fit(NULL, model, x, y, &newer.known), NN_NOT_SUPPORTED, "older than the program's nn.h");
  newer.known.struct_size = 0;
  FAILS(nn_model_fit(NULL, model, x, y, &newer.known), NN_INVALID_ARGUMENT, "struct_size is 0");
  newer.known.struct_size = SIZE_MAX;
  FAILS(nn_model_fit(NULL, model, x, y, &newer.known), NN_INVALID_ARGUMENT, "struct_size");
  nn_model_free(model);
}

static void refuse_option(nn_model *model, nn_fit_options options, nn_status status, const char *text) {
  nn_history *history;
  FAILS(nn_model_fit(&history, model, x, y, &options), status, text);
  CHECK(history == NULL);
}

static void bad_options(void) {
  nn_model *model = classifier(usual);
  const nn_fit_options good = NN_FIT_OPTIONS_INIT;
  nn_fit_options options = good;
  options.batch_size = -1;
  refuse_option(model, options, NN_INVALID_ARGUMENT, "options.batch_size' must be positive");
  options = good;
  options.epochs = -2;
  refuse_option(model, options, NN_INVALID_ARGUMENT, "options.epochs");
  options = good;
  options.initial_epoch = -1;
  refuse_option(model, options, NN_INVALID_ARGUMENT, "options.initial_epoch");
  options.initial_epoch = 5;
  refuse_option(model, options, NN_INVALID_ARGUMENT, "'initial_epoch' (5) must be less than 'epochs' (1)");
  options = good;
  options.validation_split = 1;
  refuse_option(model, options, NN_INVALID_ARGUMENT, "options.validation_split must be in [0, 1), got 1");
  options.validation_split = NAN;
  refuse_option(model, options, NN_INVALID_ARGUMENT, "options.validation_split");
  options.validation_split = 0.5;
  options.validation_x = x;
  refuse_option(model, options, NN_INVALID_ARGUMENT, "go together");
  options.validation_y = y;
  refuse_option(model, options, NN_INVALID_ARGUMENT, "not both");
  nn_model_free(model);
}

/* The weights after a refused call are what they were. */
static void bad_data(void) {
  nn_model *model = classifier(usual);
  nn_tensor *before, *after, *bad, *short_y;
  double values[2];
  int64_t shape[] = {SAMPLES, FEATURES}, empty[] = {0, FEATURES}, wide[] = {SAMPLES, 5}, ten[] = {10};
  float *numbers = malloc(sizeof features);
  memcpy(numbers, features, sizeof features);
  OK(nn_model_get_weight(&before, model, 0));

  OK(nn_tensor_new(&short_y, NN_UINT8, 1, ten, labels));
  FAILS(nn_model_fit(NULL, model, x, short_y, NULL), NN_SHAPE, "x has 100 samples, y has 10");
  FAILS(nn_model_evaluate(values, 2, model, x, short_y, 0), NN_SHAPE, "x has 100 samples, y has 10");
  FAILS(nn_model_train_on_batch(values, 2, model, x, short_y), NN_SHAPE, "y has 10");
  FAILS(nn_model_evaluate(values, 2, model, x, y, -3), NN_INVALID_ARGUMENT, "'batch_size' must be positive");
  FAILS(nn_model_predict(&bad, model, x, -1), NN_INVALID_ARGUMENT, "'batch_size'");
  nn_tensor_free(short_y);

  labels[77] = 12;
  OK(nn_tensor_new(&bad, NN_UINT8, 1, shape, labels));
  labels[77] = 77 % CLASSES;
  FAILS(nn_model_fit(NULL, model, x, bad, NULL),
      NN_INVALID_ARGUMENT, "y has label 12 at row 77 (counted from 0), but the output has 3 classes");
  FAILS(nn_model_evaluate(values, 2, model, x, bad, 0), NN_INVALID_ARGUMENT, "label 12 at row 77 (counted from 0)");
  nn_tensor_free(bad);

  OK(nn_tensor_new(&bad, NN_FLOAT32, 2, wide, NULL));
  FAILS(nn_model_fit(NULL, model, bad, y, NULL), NN_SHAPE, "(None, 4), got x of shape (100, 5)");
  FAILS(nn_model_predict(&after, model, bad, 0), NN_SHAPE, "got x of shape (100, 5)");
  CHECK(after == NULL);
  FAILS(nn_model_call(&after, model, bad, 0), NN_SHAPE, "(100, 5)");
  nn_tensor_free(bad);
  OK(nn_tensor_new(&bad, NN_FLOAT32, 2, empty, NULL));
  FAILS(nn_model_fit(NULL, model, bad, y, NULL), NN_SHAPE, "empty");
  FAILS(nn_model_predict(&after, model, bad, 0), NN_SHAPE, "empty");
  nn_tensor_free(bad);

  numbers[41] = NAN;
  OK(nn_tensor_new(&bad, NN_FLOAT32, 2, shape, numbers));
  FAILS(nn_model_fit(NULL, model, bad, y, NULL), NN_NOT_FINITE, "x contains NaN in row 10");
  FAILS(nn_model_train_on_batch(values, 2, model, bad, y), NN_NOT_FINITE, "NaN in row 10");
  /* Predictions pass NaN on. */
  OK(nn_model_predict(&after, model, bad, 0));
  CHECK(isnan(((const float *)nn_tensor_data(after))[10 * CLASSES]) &&
      isfinite(((const float *)nn_tensor_data(after))[0]));
  nn_tensor_free(after);
  nn_tensor_free(bad);

  OK(nn_model_get_weight(&after, model, 0));
  CHECK(memcmp(nn_tensor_data(before), nn_tensor_data(after), FEATURES * 8 * sizeof(float)) == 0);
  nn_tensor_free(after);
  nn_tensor_free(before);
  free(numbers);

  /* All frozen: nothing to train. */
  OK(nn_model_set_trainable(model, 0));
  FAILS(nn_model_fit(NULL, model, x, y, NULL), NN_STATE, "nothing to train");
  OK(nn_model_set_trainable(model, 1));
  OK(nn_model_fit(NULL, model, x, y, NULL));
  nn_model_free(model);
}

/* A rate that blows the loss up: the weights go back to the beginning of the epoch, and training can go on. */
static void diverging(void) {
  nn_model *model;
  nn_optimizer *optimizer;
  nn_tensor *weight;
  double values[1];
  const float *w;
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  OK(nn_sequential_new(&model, NULL));
  OK(add(model, "Dense", "{\"units\": 1, \"input_shape\": [4]}"));
  OK(nn_optimizer_new(&optimizer, "sgd", "{\"learning_rate\": 1e30}"));
  OK(nn_model_compile(model, optimizer, "{\"loss\": \"mse\"}"));
  options.epochs = 5;
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_NOT_FINITE, "the loss became");
  OK(nn_model_get_weight(&weight, model, 0));
  w = nn_tensor_data(weight);
  CHECK(w != NULL && isfinite(w[0]) && isfinite(w[1]) && isfinite(w[2]) && isfinite(w[3]));
  nn_tensor_free(weight);
  OK(nn_optimizer_set_learning_rate(optimizer, 0.01));
  OK(nn_model_fit(NULL, model, x, y, &options));
  OK(nn_model_evaluate(values, 1, model, x, y, 0));
  CHECK(isfinite(values[0]));
  nn_optimizer_free(optimizer);
  nn_model_free(model);
}

static int released;
static void release(void *data, void *user) {
  (void)user;
  free(data);
  released++;
}

/* Memory of the caller's, to the last byte of its block: valgrind sees whoever reads beyond it. */
static void borrowed(void) {
  enum { ROWS = 37 };
  nn_model *model = classifier(usual);
  int64_t shape[] = {ROWS, FEATURES};
  void *numbers = malloc(ROWS * FEATURES * sizeof(float)), *classes = malloc(ROWS);
  nn_tensor *bx, *by, *p;
  double values[2];
  memcpy(numbers, features, ROWS * FEATURES * sizeof(float));
  memcpy(classes, labels, ROWS);
  OK(nn_tensor_borrow(&bx, NN_FLOAT32, 2, shape, numbers, release, NULL));
  OK(nn_tensor_borrow(&by, NN_UINT8, 1, shape, classes, release, NULL));
  OK(nn_model_fit(NULL, model, bx, by, NULL));
  OK(nn_model_evaluate(values, 2, model, bx, by, 5));
  OK(nn_model_predict(&p, model, bx, 5));
  nn_tensor_free(p);
  OK(nn_tensor_apply(&p, "exp", 1, &bx, NULL));
  nn_tensor_free(p);
  OK(nn_tensor_apply(&p, "exp", 1, &by, NULL));
  nn_tensor_free(p);
  OK(nn_tensor_astype(&p, bx, NN_BOOL));
  nn_tensor_free(p);
  nn_model_free(model);
  CHECK(released == 0);
  nn_tensor_free(bx);
  nn_tensor_free(by);
  CHECK(released == 2);
}

int main(void) {
  data();
  borrowed();
  compiling();
  fitting();
  reproducing();
  versions_of_options();
  bad_options();
  bad_data();
  diverging();
  nn_tensor_free(x);
  nn_tensor_free(y);
  return check_end();
}
