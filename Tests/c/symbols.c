/* Layers whose function is the caller's, over tensors whose numbers come later. */
#include "check.h"

#include <math.h>

/* What a function does, and how often it was called and released. */
typedef struct {
  const char *mode;
  nn_tensor *kept;
  int calls, trainings, released;
} job;

static void released(void *user) { ((job *)user)->released++; }

static nn_status apply(nn_tensor **result, const char *name, nn_tensor *a, nn_tensor *b) {
  nn_tensor *operands[2];
  operands[0] = a;
  operands[1] = b;
  return nn_tensor_apply(result, name, b ? 2 : 1, operands, NULL);
}

/* x * 2 + 1, a constant mixed in; with looks at all that a symbol has and has not. */
static nn_status line(nn_tensor **result, nn_tensor *const *inputs, int32_t count, int32_t training, void *user) {
  job *j = user;
  float two = 2, one = 1, copy[8];
  double item;
  int64_t flat[] = {-1};
  nn_status status;
  nn_tensor *factor, *shift, *product, *other;
  j->calls++;
  j->trainings += training;
  CHECK(count == 1 && nn_tensor_rank(inputs[0]) == 2 && nn_tensor_shape(inputs[0])[1] == 3);
  CHECK(nn_tensor_dtype(inputs[0]) == NN_FLOAT32);
  CHECK(nn_tensor_count(inputs[0]) == 3 * nn_tensor_shape(inputs[0])[0]);
  REFUSES(nn_tensor_data(inputs[0]), NULL, NN_STATE, "has no numbers yet");
  FAILS(nn_tensor_read(copy, sizeof copy, inputs[0]), NN_STATE, "has no numbers yet");
  FAILS(nn_tensor_item(&item, inputs[0]), NN_STATE, "computed when the model runs");
  FAILS(nn_tensor_astype(&other, inputs[0], NN_INT32), NN_STATE, "has no numbers yet");
  FAILS(nn_tensor_reshape(&other, inputs[0], 1, (int64_t[]){5}), NN_SHAPE, "(5,)");
  OK(nn_tensor_reshape(&other, inputs[0], 1, flat));
  CHECK(nn_tensor_rank(other) == 1);
  nn_tensor_free(other);
  OK(nn_tensor_slice(&other, inputs[0], 0, 1));
  CHECK(nn_tensor_shape(other)[0] == 1);
  nn_tensor_free(other);
  FAILS(nn_tensor_slice(&other, inputs[0], 0, 1000000), NN_SHAPE, "1000000");
  if (strcmp(j->mode, "fails") == 0) return apply(result, "matmul", inputs[0], inputs[0]);
  if (strcmp(j->mode, "refuses") == 0) return NN_NOT_SUPPORTED;
  if (strcmp(j->mode, "nothing") == 0) return NN_OK;
  if (strcmp(j->mode, "same") == 0) return *result = inputs[0], NN_OK;
  if (strcmp(j->mode, "keeps") == 0) {
    OK(apply(&j->kept, "square", inputs[0], NULL));
    return apply(result, "square", inputs[0], NULL);
  }
  factor = floats(&two, 0, 0, 0, 0);
  shift = floats(&one, 0, 0, 0, 0);
  OK(apply(&product, "multiply", inputs[0], factor));
  status = apply(result, "add", product, shift);
  nn_tensor_free(factor);
  nn_tensor_free(shift);
  nn_tensor_free(product);
  return status;
}

static nn_model *model_with(job *j, nn_status expected, const char *text) {
  nn_model *model;
  nn_layer *layer;
  OK(nn_sequential_new(&model, "m"));
  OK(nn_lambda(&layer, line, released, j, "{\"name\": \"lambda\", \"input_shape\": [3]}"));
  if (expected == NN_OK) {
    OK(nn_model_add(model, layer));
  } else {
    FAILS(nn_model_add(model, layer), expected, text);
  }
  nn_layer_free(layer);
  return model;
}

static void computing(void) {
  static const float numbers[] = {1, 2, 3, 4, 5, 6};
  job j = {"line", NULL, 0, 0, 0};
  nn_model *model = model_with(&j, NN_OK, NULL), *copy;
  nn_tensor *x = floats(numbers, 2, 2, 3, 0), *y;
  char *json;
  int i, called;
  CHECK(j.calls == 1 && j.trainings == 0);
  OK(nn_model_predict(&y, model, x, 0));
  for (i = 0; i < 6; i++) CHECK(((const float *)nn_tensor_data(y))[i] == 2 * numbers[i] + 1);
  nn_tensor_free(y);
  called = j.calls;
  OK(nn_model_predict(&y, model, x, 0));
  CHECK(j.calls == called);
  nn_tensor_free(y);
  OK(nn_model_call(&y, model, x, 1));
  CHECK(j.trainings == 1);
  nn_tensor_free(y);
  OK(nn_model_config_json(&json, model));
  CHECK(strstr(json, "\"Lambda\"") != NULL);
  FAILS(nn_model_from_json(&copy, json), NN_NOT_SUPPORTED, "a file cannot carry code");
  nn_free(json);
  CHECK(j.released == 0);
  nn_model_free(model);
  CHECK(j.released == 1);
  nn_tensor_free(x);
}

/* A file holds the function's name, and only a registered name loads. */
static void files(void) {
  static const float numbers[] = {1, 2, 3};
  job j = {"line", NULL, 0, 0, 0}, other = {"line", NULL, 0, 0, 0};
  nn_model *model = model_with(&j, NN_OK, NULL), *again;
  nn_tensor *x = floats(numbers, 2, 1, 3, 0), *y;
  void *bytes;
  size_t size;
  int i;
  FAILS(nn_model_save_buffer(&bytes, &size, model, "keras"), NN_NOT_SUPPORTED, "a function without a name");
  OK(nn_register_function("other", line, NULL, &other));
  FAILS(nn_model_save_buffer(&bytes, &size, model, "keras"), NN_NOT_SUPPORTED, "a function without a name");
  OK(nn_register_function("twice_and_one", line, released, &j));
  OK(nn_model_save_buffer(&bytes, &size, model, "keras"));
  nn_model_free(model);
  CHECK(j.released == 1); /* the layer's; the name's comes later */
  OK(nn_model_load_buffer(&model, bytes, size, NULL));
  OK(nn_model_predict(&y, model, x, 0));
  for (i = 0; i < 3; i++) CHECK(((const float *)nn_tensor_data(y))[i] == 2 * numbers[i] + 1);
  nn_tensor_free(y);
  OK(nn_register_function("twice_and_one", NULL, NULL, NULL));
  CHECK(j.released == 1);
  FAILS(nn_model_load_buffer(&again, bytes, size, NULL), NN_NOT_FOUND, "'twice_and_one' is a function of the user's");
  nn_model_free(model);
  CHECK(j.released == 2);
  nn_free(bytes);
  nn_tensor_free(x);
  OK(nn_register_function("other", NULL, NULL, NULL));
  FAILS(nn_register_function("", line, NULL, &j), NN_INVALID_ARGUMENT, "'name' is empty");
  FAILS(nn_register_function(NULL, line, NULL, &j), NN_INVALID_ARGUMENT, "'name' is NULL");
}

/* The weight before the function learns through it: d/dw (2 w x + 1 - y)^2. */
static void gradient(void) {
  static const float numbers[] = {1, 2, 3}, targets[] = {0};
  job j = {"line", NULL, 0, 0, 0};
  nn_model *model;
  nn_layer *layer;
  nn_tensor *x = floats(numbers, 2, 1, 3, 0), *y = floats(targets, 2, 1, 1, 0), *weight;
  double loss[1];
  OK(nn_sequential_new(&model, NULL));
  OK(nn_lambda(&layer, line, NULL, &j, "{\"input_shape\": [3]}"));
  OK(nn_model_add(model, layer));
  nn_layer_free(layer);
  OK(add(model, "Dense", "{\"units\": 1, \"use_bias\": false, \"kernel_initializer\": \"ones\"}"));
  OK(nn_model_compile(model, NULL, "{\"loss\": \"mse\", \"optimizer\": {\"class_name\": \"SGD\", \"config\": {\"learning_rate\": 0.01}}}"));
  OK(nn_model_train_on_batch(loss, 1, model, x, y));
  CHECK(fabs(loss[0] - 225) < 1e-4); /* 3 + 5 + 7 */
  OK(nn_model_get_weight(&weight, model, 0));
  CHECK(fabs(((const float *)nn_tensor_data(weight))[0] - (1 - 0.01f * 2 * 15 * 3)) < 1e-5);
  nn_tensor_free(weight);
  nn_tensor_free(x);
  nn_tensor_free(y);
  nn_model_free(model);
}

static void refusals(void) {
  static const float numbers[] = {1, 2, 3};
  job fails = {"fails", NULL, 0, 0, 0}, refuses = {"refuses", NULL, 0, 0, 0}, nothing = {"nothing", NULL, 0, 0, 0},
      same = {"same", NULL, 0, 0, 0}, keeps = {"keeps", NULL, 0, 0, 0}, unused = {"line", NULL, 0, 0, 0};
  nn_layer *layer;
  nn_model *model;
  nn_tensor *x = floats(numbers, 2, 1, 3, 0), *y;
  nn_model_free(model_with(&fails, NN_SHAPE, "m/lambda: the function: nn_tensor_apply: matmul"));
  nn_model_free(model_with(&refuses, NN_NOT_SUPPORTED, "returned the status -8"));
  nn_model_free(model_with(&nothing, NN_INVALID_ARGUMENT, "'result' is NULL"));
  CHECK(fails.released == 1 && refuses.released == 1 && nothing.released == 1);
  model = model_with(&same, NN_OK, NULL);
  OK(nn_model_predict(&y, model, x, 0));
  CHECK(memcmp(nn_tensor_data(y), numbers, sizeof numbers) == 0);
  nn_tensor_free(y);
  nn_model_free(model);
  model = model_with(&keeps, NN_OK, NULL);
  FAILS(nn_tensor_apply(&y, "square", 1, &keeps.kept, NULL), NN_STATE, "kept from a function that has returned");
  nn_tensor_free(keeps.kept);
  nn_model_free(model);
  FAILS(nn_lambda(&layer, NULL, NULL, NULL, NULL), NN_INVALID_ARGUMENT, "'function' is NULL");
  FAILS(nn_lambda(&layer, line, released, &unused, "{\"nam\": \"x\"}"), NN_INVALID_ARGUMENT, "did you mean 'name'");
  FAILS(nn_lambda(&layer, line, released, &unused, "{\"function\": \"x\"}"), NN_INVALID_ARGUMENT, "must not name");
  CHECK(layer == NULL && unused.released == 0);
  FAILS(nn_layer_new(&layer, "Lambda", "{\"function\": \"<CFunction>\"}"), NN_NOT_SUPPORTED, "cannot carry code");
  nn_tensor_free(x);
}

/* Layers that learn from data before training. */
static void adapting(void) {
  static const float numbers[] = {0, 7, 4, 2, 9, 6, 0, 7, 4, 2, 9, 6};
  nn_layer *layer, *dense;
  nn_model *model;
  nn_tensor *x = floats(numbers, 2, 4, 3, 0), *y;
  int i;
  OK(nn_layer_new(&layer, "Normalization", NULL));
  OK(nn_layer_adapt(layer, x));
  OK(nn_sequential_new(&model, NULL));
  OK(nn_model_add(model, layer));
  OK(nn_model_predict(&y, model, x, 0));
  for (i = 0; i < 12; i++) CHECK(((const float *)nn_tensor_data(y))[i] == ((i / 3) % 2 ? 1 : -1));
  nn_tensor_free(y);
  FAILS(nn_layer_adapt(layer, NULL), NN_INVALID_ARGUMENT, "'x' is NULL");
  FAILS(nn_layer_adapt(NULL, x), NN_INVALID_ARGUMENT, "'layer' is NULL");
  OK(nn_dense(&dense, 1, NULL));
  FAILS(nn_layer_adapt(dense, x), NN_NOT_SUPPORTED, "Dense learns nothing from data");
  nn_layer_free(dense);
  nn_layer_free(layer);
  nn_model_free(model);
  nn_tensor_free(x);
}

/* An embedding from its JSON: wrong indices are named before training. */
static void embedding(void) {
  static const float good[] = {0, 9, 3, 3}, bad[] = {0, 9, 10, 3}, targets[] = {1, 0};
  nn_model *model;
  nn_tensor *x = floats(good, 2, 2, 2, 0), *wrong = floats(bad, 2, 2, 2, 0), *y = floats(targets, 2, 2, 1, 0);
  double loss[1];
  OK(nn_sequential_new(&model, NULL));
  OK(add(model, "Embedding", "{\"input_dim\": 10, \"output_dim\": 4, \"input_length\": 2}"));
  OK(add(model, "Flatten", NULL));
  OK(add(model, "Dense", "{\"units\": 1}"));
  OK(nn_model_compile(model, NULL, "{\"loss\": \"mse\", \"optimizer\": \"sgd\"}"));
  OK(nn_model_train_on_batch(loss, 1, model, x, y));
  CHECK(isfinite(loss[0]));
  FAILS(nn_model_fit(NULL, model, wrong, y, NULL), NN_INVALID_ARGUMENT, "x has the index 10 at row 1");
  nn_tensor_free(x);
  nn_tensor_free(wrong);
  nn_tensor_free(y);
  nn_model_free(model);
}

int main(void) {
  computing();
  files();
  gradient();
  refusals();
  adapting();
  embedding();
  return check_end();
}
