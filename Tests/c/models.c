/* Building a model: layers by name, shapes, summary, configuration, weights. */
#include "check.h"

static void layers(void) {
  nn_layer *layer;
  char *json;
  int64_t shape[] = {28, 28}, none[] = {0};
  OK(nn_layer_new(&layer, "Dense", "{\"units\": 300, \"activation\": \"relu\", \"name\": \"hidden\"}"));
  CHECK(strcmp(nn_layer_name(layer), "hidden") == 0);
  CHECK(strcmp(nn_layer_class_name(layer), "Dense") == 0);
  CHECK(nn_layer_get_trainable(layer) == 1);
  OK(nn_layer_set_trainable(layer, 0));
  CHECK(nn_layer_get_trainable(layer) == 0);
  FAILS(nn_layer_set_trainable(layer, 2), NN_INVALID_ARGUMENT, "'trainable' must be 0 or 1, got 2");
  if (OK(nn_layer_config_json(&json, layer))) {
    nn_layer *copy;
    CHECK(strstr(json, "\"units\": 300") != NULL && strstr(json, "\"trainable\": false") != NULL);
    OK(nn_layer_new(&copy, "Dense", json));
    CHECK(strcmp(nn_layer_name(copy), "hidden") == 0 && nn_layer_get_trainable(copy) == 0);
    nn_layer_free(copy);
  }
  nn_free(json);
  nn_layer_free(layer);

  OK(nn_input(&layer, 2, shape));
  nn_layer_free(layer);
  OK(nn_flatten(&layer));
  nn_layer_free(layer);
  OK(nn_activation(&layer, "softmax"));
  nn_layer_free(layer);
  OK(nn_dense(&layer, 3, "elu"));
  nn_layer_free(layer);
  OK(nn_layer_new(&layer, "Flatten", ""));
  nn_layer_free(layer);
  if (OK(nn_layer_new(&layer, "Conv2D", "{\"filters\": 8, \"kernel_size\": 3, \"input_shape\": [28, 28, 1]}"))) {
    OK(nn_layer_config_json(&json, layer));
    CHECK(strstr(json, "\"kernel_size\": [3, 3]") != NULL && strstr(json, "\"strides\": [1, 1]") != NULL);
    nn_free(json);
    nn_layer_free(layer);
  }
  OK(nn_layer_new(&layer, "MaxPool2D", NULL));
  CHECK(strcmp(nn_layer_class_name(layer), "MaxPooling2D") == 0);
  nn_layer_free(layer);
  FAILS(nn_layer_new(&layer, "Conv2D", "{\"filters\": 8, \"kernel_size\": [3]}"),
      NN_INVALID_ARGUMENT, "'kernel_size' must be a positive integer or a list of two");

  FAILS(nn_layer_new(&layer, "Dence", "{\"units\": 1}"), NN_NOT_FOUND, "did you mean 'Dense'?");
  CHECK(layer == NULL);
  FAILS(nn_layer_new(&layer, "Dense", "{\"unit\": 1}"), NN_INVALID_ARGUMENT, "did you mean 'units'?");
  FAILS(nn_layer_new(&layer, "Dense", "{\"units\": -1}"),
      NN_INVALID_ARGUMENT, "'units' must be a positive integer, got -1");
  FAILS(nn_layer_new(&layer, "Dense", "{\"units\": \"many\"}"), NN_INVALID_ARGUMENT, "got 'many'");
  FAILS(nn_layer_new(&layer, "Dense", "{\"units\": 1e300}"), NN_INVALID_ARGUMENT, "'units'");
  FAILS(nn_layer_new(&layer, "Dense", "{\"units\": 1, \"activation\": \"rellu\"}"),
      NN_NOT_FOUND, "did you mean 'relu'?");
  FAILS(nn_layer_new(&layer, "Dense", NULL), NN_INVALID_ARGUMENT, "'units' is required");
  FAILS(nn_layer_new(&layer, "Dense", "{\"units\": 1"), NN_FORMAT, "argument 'config'");
  FAILS(nn_layer_new(&layer, "Dense", "[1]"), NN_FORMAT, "must be a JSON object");
  FAILS(nn_layer_new(&layer, "Dense", "{\"units\": \"\xff\"}"), NN_INVALID_ARGUMENT, "'config' is not valid UTF-8");
  FAILS(nn_layer_new(&layer, "\xc3(", NULL), NN_INVALID_ARGUMENT, "'class_name' is not valid UTF-8");
  FAILS(nn_layer_new(&layer, NULL, NULL), NN_INVALID_ARGUMENT, "'class_name' is NULL");
  FAILS(nn_dense(&layer, 0, NULL), NN_INVALID_ARGUMENT, "'units' must be a positive integer");
  FAILS(nn_dense(&layer, INT64_MIN, NULL), NN_INVALID_ARGUMENT, "'units'");
  FAILS(nn_dense(&layer, 1, "softmacks"), NN_NOT_FOUND, "did you mean 'softmax'?");
  FAILS(nn_activation(&layer, NULL), NN_INVALID_ARGUMENT, "'function' is NULL");
  FAILS(nn_input(&layer, 1, none), NN_SHAPE, "'input_shape'");
  FAILS(nn_input(&layer, -4, shape), NN_SHAPE, "'rank'");
  FAILS(nn_input(&layer, 1, NULL), NN_INVALID_ARGUMENT, "'shape' is NULL");
}

static nn_model *book(void) {
  nn_model *model;
  int64_t shape[] = {28, 28};
  nn_layer *layer;
  OK(nn_sequential_new(&model, "book"));
  OK(nn_input(&layer, 2, shape));
  OK(nn_model_add(model, layer));
  nn_layer_free(layer);
  OK(add(model, "Flatten", NULL));
  OK(add(model, "Dense", "{\"units\": 300, \"activation\": \"relu\", \"name\": \"first\"}"));
  OK(add(model, "Dense", "{\"units\": 10, \"activation\": \"softmax\", \"name\": \"second\"}"));
  return model;
}

static void building(void) {
  nn_model *model = book(), *copy;
  nn_layer *layer, *same;
  char *text, *json;
  int64_t count = 0, shape[NN_MAX_RANK], seven[] = {7}, negative[] = {-7};
  int32_t rank = 0;
  CHECK(strcmp(nn_model_name(model), "book") == 0);
  CHECK(nn_model_is_built(model) == 1);
  CHECK(nn_model_layer_count(model) == 3);
  OK(nn_model_count_params(&count, model));
  CHECK(count == 784 * 300 + 300 + 300 * 10 + 10);
  OK(nn_model_input_shape(shape, &rank, model));
  CHECK(rank == 2 && shape[0] == 28 && shape[1] == 28);
  OK(nn_model_output_shape(shape, &rank, model));
  CHECK(rank == 1 && shape[0] == 10);
  if (OK(nn_model_summary(&text, model)))
    CHECK(strstr(text, "Total params: 238,510") != NULL && strstr(text, "first (Dense)") != NULL);
  nn_free(text);

  OK(nn_model_layer(&layer, model, -1));
  OK(nn_model_layer_named(&same, model, "second"));
  CHECK(layer != same && strcmp(nn_layer_name(layer), nn_layer_name(same)) == 0);
  OK(nn_layer_set_trainable(layer, 0));
  CHECK(nn_layer_get_trainable(same) == 0);
  OK(nn_layer_set_trainable(same, 1));
  FAILS(nn_model_add(model, layer), NN_INVALID_ARGUMENT, "in the model already");
  nn_layer_free(layer);
  nn_layer_free(same);
  FAILS(nn_model_layer(&layer, model, 3), NN_NOT_FOUND, "'index' is 3, but the model has 3 layers");
  FAILS(nn_model_layer(&layer, model, INT32_MIN), NN_NOT_FOUND, "'index'");
  FAILS(nn_model_layer_named(&layer, model, "secund"), NN_NOT_FOUND, "did you mean 'second'?");
  FAILS(nn_model_layer_named(&layer, model, NULL), NN_INVALID_ARGUMENT, "'name' is NULL");
  CHECK(nn_model_get_trainable(model) == 1);
  OK(nn_model_set_trainable(model, 0));
  CHECK(nn_model_get_trainable(model) == 0);
  OK(nn_model_set_trainable(model, 1));
  FAILS(nn_model_build(model, 1, seven), NN_SHAPE, "(None, 28, 28), got (None, 7)");

  if (OK(nn_model_config_json(&json, model))) {
    OK(nn_model_from_json(&copy, json));
    CHECK(strcmp(nn_model_name(copy), "book") == 0 && nn_model_layer_count(copy) == 3 && nn_model_is_built(copy) == 1);
    nn_model_free(copy);
  }
  nn_free(json);
  OK(nn_model_from_json(&copy, "{\"layers\": [{\"class_name\": \"Dense\", \"config\": {\"units\": 2}}]}"));
  CHECK(nn_model_layer_count(copy) == 1);
  CHECK(nn_model_is_built(copy) == 0);
  FAILS(nn_model_input_shape(shape, &rank, copy), NN_STATE, "not built yet");
  FAILS(nn_model_output_shape(shape, &rank, copy), NN_STATE, "not built yet");
  FAILS(nn_model_count_params(&count, copy), NN_STATE, "not built yet");
  FAILS(nn_model_summary(&text, copy), NN_STATE, "not built");
  REFUSES(nn_model_weight_count(copy), -1, NN_STATE, "not built yet");
  FAILS(nn_model_build(copy, 1, negative), NN_SHAPE, "negative extent -7");
  OK(nn_model_build(copy, 1, seven));
  OK(nn_model_count_params(&count, copy));
  CHECK(count == 7 * 2 + 2);
  OK(nn_model_pop(copy));
  FAILS(nn_model_pop(copy), NN_STATE, "no layers");
  nn_model_free(copy);

  FAILS(nn_model_from_json(&copy, NULL), NN_INVALID_ARGUMENT, "'json' is NULL");
  FAILS(nn_model_from_json(&copy, "{\"layers\": 3}"), NN_INVALID_ARGUMENT, "list of layers");
  FAILS(nn_model_from_json(&copy, "{\"layers\": [3]}"), NN_INVALID_ARGUMENT, "layer 1");
  FAILS(nn_model_from_json(&copy, "{\"class_name\": \"Seq\", \"config\": {}}"), NN_NOT_SUPPORTED, "'Seq'");
  FAILS(nn_model_from_json(&copy, "{\"layers\": [{\"class_name\": \"Dens\"}]}"), NN_NOT_FOUND, "did you mean 'Dense'?");
  CHECK(copy == NULL);
  FAILS(nn_sequential_new(&copy, ""), NN_INVALID_ARGUMENT, "'name'");
  nn_model_free(model);
}

/* Layers live on in a second model, with their weights. */
static void sharing(void) {
  nn_model *first = book(), *second;
  nn_layer *layer;
  nn_tensor *weight, *seen;
  OK(nn_sequential_new(&second, NULL));
  OK(nn_model_layer(&layer, first, 0));
  OK(nn_model_add(second, layer));
  nn_layer_free(layer);
  OK(nn_model_layer(&layer, first, 1));
  OK(nn_model_add(second, layer));
  nn_layer_free(layer);
  OK(nn_model_get_weight(&weight, first, 1));
  nn_model_free(first);
  OK(nn_model_get_weight(&seen, second, 1));
  CHECK(nn_tensor_count(seen) == 300 && memcmp(nn_tensor_data(seen), nn_tensor_data(weight), 300 * sizeof(float)) == 0);
  nn_tensor_free(seen);
  nn_tensor_free(weight);
  nn_model_free(second);
}

static void weights(void) {
  nn_model *model = book();
  nn_tensor *all[4], *kernel, *wrong;
  int64_t shape[NN_MAX_RANK];
  int32_t rank, i;
  float *numbers = calloc(3000, sizeof *numbers);
  CHECK(nn_model_weight_count(model) == 4);
  CHECK(strcmp(nn_model_weight_name(model, 0), "first/kernel:0") == 0);
  CHECK(strcmp(nn_model_weight_name(model, 3), "second/bias:0") == 0);
  REFUSES(nn_model_weight_name(model, 4), NULL,
      NN_INVALID_ARGUMENT, "'index' is 4, expected 0 ... 3 (weight arrays)");
  OK(nn_model_weight_shape(shape, &rank, model, 2));
  CHECK(rank == 2 && shape[0] == 300 && shape[1] == 10);
  FAILS(nn_model_weight_shape(shape, &rank, model, -1), NN_INVALID_ARGUMENT, "'index' is -1");
  FAILS(nn_model_weight_shape(NULL, &rank, model, 0), NN_INVALID_ARGUMENT, "'shape' is NULL");
  FAILS(nn_model_get_weight(&kernel, model, 99), NN_INVALID_ARGUMENT, "'index' is 99");
  OK(nn_model_get_weights(all, 4, model));
  FAILS(nn_model_get_weights(all, 3, model), NN_INVALID_ARGUMENT, "'capacity' is 3");
  numbers[7] = 0.25f;
  kernel = floats(numbers, 2, 300, 10, 0);
  OK(nn_model_set_weight(model, 2, kernel));
  FAILS(nn_model_set_weight(model, 3, kernel), NN_SHAPE, "(10,)");
  OK(nn_model_get_weight(&wrong, model, 2));
  CHECK(((const float *)nn_tensor_data(wrong))[7] == 0.25f);
  /* All or none. */
  nn_tensor_free(wrong);
  wrong = all[3];
  all[3] = kernel;
  FAILS(nn_model_set_weights(model, all, 4), NN_SHAPE, "second/bias");
  all[3] = wrong;
  OK(nn_model_get_weight(&wrong, model, 2));
  CHECK(((const float *)nn_tensor_data(wrong))[7] == 0.25f);
  nn_tensor_free(wrong);
  FAILS(nn_model_set_weights(model, all, 3), NN_SHAPE, "'count' is 3, but the model has 4");
  OK(nn_model_set_weights(model, all, 4));
  OK(nn_model_get_weight(&wrong, model, 2));
  CHECK(memcmp(nn_tensor_data(wrong), nn_tensor_data(all[2]), 3000 * sizeof(float)) == 0);
  nn_tensor_free(wrong);
  for (i = 0; i < 4; i++) nn_tensor_free(all[i]);
  nn_tensor_free(kernel);
  nn_model_free(model);
  free(numbers);
}

static void optimizers(void) {
  nn_optimizer *optimizer;
  double rate = 0;
  char *json;
  OK(nn_optimizer_new(&optimizer, "sgd", "{\"learning_rate\": 0.5, \"momentum\": 0.9}"));
  OK(nn_optimizer_get_learning_rate(&rate, optimizer));
  CHECK(rate == 0.5);
  OK(nn_optimizer_set_learning_rate(optimizer, 0.25));
  OK(nn_optimizer_get_learning_rate(&rate, optimizer));
  CHECK(rate == 0.25);
  FAILS(nn_optimizer_set_learning_rate(optimizer, -1), NN_INVALID_ARGUMENT, "'rate'");
  CHECK(nn_optimizer_iterations(optimizer) == 0);
  if (OK(nn_optimizer_config_json(&json, optimizer))) CHECK(strstr(json, "\"momentum\": 0.9") != NULL);
  nn_free(json);
  nn_optimizer_free(optimizer);
  FAILS(nn_optimizer_new(&optimizer, "sdg", NULL), NN_NOT_FOUND, "did you mean");
  FAILS(nn_optimizer_new(&optimizer, "SGD", "{\"momentun\": 0.5}"), NN_INVALID_ARGUMENT, "did you mean 'momentum'?");
  FAILS(nn_optimizer_new(&optimizer, NULL, NULL), NN_INVALID_ARGUMENT, "'name' is NULL");
  CHECK(optimizer == NULL);
}

static void catalog(void) {
  char *json;
  if (OK(nn_catalog_json(&json))) {
    CHECK(json[0] == '{');
    CHECK(strstr(json, "\"layers\"") && strstr(json, "\"Dense\"") && strstr(json, "\"kernel_initializer\""));
    CHECK(strstr(json, "\"optimizers\"") && strstr(json, "\"SGD\"") && strstr(json, "\"losses\""));
    CHECK(strstr(json, "\"functions\"") && strstr(json, "\"argmax\""));
  }
  nn_free(json);
}

int main(void) {
  layers();
  building();
  sharing();
  weights();
  optimizers();
  catalog();
  return check_end();
}
