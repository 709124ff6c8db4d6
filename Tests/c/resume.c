/* nn_model_resume: a run that was stopped anywhere ends with the bits of one that was not. */
#include "check.h"

enum { SAMPLES = 40, FEATURES = 4, BATCH = 16, EPOCHS = 3, PLACES = 64 };

static nn_tensor *x, *y;

static nn_model *regression(void) {
  nn_model *model;
  OK(nn_set_seed(8));
  OK(nn_sequential_new(&model, NULL));
  OK(add(model, "Dense", "{\"units\": 8, \"activation\": \"tanh\", \"input_shape\": [4]}"));
  OK(add(model, "Dropout", "{\"rate\": 0.3}"));
  OK(add(model, "Dense", "{\"units\": 1}"));
  OK(nn_model_compile(model, NULL, "{\"loss\": \"mse\", \"optimizer\": \"adam\"}"));
  return model;
}

typedef struct plan {
  int at, place; /* stops at this one of the events */
  nn_model *model;
  int by_cancel;
  int messages;
} plan;

static int32_t stop_there(const nn_event *event, void *user) {
  plan *p = user;
  if (event->kind == NN_EVENT_MESSAGE || event->kind == NN_EVENT_TRAIN_END) return 0;
  if (event->kind == NN_EVENT_TRAIN_BEGIN && p->place > 0) return 0; /* a resumed run */
  if (p->place++ != p->at) return 0;
  if (!p->by_cancel) return 1;
  CHECK(nn_cancel(p->model) == NN_OK);
  return 0;
}

typedef struct outcome {
  float kernel[FEATURES * 8];
  double losses[2 * EPOCHS];
  int places, stops;
} outcome;

static outcome run(int at, int by_cancel) {
  nn_fit_options options = NN_FIT_OPTIONS_INIT, again = NN_FIT_OPTIONS_INIT;
  nn_history *history;
  nn_tensor *weight;
  nn_callback *plateau;
  nn_status status;
  outcome result;
  plan p;
  int64_t count;
  const double *values;
  memset(&p, 0, sizeof p);
  memset(&result, 0, sizeof result);
  p.at = at;
  p.by_cancel = by_cancel;
  p.model = regression();
  OK(nn_callback_new(
      &plateau, "ReduceLROnPlateau", "{\"monitor\": \"loss\", \"patience\": 1, \"factor\": 0.5, \"min_delta\": 1.0}"));
  options.batch_size = BATCH;
  options.epochs = EPOCHS;
  options.validation_split = 0.3;
  options.callbacks = &plateau;
  options.callback_count = 1;
  options.callback = again.callback = stop_there;
  options.user = again.user = &p;
  status = nn_model_fit(&history, p.model, x, y, &options);
  while (status == NN_CANCELLED) {
    double value;
    result.stops++;
    CHECK(nn_history_was_cancelled(history) == 1);
    nn_history_free(history);
    OK(nn_model_evaluate(&value, 1, p.model, x, y, 0));
    OK(nn_set_seed(77));
    status = nn_model_resume(&history, p.model, &again);
  }
  OK(status);
  CHECK(nn_history_was_cancelled(history) == 0 && nn_history_epoch_count(history) == EPOCHS);
  values = nn_history_values(&count, history, "loss");
  CHECK(values != NULL && count == EPOCHS);
  if (values) memcpy(result.losses, values, sizeof(double) * EPOCHS);
  values = nn_history_values(&count, history, "lr");
  if (values) memcpy(result.losses + EPOCHS, values, sizeof(double) * EPOCHS);
  nn_history_free(history);
  OK(nn_model_get_weight(&weight, p.model, 0));
  memcpy(result.kernel, nn_tensor_data(weight), sizeof result.kernel);
  nn_tensor_free(weight);
  FAILS(nn_model_resume(NULL, p.model, NULL), NN_STATE, "there is no interrupted training");
  nn_callback_free(plateau);
  nn_model_free(p.model);
  result.places = p.place;
  return result;
}

static void everywhere(void) {
  outcome whole = run(-1, 0);
  int at, by_cancel;
  CHECK(whole.stops == 0 && whole.places > 10 && whole.places < PLACES);
  for (by_cancel = 0; by_cancel <= 1; by_cancel++) {
    for (at = 0; at < whole.places; at++) {
      outcome stopped = run(at, by_cancel);
      CHECK(stopped.stops == (at == whole.places - 1 ? 0 : 1));
      CHECK(memcmp(stopped.kernel, whole.kernel, sizeof whole.kernel) == 0);
      CHECK(memcmp(stopped.losses, whole.losses, sizeof whole.losses) == 0);
    }
  }
}

static int32_t stop_at_once(const nn_event *event, void *user) {
  (void)user;
  return event->kind == NN_EVENT_BATCH_END;
}

static void refusals(void) {
  nn_model *model = regression();
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  double value;
  FAILS(nn_model_resume(NULL, NULL, NULL), NN_INVALID_ARGUMENT, "model");
  FAILS(nn_model_resume(NULL, model, NULL), NN_STATE, "there is no interrupted training");
  options.callback = stop_at_once;
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_CANCELLED, "stopped after 0 complete epochs");
  options.epochs = 2;
  FAILS(nn_model_resume(NULL, model, &options), NN_INVALID_ARGUMENT, "options.epochs must be 0");
  OK(nn_model_train_on_batch(&value, 1, model, x, y));
  FAILS(nn_model_resume(NULL, model, NULL), NN_STATE, "the weights have changed since the interruption");
  nn_model_free(model);
}

/* The model keeps the run's data, and gives it up when it is freed. */
static void freed(void) {
  nn_model *model = regression();
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  options.callback = stop_at_once;
  FAILS(nn_model_fit(NULL, model, x, y, &options), NN_CANCELLED, "stopped after");
  nn_model_free(model);
}

int main(void) {
  static float numbers[SAMPLES * FEATURES], targets[SAMPLES];
  int i;
  for (i = 0; i < SAMPLES * FEATURES; i++) numbers[i] = (float)(i * 37 % 101) / 101.0f;
  for (i = 0; i < SAMPLES; i++) targets[i] = numbers[i * FEATURES] - numbers[i * FEATURES + 1];
  x = floats(numbers, 2, SAMPLES, FEATURES, 0);
  y = floats(targets, 2, SAMPLES, 1, 0);
  everywhere();
  refusals();
  freed();
  nn_tensor_free(x);
  nn_tensor_free(y);
  return check_end();
}
