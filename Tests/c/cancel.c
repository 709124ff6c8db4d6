/* Stopping a training: from its callback, from another thread, from a signal handler; several models in several
   threads. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLES = 640, FEATURES = 20 };

static nn_tensor *x, *y;

static void data(void) {
  static float numbers[SAMPLES * FEATURES], targets[SAMPLES];
  int i;
  for (i = 0; i < SAMPLES * FEATURES; i++) numbers[i] = (float)(i * 37 % 101) / 101.0f;
  for (i = 0; i < SAMPLES; i++) targets[i] = numbers[i * FEATURES] - numbers[i * FEATURES + 1];
  x = floats(numbers, 2, SAMPLES, FEATURES, 0);
  y = floats(targets, 2, SAMPLES, 1, 0);
}

static nn_model *regression(void) {
  nn_model *model;
  OK(nn_sequential_new(&model, NULL));
  OK(add(model, "Dense", "{\"units\": 16, \"activation\": \"tanh\", \"input_shape\": [20]}"));
  OK(add(model, "Dense", "{\"units\": 1}"));
  OK(nn_model_compile(model, NULL, "{\"loss\": \"mse\", \"optimizer\": \"sgd\"}"));
  return model;
}

typedef struct plan {
  nn_model *model;
  int32_t kind;      /* at which event */
  int64_t epoch, batch;
  int by_cancel;     /* by nn_cancel instead of the result */
  int calls, late;   /* events, and those after the stop that are not the end */
  int stopped;
} plan;

static int32_t stop_there(const nn_event *event, void *user) {
  plan *p = user;
  p->calls++;
  if (p->stopped && event->kind == NN_EVENT_BATCH_END) p->late++;
  if (event->kind != p->kind || event->epoch != p->epoch) return 0;
  if (event->kind == NN_EVENT_BATCH_END && event->batch != p->batch) return 0;
  p->stopped = 1;
  if (!p->by_cancel) return 7;
  CHECK(nn_cancel(p->model) == NN_OK);
  return 0;
}

static void stop(int32_t kind, int64_t epoch, int64_t batch, int by_cancel, int64_t complete) {
  nn_model *model = regression();
  nn_history *history;
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  double value;
  plan p;
  memset(&p, 0, sizeof p);
  p.model = model;
  p.kind = kind;
  p.epoch = epoch;
  p.batch = batch;
  p.by_cancel = by_cancel;
  options.epochs = 4;
  options.callback = stop_there;
  options.user = &p;
  FAILS(nn_model_fit(&history, model, x, y, &options), NN_CANCELLED, "before epoch 4 ended");
  CHECK(p.stopped && p.late <= (kind == NN_EVENT_BATCH_END || kind == NN_EVENT_EPOCH_END ? 0 : 1));
  CHECK(nn_history_was_cancelled(history) == 1);
  CHECK(nn_history_epoch_count(history) == complete);
  nn_history_free(history);
  /* The model works as before, and the stop is forgotten. */
  OK(nn_model_evaluate(&value, 1, model, x, y, 0));
  options.callback = NULL;
  OK(nn_model_fit(&history, model, x, y, &options));
  CHECK(nn_history_epoch_count(history) == 4 && nn_history_was_cancelled(history) == 0);
  nn_history_free(history);
  nn_model_free(model);
}

/* After the last epoch nothing is left to stop. */
static void too_late(void) {
  nn_model *model = regression();
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  plan p;
  memset(&p, 0, sizeof p);
  p.kind = NN_EVENT_EPOCH_END;
  p.epoch = 1;
  options.epochs = 2;
  options.callback = stop_there;
  options.user = &p;
  OK(nn_model_fit(NULL, model, x, y, &options));
  CHECK(p.stopped);
  /* Nothing runs: nothing happens, not even later. */
  CHECK(nn_cancel(model) == NN_OK);
  options.callback = NULL;
  OK(nn_model_fit(NULL, model, x, y, &options));
  nn_model_free(model);
}

/* What a callback may do to its model, and what not. */
static int32_t meddle(const nn_event *event, void *user) {
  nn_model *model = user;
  nn_optimizer *optimizer;
  nn_tensor *out;
  double value;
  char *text;
  if (event->kind != NN_EVENT_BATCH_END || event->batch != 3) return 0;
  CHECK(nn_model_name(model) != NULL && nn_model_is_built(model) == 1);
  OK(nn_model_optimizer(&optimizer, model));
  OK(nn_optimizer_set_learning_rate(optimizer, 0.001));
  nn_optimizer_free(optimizer);
  OK(nn_model_get_weight(&out, model, 0));
  nn_tensor_free(out);
  OK(nn_model_summary(&text, model));
  nn_free(text);
  FAILS(nn_model_fit(NULL, model, x, y, NULL), NN_STATE, "is training");
  FAILS(nn_model_evaluate(&value, 1, model, x, y, 0), NN_STATE, "is training");
  FAILS(nn_model_train_on_batch(&value, 1, model, x, y), NN_STATE, "is training");
  FAILS(nn_model_predict(&out, model, x, 0), NN_STATE, "is training");
  FAILS(nn_model_compile(model, NULL, "{\"loss\": \"mse\"}"), NN_STATE, "is training");
  FAILS(nn_model_pop(model), NN_STATE, "is training");
  return 0;
}

/* Frees the model's only handle in the middle of its training. */
static int32_t free_it(const nn_event *event, void *user) {
  if (event->kind == NN_EVENT_EPOCH_BEGIN) nn_model_free(user);
  return 0;
}

static void callbacks(void) {
  nn_model *model = regression();
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  options.callback = meddle;
  options.user = model;
  OK(nn_model_fit(NULL, model, x, y, &options));
  options.callback = free_it;
  OK(nn_model_fit(NULL, model, x, y, &options));
  REFUSES(nn_model_name(model), NULL, NN_INVALID_ARGUMENT, "it was freed");
}

static volatile sig_atomic_t begun;
static int32_t tell(const nn_event *event, void *user) {
  (void)user;
  if (event->kind == NN_EVENT_BATCH_END) begun = 1;
  return 0;
}

static void nap(void) {
  struct timespec ms = {0, 1000000};
  nanosleep(&ms, NULL);
}

static void *cancel_when_begun(void *model) {
  while (!begun) nap();
  nn_cancel(model);
  return NULL;
}

static void endless(nn_model *model, nn_progress callback) {
  nn_history *history;
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  options.epochs = INT64_C(1) << 40;
  options.callback = callback;
  FAILS(nn_model_fit(&history, model, x, y, &options), NN_CANCELLED, "stopped after");
  CHECK(nn_history_was_cancelled(history) == 1);
  nn_history_free(history);
}

static nn_model *signalled;
static void on_signal(int number) {
  (void)number;
  nn_cancel(signalled);
}
static int32_t raise_it(const nn_event *event, void *user) {
  (void)user;
  if (event->kind == NN_EVENT_BATCH_END && event->epoch == 1) raise(SIGUSR1);
  return 0;
}

static void from_elsewhere(void) {
  pthread_t thread;
  struct sigaction action;
  nn_tensor *mean, *deviation;
  signalled = regression();
  begun = 0;
  CHECK(pthread_create(&thread, NULL, cancel_when_begun, signalled) == 0);
  endless(signalled, tell);
  pthread_join(thread, NULL);

  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigaction(SIGUSR1, &action, NULL);
  endless(signalled, raise_it);
  /* A timer instead of the callback: the signal arrives anywhere. */
  sigaction(SIGALRM, &action, NULL);
  alarm(1);
  endless(signalled, NULL);
  nn_model_free(signalled);

  /* Monte Carlo predictions stop as well. */
  OK(nn_sequential_new(&signalled, NULL));
  OK(add(signalled, "Dropout", "{\"rate\": 0.5, \"input_shape\": [20]}"));
  alarm(1);
  FAILS(
      nn_model_predict_mc(&mean, &deviation, signalled, x, INT64_C(1) << 40, 0), NN_CANCELLED, "cancelled");
  OK(nn_model_predict_mc(&mean, &deviation, signalled, x, 2, 0));
  nn_tensor_free(mean);
  nn_tensor_free(deviation);
  nn_model_free(signalled);
}

/* Several models in several threads, each of which must come out as if it had been alone. */
typedef struct job {
  nn_model *model;
  double loss;
  nn_status status;
  char error[200];
} job;

static void *work(void *user) {
  job *j = user;
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_tensor *p;
  options.epochs = 20;
  options.in_order = 1;
  j->status = nn_model_fit(NULL, j->model, x, y, &options);
  if (j->status == NN_OK) j->status = nn_model_evaluate(&j->loss, 1, j->model, x, y, 0);
  if (j->status == NN_OK) j->status = nn_model_predict(&p, j->model, x, 0);
  nn_tensor_free(p);
  nn_tensor_free(NULL);
  nn_tensor_new(NULL, 0, 0, NULL, NULL);
  strncpy(j->error, nn_last_error(), sizeof j->error - 1);
  return NULL;
}

static void in_parallel(void) {
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  job alone, jobs[THREADS];
  nn_tensor *weights[4];
  int32_t i;
  memset(jobs, 0, sizeof jobs);
  memset(&alone, 0, sizeof alone);
  alone.model = regression();
  OK(nn_model_get_weights(weights, 4, alone.model));
  for (i = 0; i < THREADS; i++) {
    jobs[i].model = regression();
    OK(nn_model_set_weights(jobs[i].model, weights, 4));
  }
  work(&alone);
  OK(alone.status);
  for (i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, work, &jobs[i]) == 0);
  for (i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (i = 0; i < THREADS; i++) {
    CHECK(jobs[i].status == NN_OK && jobs[i].loss == alone.loss);
    CHECK(strstr(jobs[i].error, "nn_tensor_new: argument 'tensor' is NULL") != NULL);
    nn_model_free(jobs[i].model);
  }
  /* One model, several threads: the calls take turns. */
  for (i = 0; i < THREADS; i++) {
    jobs[i].model = alone.model;
    CHECK(pthread_create(&threads[i], NULL, work, &jobs[i]) == 0);
  }
  for (i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    CHECK(jobs[i].status == NN_OK);
  }
  for (i = 0; i < 4; i++) nn_tensor_free(weights[i]);
  nn_model_free(alone.model);
}

int main(void) {
  data();
  stop(NN_EVENT_BATCH_END, 2, 5, 0, 2);
  stop(NN_EVENT_BATCH_END, 0, 0, 1, 0);
  stop(NN_EVENT_BATCH_END, 3, 19, 0, 3);
  stop(NN_EVENT_EPOCH_END, 1, 0, 0, 2);
  stop(NN_EVENT_EPOCH_END, 0, 0, 1, 1);
  stop(NN_EVENT_EPOCH_BEGIN, 1, 0, 0, 1);
  stop(NN_EVENT_TRAIN_BEGIN, 0, 0, 0, 0);
  too_late();
  callbacks();
  from_elsewhere();
  in_parallel();
  nn_tensor_free(x);
  nn_tensor_free(y);
  return check_end();
}
