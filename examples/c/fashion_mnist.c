/* The book's first network on Fashion-MNIST, from C.

     cc -std=c99 fashion_mnist.c $(pkg-config --cflags --libs nn) -o fashion_mnist
     ./fashion_mnist [epochs [seed [threads]]]

   Numbers come in full precision: the same seed gives the same ones from Lua, and on any number of threads. Ctrl-C ends
   the training after the present batch; the model is evaluated as it is then. */
#include <nn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static nn_model *model;

static void must(nn_status status) {
  if (status == NN_OK) return;
  fprintf(stderr, "%s\n", nn_last_error());
  exit(1);
}

static void interrupted(int signal) {
  (void)signal;
  nn_cancel(model);
}

/* The model keeps the layer. */
static void add(nn_layer *layer) {
  must(nn_model_add(model, layer));
  nn_layer_free(layer);
}

/* One line for each epoch. */
static int32_t progress(const nn_event *event, void *user) {
  int32_t i;
  (void)user;
  if (event->kind == NN_EVENT_EPOCH_END) {
    printf("epoch %d/%d", (int)event->epoch + 1, (int)event->epochs);
    for (i = 0; i < event->value_count; i++) printf("  %s %.9g", event->names[i], event->values[i]);
    printf("\n");
    fflush(stdout);
  }
  return 0;
}

/* Images as floats in 0 ... 1. */
static nn_tensor *scaled(nn_tensor *images) {
  const float brightest = 255;
  nn_tensor *operands[2], *result;
  operands[0] = images;
  must(nn_tensor_new(&operands[1], NN_FLOAT32, 0, NULL, &brightest));
  must(nn_tensor_apply(&result, "divide", 2, operands, NULL));
  nn_tensor_free(operands[1]);
  return result;
}

static nn_tensor *rows(const nn_tensor *tensor, int64_t first, int64_t end) {
  nn_tensor *slice;
  must(nn_tensor_slice(&slice, tensor, first, end));
  return slice;
}

static long argument(int argc, char **argv, int index, const char *variable, long otherwise) {
  const char *text = argc > index ? argv[index] : variable != NULL ? getenv(variable) : NULL;
  char *end;
  long number;
  if (text == NULL) return otherwise;
  number = strtol(text, &end, 10);
  if (end == text || *end != '\0' || number < 0 || number > 1000000) {
    fprintf(stderr, "usage: %s [epochs [seed [threads]]]\n", argv[0]);
    exit(2);
  }
  return number;
}

int main(int argc, char **argv) {
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_tensor *images, *labels, *test_images, *test_labels, *all, *x, *y, *test_x;
  nn_layer *layer;
  nn_status status;
  const int64_t shape[] = {28, 28};
  double values[2];
  char *summary;

  options.epochs = argument(argc, argv, 1, "NN_EXAMPLE_EPOCHS", 20);
  must(nn_set_seed((uint64_t)argument(argc, argv, 2, NULL, 42)));
  must(nn_set_num_threads((int32_t)argument(argc, argv, 3, NULL, 0)));

  /* The first 5,000 images are for validation. */
  must(nn_fashion_mnist_load(&images, &labels, &test_images, &test_labels, NULL));
  all = scaled(images);
  test_x = scaled(test_images);
  x = rows(all, 5000, 60000);
  y = rows(labels, 5000, 60000);
  options.validation_x = rows(all, 0, 5000);
  options.validation_y = rows(labels, 0, 5000);

  must(nn_sequential_new(&model, NULL));
  must(nn_input(&layer, 2, shape));
  add(layer);
  must(nn_flatten(&layer));
  add(layer);
  must(nn_dense(&layer, 300, "relu"));
  add(layer);
  must(nn_dense(&layer, 100, "relu"));
  add(layer);
  must(nn_dense(&layer, 10, "softmax"));
  add(layer);
  must(nn_model_summary(&summary, model));
  printf("%s\n", summary);
  nn_free(summary);

  must(nn_model_compile(
      model, NULL,
      "{\"loss\": \"sparse_categorical_crossentropy\", \"metrics\": [\"accuracy\"],"
      " \"optimizer\": {\"class_name\": \"SGD\", \"config\": {\"learning_rate\": 0.01}}}"));
  options.callback = progress;
  options.epochs_only = 1;
  signal(SIGINT, interrupted);
  status = nn_model_fit(NULL, model, x, y, &options);
  signal(SIGINT, SIG_DFL);
  if (status == NN_CANCELLED) printf("%s\n", nn_last_error());
  else must(status);

  must(nn_model_evaluate(values, 2, model, test_x, test_labels, 0));
  printf("test  loss %.9g  accuracy %.9g\n", values[0], values[1]);

  nn_tensor_free((nn_tensor *)options.validation_x);
  nn_tensor_free((nn_tensor *)options.validation_y);
  nn_tensor_free(images);
  nn_tensor_free(labels);
  nn_tensor_free(test_images);
  nn_tensor_free(test_labels);
  nn_tensor_free(all);
  nn_tensor_free(x);
  nn_tensor_free(y);
  nn_tensor_free(test_x);
  nn_model_free(model);
  return 0;
}
