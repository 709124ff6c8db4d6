/* The same as losses.lua, from C. */
#include <nn.h>
#include <stdio.h>
#include <stdlib.h>

static void must(nn_status status) {
  if (status == NN_OK) return;
  fprintf(stderr, "%s\n", nn_last_error());
  exit(1);
}

/* Layers are the model's own once added. */
static void add(nn_model *model, nn_layer *layer) {
  must(nn_model_add(model, layer));
  nn_layer_free(layer);
}

int main(int argc, char **argv) {
  static const char *const keys[] = {"loss", "accuracy", "val_loss", "val_accuracy"};
  const float byte = 255;
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_tensor *images, *labels, *x, *y, *operands[2];
  nn_layer *layer;
  nn_model *model;
  nn_history *history;
  size_t key;
  int64_t epoch, epochs;

  must(nn_set_num_threads(argc > 1 ? atoi(argv[1]) : 0));
  must(nn_set_seed(7));
  must(nn_fashion_mnist_load(&images, &labels, NULL, NULL, NULL));
  must(nn_tensor_slice(&operands[0], images, 0, 2000));
  must(nn_tensor_new(&operands[1], NN_FLOAT32, 0, NULL, &byte));
  must(nn_tensor_apply(&x, "divide", 2, operands, NULL));
  must(nn_tensor_slice(&y, labels, 0, 2000));

  must(nn_sequential_new(&model, NULL));
  must(nn_layer_new(&layer, "Flatten", "{\"input_shape\": [28, 28]}"));
  add(model, layer);
  must(nn_dense(&layer, 300, "relu"));
  add(model, layer);
  must(nn_dense(&layer, 100, "relu"));
  add(model, layer);
  must(nn_dense(&layer, 10, "softmax"));
  add(model, layer);
  must(nn_model_compile(
      model, NULL,
      "{\"loss\": \"sparse_categorical_crossentropy\", \"optimizer\": \"sgd\", \"metrics\": [\"accuracy\"]}"));

  options.epochs = 2;
  options.validation_split = 0.1;
  must(nn_model_fit(&history, model, x, y, &options));
  for (key = 0; key < sizeof keys / sizeof keys[0]; key++) {
    const double *values = nn_history_values(&epochs, history, keys[key]);
    if (values == NULL) must(nn_last_error_code());
    for (epoch = 0; epoch < epochs; epoch++) printf("%s %a\n", keys[key], values[epoch]);
  }

  nn_history_free(history);
  nn_model_free(model);
  nn_tensor_free(x);
  nn_tensor_free(y);
  nn_tensor_free(operands[0]);
  nn_tensor_free(operands[1]);
  nn_tensor_free(images);
  nn_tensor_free(labels);
  return 0;
}
