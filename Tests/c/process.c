/* Versions, status texts, the last error of each thread, seeds and threads, locale, forking. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <locale.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void versions(void) {
  char text[32];
  nn_status status;
  CHECK(nn_version_number() == NN_VERSION_NUMBER);
  sprintf(text, "%d.%d.%d", NN_VERSION_MAJOR, NN_VERSION_MINOR, NN_VERSION_PATCH);
  CHECK(strcmp(nn_version(), text) == 0);
  CHECK(strncmp(nn_build_info(), "kernels: ", 9) == 0);
  OK(nn_require(NN_VERSION_NUMBER));
  FAILS(nn_require(999999), NN_NOT_SUPPORTED, "compiled with nn.h 99.99.99");
  for (status = NN_INTERNAL; status <= NN_OK; status++) CHECK(strcmp(nn_strerror(status), "unknown status") != 0);
  CHECK(strcmp(nn_strerror(1), "unknown status") == 0);
  CHECK(strcmp(nn_strerror(-1000), "unknown status") == 0);
}

static void *another_thread(void *result) {
  *(int *)result = nn_last_error_code() == NN_OK && nn_last_error()[0] == '\0';
  nn_set_num_threads(-5);
  *(int *)result += nn_last_error_code() == NN_INVALID_ARGUMENT;
  return NULL;
}

static void last_errors(void) {
  pthread_t thread;
  int result = 0;
  const char *before;
  nn_model *model;
  FAILS(nn_sequential_new(NULL, NULL), NN_INVALID_ARGUMENT, "argument 'model' is NULL");
  before = nn_last_error();
  /* Success leaves the last error alone, and so do other threads. */
  OK(nn_sequential_new(&model, "quiet"));
  nn_model_free(model);
  CHECK(pthread_create(&thread, NULL, another_thread, &result) == 0);
  pthread_join(thread, NULL);
  CHECK(result == 2);
  CHECK(nn_last_error() == before && strstr(before, "nn_sequential_new") != NULL);
}

static void threads(void) {
  int32_t all;
  OK(nn_set_num_threads(0));
  all = nn_num_threads();
  CHECK(all >= 1);
  OK(nn_set_num_threads(3));
  CHECK(nn_num_threads() == 3);
  FAILS(nn_set_num_threads(-1), NN_INVALID_ARGUMENT, "'count' must be positive");
  CHECK(nn_num_threads() == 3);
  OK(nn_set_num_threads(0));
  CHECK(nn_num_threads() == all);
}

static float first_weight(void) {
  nn_model *model;
  nn_tensor *kernel;
  float value = 0;
  OK(nn_sequential_new(&model, NULL));
  OK(add(model, "Dense", "{\"units\": 2, \"input_shape\": [3]}"));
  if (OK(nn_model_get_weight(&kernel, model, 0))) value = ((const float *)nn_tensor_data(kernel))[0];
  nn_tensor_free(kernel);
  nn_model_free(model);
  return value;
}

static void seeds(void) {
  float a, b, c;
  OK(nn_set_seed(42));
  a = first_weight();
  b = first_weight();
  OK(nn_set_seed(42));
  c = first_weight();
  CHECK(a == c && a != b);
}

/* Decimal commas elsewhere in the program change nothing. Where the locale is not installed, C's own stays. */
static void locales(void) {
  nn_layer *layer;
  nn_optimizer *optimizer;
  char *json;
  double rate = 0;
  if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) setlocale(LC_ALL, "");
  OK(nn_optimizer_new(&optimizer, "SGD", "{\"learning_rate\": 0.125}"));
  OK(nn_optimizer_get_learning_rate(&rate, optimizer));
  CHECK(rate == 0.125);
  if (OK(nn_optimizer_config_json(&json, optimizer))) CHECK(strstr(json, "0.125") != NULL);
  nn_free(json);
  nn_optimizer_free(optimizer);
  OK(nn_layer_new(&layer, "Activation", "{\"activation\": \"relu\"}"));
  nn_layer_free(layer);
  setlocale(LC_ALL, "C");
}

/* A child of a process that has computed with several threads computes too. */
static void forking(void) {
  pid_t child;
  int status = 1;
  OK(nn_set_num_threads(2));
  fflush(stdout);
  child = fork();
  if (child == 0) {
    checks_failed = 0;
    (void)first_weight();
    _exit(checks_failed != 0);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
  CHECK(nn_last_error_code() == NN_OK && nn_last_error()[0] == '\0');
  versions();
  last_errors();
  threads();
  seeds();
  locales();
  forking();
  nn_free(NULL);
  return check_end();
}
