/* Checks for the C programs in this folder: each goes on after a failure and ends with "N passed, N failed". */
#ifndef CHECK_H
#define CHECK_H

#include <nn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One program, one file: each includes this once. */
static int checks_passed, checks_failed;

static inline int check_that(int holds, const char *file, int line, const char *what) {
  if (holds) {
    checks_passed++;
  } else {
    checks_failed++;
    printf("%s:%d: failed: %s\n", file, line, what);
  }
  return holds;
}

static inline int check_ok(nn_status status, const char *file, int line, const char *what) {
  if (status == NN_OK) return check_that(1, file, line, what);
  printf("%s:%d: status %d: %s\n", file, line, (int)status, nn_last_error());
  return check_that(0, file, line, what);
}

/* A failure must have the right class, and a text of one line that names the call and contains what is expected. */
static inline int check_message(nn_status expected, const char *text, const char *file, int line, const char *what) {
  const char *error = nn_last_error();
  size_t name = strcspn(what, "(");
  int holds = nn_last_error_code() == expected && strstr(error, text) != NULL && strchr(error, '\n') == NULL &&
              strncmp(error, what, name) == 0 && error[name] == ':';
  if (!holds) printf("%s:%d: expected %d \"%s\", got %d \"%s\"\n", file, line, (int)expected, text,
                     (int)nn_last_error_code(), error);
  return check_that(holds, file, line, what);
}

static inline int check_fails(
    nn_status status, nn_status expected, const char *text, const char *file, int line, const char *what) {
  if (status != expected) {
    printf("%s:%d: expected status %d, got %d: %s\n", file, line, (int)expected, (int)status, nn_last_error());
    return check_that(0, file, line, what);
  }
  return check_message(expected, text, file, line, what);
}

#define CHECK(condition) check_that((condition) ? 1 : 0, __FILE__, __LINE__, #condition)
#define OK(call) check_ok(call, __FILE__, __LINE__, #call)
#define FAILS(call, expected, text) check_fails(call, expected, text, __FILE__, __LINE__, #call)
/* A getter that gives `failure` and sets the last error. */
#define REFUSES(call, failure, expected, text) \
  ((call) == (failure) ? check_message(expected, text, __FILE__, __LINE__, #call) \
                       : check_that(0, __FILE__, __LINE__, #call))

static inline int check_end(void) {
  printf("%d passed, %d failed\n", checks_passed, checks_failed);
  return checks_failed > 0 || checks_passed == 0;
}

/* A float32 tensor; the program ends when it cannot be had. */
static inline nn_tensor *floats(const float *data, int32_t rank, int64_t a, int64_t b, int64_t c) {
  nn_tensor *tensor;
  int64_t shape[3];
  shape[0] = a;
  shape[1] = b;
  shape[2] = c;
  if (nn_tensor_new(&tensor, NN_FLOAT32, rank, shape, data) != NN_OK) {
    printf("%s\n", nn_last_error());
    exit(2);
  }
  return tensor;
}

/* Makes a layer that belongs to the model alone. */
static inline nn_status add(nn_model *model, const char *class_name, const char *config) {
  nn_layer *layer;
  nn_status status = nn_layer_new(&layer, class_name, config);
  if (status == NN_OK) status = nn_model_add(model, layer);
  nn_layer_free(layer);
  return status;
}

#endif
