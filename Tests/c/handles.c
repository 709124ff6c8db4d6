/* What is not a live handle of the right type is refused by every function that takes one. */
#include "check.h"

static nn_tensor *tensor, *targets;
static nn_layer *layer;
static nn_optimizer *optimizer;
static nn_model *model;
static nn_history *history;

static void make(void) {
  static const float numbers[] = {1, 2, 3, 4};
  tensor = floats(numbers, 2, 2, 2, 0);
  OK(nn_dense(&layer, 1, NULL));
  OK(nn_optimizer_new(&optimizer, "sgd", NULL));
  OK(nn_sequential_new(&model, "model"));
  OK(add(model, "Dense", "{\"units\": 1, \"input_shape\": [2]}"));
  OK(nn_model_compile(model, optimizer, "{\"loss\": \"mse\"}"));
  targets = floats(numbers, 2, 2, 1, 0);
  OK(nn_model_fit(&history, model, tensor, targets, NULL));
}

static void release(void) {
  nn_tensor_free(tensor);
  nn_tensor_free(targets);
  nn_layer_free(layer);
  nn_optimizer_free(optimizer);
  nn_model_free(model);
  nn_history_free(history);
}

/* All functions that take a tensor, with one that they must refuse. */
static void refuse_tensor(nn_tensor *bad, const char *text) {
  nn_tensor *out, *pair[2], *parts[2];
  double value;
  char byte;
  int64_t one[] = {1};
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  pair[0] = tensor;
  pair[1] = bad;
  REFUSES(nn_tensor_dtype(bad), -1, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_tensor_rank(bad), -1, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_tensor_count(bad), -1, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_tensor_shape(bad), NULL, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_tensor_data(bad), NULL, NN_INVALID_ARGUMENT, text);
  FAILS(nn_tensor_read(&byte, 1, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_tensor_item(&value, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_tensor_slice(&out, bad, 0, 1), NN_INVALID_ARGUMENT, text);
  FAILS(nn_tensor_take(&out, bad, 1, one), NN_INVALID_ARGUMENT, text);
  FAILS(nn_tensor_reshape(&out, bad, 1, one), NN_INVALID_ARGUMENT, text);
  FAILS(nn_tensor_astype(&out, bad, NN_INT32), NN_INVALID_ARGUMENT, text);
  FAILS(nn_tensor_apply(&out, "add", 2, pair, NULL), NN_INVALID_ARGUMENT, text);
  FAILS(nn_train_test_split(parts, parts, 2, pair, NULL), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_fit(NULL, model, bad, tensor, NULL), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_fit(NULL, model, tensor, bad, NULL), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_evaluate(&value, 1, model, tensor, bad, 0), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_train_on_batch(&value, 1, model, bad, tensor), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_predict(&out, model, bad, 0), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_call(&out, model, bad, 0), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_set_weight(model, 0, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_set_weights(model, pair, 2), NN_INVALID_ARGUMENT, text);
  if (bad != NULL) {
    options.validation_x = tensor;
    options.validation_y = bad;
    FAILS(nn_model_fit(NULL, model, tensor, tensor, &options), NN_INVALID_ARGUMENT, text);
  }
}

static void refuse_layer(nn_layer *bad, const char *text) {
  char *json;
  REFUSES(nn_layer_name(bad), NULL, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_layer_class_name(bad), NULL, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_layer_get_trainable(bad), -1, NN_INVALID_ARGUMENT, text);
  FAILS(nn_layer_set_trainable(bad, 1), NN_INVALID_ARGUMENT, text);
  FAILS(nn_layer_config_json(&json, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_add(model, bad), NN_INVALID_ARGUMENT, text);
}

static void refuse_optimizer(nn_optimizer *bad, const char *text) {
  double rate;
  char *json;
  FAILS(nn_optimizer_get_learning_rate(&rate, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_optimizer_set_learning_rate(bad, 0.1), NN_INVALID_ARGUMENT, text);
  REFUSES(nn_optimizer_iterations(bad), -1, NN_INVALID_ARGUMENT, text);
  FAILS(nn_optimizer_config_json(&json, bad), NN_INVALID_ARGUMENT, text);
  if (bad != NULL) FAILS(nn_model_compile(model, bad, "{\"loss\": \"mse\"}"), NN_INVALID_ARGUMENT, text);
}

static void refuse_model(nn_model *bad, const char *text) {
  char *json;
  int64_t count, shape[NN_MAX_RANK];
  int32_t rank;
  double value;
  nn_tensor *out;
  nn_layer *inner;
  nn_optimizer *own;
  REFUSES(nn_model_name(bad), NULL, NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_config_json(&json, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_add(bad, layer), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_pop(bad), NN_INVALID_ARGUMENT, text);
  REFUSES(nn_model_layer_count(bad), -1, NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_layer(&inner, bad, 0), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_layer_named(&inner, bad, "dense"), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_build(bad, 0, NULL), NN_INVALID_ARGUMENT, text);
  REFUSES(nn_model_is_built(bad), -1, NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_input_shape(shape, &rank, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_output_shape(shape, &rank, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_summary(&json, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_count_params(&count, bad), NN_INVALID_ARGUMENT, text);
  REFUSES(nn_model_get_trainable(bad), -1, NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_set_trainable(bad, 1), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_compile(bad, NULL, "{\"loss\": \"mse\"}"), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_optimizer(&own, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_fit(NULL, bad, tensor, tensor, NULL), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_train_on_batch(&value, 1, bad, tensor, tensor), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_evaluate(&value, 1, bad, tensor, tensor, 0), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_predict(&out, bad, tensor, 0), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_call(&out, bad, tensor, 0), NN_INVALID_ARGUMENT, text);
  REFUSES(nn_model_metric_count(bad), -1, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_model_metric_name(bad, 0), NULL, NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_explain(&json, bad), NN_INVALID_ARGUMENT, text);
  REFUSES(nn_model_weight_count(bad), -1, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_model_weight_name(bad, 0), NULL, NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_weight_shape(shape, &rank, bad, 0), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_get_weight(&out, bad, 0), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_set_weight(bad, 0, tensor), NN_INVALID_ARGUMENT, text);
  REFUSES(nn_model_get_weight_trainable(bad, 0), -1, NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_set_weight_trainable(bad, 0, 1), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_get_weights(&out, 1, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_set_weights(bad, &tensor, 1), NN_INVALID_ARGUMENT, text);
  REFUSES(nn_model_optimizer_weight_count(bad), -1, NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_get_optimizer_weights(&out, 1, bad), NN_INVALID_ARGUMENT, text);
  FAILS(nn_model_set_optimizer_weights(bad, &tensor, 1), NN_INVALID_ARGUMENT, text);
}

static void refuse_history(nn_history *bad, const char *text) {
  REFUSES(nn_history_epoch_count(bad), -1, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_history_key_count(bad), -1, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_history_key(bad, 0), NULL, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_history_values(NULL, bad, "loss"), NULL, NN_INVALID_ARGUMENT, text);
  REFUSES(nn_history_was_cancelled(bad), -1, NN_INVALID_ARGUMENT, text);
}

static void refuse_all(void *bad, const char *text) {
  refuse_tensor((nn_tensor *)bad, text);
  refuse_layer((nn_layer *)bad, text);
  refuse_optimizer((nn_optimizer *)bad, text);
  refuse_model((nn_model *)bad, text);
  refuse_history((nn_history *)bad, text);
}

/* No result goes to NULL. */
static void no_room(void) {
  double value;
  FAILS(nn_layer_new(NULL, "Dense", NULL), NN_INVALID_ARGUMENT, "'layer' is NULL");
  FAILS(nn_input(NULL, 0, NULL), NN_INVALID_ARGUMENT, "'layer' is NULL");
  FAILS(nn_dense(NULL, 1, NULL), NN_INVALID_ARGUMENT, "'layer' is NULL");
  FAILS(nn_flatten(NULL), NN_INVALID_ARGUMENT, "'layer' is NULL");
  FAILS(nn_activation(NULL, "relu"), NN_INVALID_ARGUMENT, "'layer' is NULL");
  FAILS(nn_optimizer_new(NULL, "sgd", NULL), NN_INVALID_ARGUMENT, "'optimizer' is NULL");
  FAILS(nn_optimizer_get_learning_rate(NULL, optimizer), NN_INVALID_ARGUMENT, "'rate' is NULL");
  FAILS(nn_model_from_json(NULL, "{}"), NN_INVALID_ARGUMENT, "'model' is NULL");
  FAILS(nn_model_config_json(NULL, model), NN_INVALID_ARGUMENT, "'json' is NULL");
  FAILS(nn_model_summary(NULL, model), NN_INVALID_ARGUMENT, "'text' is NULL");
  FAILS(nn_model_explain(NULL, model), NN_INVALID_ARGUMENT, "'text' is NULL");
  FAILS(nn_model_count_params(NULL, model), NN_INVALID_ARGUMENT, "'count' is NULL");
  FAILS(nn_model_input_shape(NULL, NULL, model), NN_INVALID_ARGUMENT, "'shape' is NULL");
  FAILS(nn_model_layer(NULL, model, 0), NN_INVALID_ARGUMENT, "'layer' is NULL");
  FAILS(nn_model_layer_named(NULL, model, "a"), NN_INVALID_ARGUMENT, "'layer' is NULL");
  FAILS(nn_model_optimizer(NULL, model), NN_INVALID_ARGUMENT, "'optimizer' is NULL");
  FAILS(nn_model_predict(NULL, model, tensor, 0), NN_INVALID_ARGUMENT, "'y' is NULL");
  FAILS(nn_model_evaluate(NULL, 1, model, tensor, tensor, 0), NN_INVALID_ARGUMENT, "'values' is NULL");
  FAILS(nn_model_evaluate(&value, 0, model, tensor, tensor, 0),
      NN_INVALID_ARGUMENT, "'capacity' is 0, but there are 1");
  FAILS(nn_model_get_weights(NULL, 9, model), NN_INVALID_ARGUMENT, "'weights' is NULL");
  FAILS(nn_model_set_weights(model, NULL, 9), NN_INVALID_ARGUMENT, "'weights' is NULL");
  FAILS(nn_model_get_optimizer_weights(NULL, 9, model), NN_INVALID_ARGUMENT, "'weights' is NULL");
  FAILS(nn_model_set_optimizer_weights(model, NULL, 9), NN_INVALID_ARGUMENT, "'weights' is NULL");
  FAILS(nn_catalog_json(NULL), NN_INVALID_ARGUMENT, "'json' is NULL");
  FAILS(nn_idx_read(NULL, "a"), NN_INVALID_ARGUMENT, "'tensor' is NULL");
  FAILS(nn_tensor_slice(NULL, tensor, 0, 1), NN_INVALID_ARGUMENT, "'slice' is NULL");
}

int main(void) {
  int on_the_stack = 0;
  char *on_the_heap = malloc(64);
  make();
  no_room();
  refuse_all(NULL, "is NULL");
  refuse_all(&on_the_stack, "never was a handle");
  refuse_all(on_the_heap, "never was a handle");
  refuse_all((void *)(uintptr_t)UINTPTR_MAX, "never was a handle");
  free(on_the_heap);

  refuse_layer((nn_layer *)tensor, "is a tensor, expected a layer");
  refuse_optimizer((nn_optimizer *)layer, "is a layer, expected an optimizer");
  refuse_model((nn_model *)optimizer, "is an optimizer, expected a model");
  refuse_history((nn_history *)model, "is a model, expected a history");
  refuse_tensor((nn_tensor *)model, "is a model, expected a tensor");
  CHECK(nn_cancel(NULL) == NN_INVALID_ARGUMENT);
  CHECK(nn_cancel((nn_model *)(void *)&on_the_stack) == NN_INVALID_ARGUMENT);
  CHECK(nn_cancel((nn_model *)tensor) == NN_INVALID_ARGUMENT);
  OK(nn_cancel(model));

  /* Freeing what is something else frees nothing. */
  nn_tensor_free((nn_tensor *)model);
  nn_model_free((nn_model *)tensor);
  nn_layer_free((nn_layer *)(void *)&on_the_stack);
  CHECK(nn_tensor_rank(tensor) == 2);
  CHECK(strcmp(nn_model_name(model), "model") == 0);

  {
    nn_tensor *t;
    nn_layer *l;
    nn_optimizer *o;
    nn_model *m;
    OK(nn_tensor_slice(&t, tensor, 0, 1));
    OK(nn_flatten(&l));
    OK(nn_optimizer_new(&o, "SGD", NULL));
    OK(nn_sequential_new(&m, NULL));
    nn_tensor_free(t);
    nn_layer_free(l);
    nn_optimizer_free(o);
    nn_model_free(m);
    refuse_tensor(t, "it was freed");
    refuse_layer(l, "it was freed");
    refuse_optimizer(o, "it was freed");
    refuse_model(m, "it was freed");
    OK(nn_cancel(m));
    nn_tensor_free(t);
    nn_layer_free(l);
    nn_optimizer_free(o);
    nn_model_free(m);
  }
  release();
  release();
  return check_end();
}
