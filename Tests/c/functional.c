/* Functional models, several inputs and outputs, weights of samples, sources of batches. */
#include "check.h"
#include <math.h>

enum { N = 24, W = 3 };
static float numbers[2][N * W];
static uint8_t kinds[N];
static float same[N];
static nn_tensor *a, *b, *y_same, *y_kind;

static void data(void) {
  int64_t shape[] = {N, W};
  unsigned state = 7;
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < N * W; i++) {
      state = state * 1664525u + 1013904223u;
      numbers[k][i] = (float)(state >> 8) / 8388608.0f - 1.0f;
    }
  for (int i = 0; i < N; i++) {
    kinds[i] = (uint8_t)(i % 3);
    same[i] = (float)(i % 2);
  }
  OK(nn_tensor_new(&a, NN_FLOAT32, 2, shape, numbers[0]));
  OK(nn_tensor_new(&b, NN_FLOAT32, 2, shape, numbers[1]));
  OK(nn_tensor_new(&y_same, NN_FLOAT32, 1, shape, same));
  OK(nn_tensor_new(&y_kind, NN_UINT8, 1, shape, kinds));
}

/* Two inputs through one shared layer, joined, two outputs. */
static nn_model *twins(void) {
  int64_t width[] = {W}, shape[NN_MAX_RANK];
  int32_t rank = 0;
  nn_layer *shared, *join, *first, *second;
  nn_output *in[2], *mid[2], *both, *out[2];
  nn_model *model = NULL;
  OK(nn_output_input(&in[0], 1, width, "a"));
  OK(nn_output_input(&in[1], 1, width, "b"));
  OK(nn_layer_new(&shared, "Dense", "{\"units\": 4, \"activation\": \"tanh\", \"name\": \"shared\"}"));
  OK(nn_layer_new(&join, "Concatenate", NULL));
  OK(nn_layer_new(&first, "Dense", "{\"units\": 1, \"activation\": \"sigmoid\", \"name\": \"same\"}"));
  OK(nn_layer_new(&second, "Dense", "{\"units\": 3, \"activation\": \"softmax\", \"name\": \"kind\"}"));
  OK(nn_layer_call(&mid[0], 1, shared, &in[0], 1));
  OK(nn_layer_call(&mid[1], 1, shared, &in[1], 1));
  OK(nn_layer_call(&both, 1, join, mid, 2));
  OK(nn_output_shape(shape, &rank, both));
  CHECK(rank == 1 && shape[0] == 8);
  OK(nn_layer_call(&out[0], 1, first, &both, 1));
  OK(nn_layer_call(&out[1], 1, second, &both, 1));
  FAILS(nn_layer_call(&both, 0, join, mid, 2), NN_INVALID_ARGUMENT, "'capacity' is 0");
  FAILS(nn_layer_call(&both, 1, join, mid, 1), NN_SHAPE, "Concatenate takes two or more inputs");
  FAILS(nn_layer_call(&both, 1, join, NULL, 2), NN_INVALID_ARGUMENT, "'inputs' is NULL");
  FAILS(nn_model_new(&model, NULL, in, 1, out, 2), NN_INVALID_ARGUMENT, "the outputs depend on the input 'b'");
  OK(nn_model_new(&model, "twins", in, 2, out, 2));
  for (int i = 0; i < 2; i++) {
    nn_output_free(in[i]);
    nn_output_free(mid[i]);
    nn_output_free(out[i]);
  }
  nn_output_free(both);
  nn_layer_free(shared);
  nn_layer_free(join);
  nn_layer_free(first);
  nn_layer_free(second);
  return model;
}

static const char *two_losses =
    "{\"loss\": {\"same\": \"binary_crossentropy\", \"kind\": \"sparse_categorical_crossentropy\"},"
    " \"loss_weights\": [1, 0.5], \"optimizer\": \"adam\", \"metrics\": {\"kind\": \"accuracy\"}}";

static void structure(void) {
  nn_model *model = twins(), *again, *clone;
  int64_t shape[NN_MAX_RANK], count = 0, other = 0;
  int32_t rank = 0;
  char *json, *summary;
  CHECK(nn_model_input_count(model) == 2 && nn_model_output_count(model) == 2);
  CHECK(strcmp(nn_model_input_name(model, 1), "b") == 0 && strcmp(nn_model_output_name(model, 0), "same") == 0);
  OK(nn_model_output_shape_at(shape, &rank, model, 1));
  CHECK(rank == 1 && shape[0] == 3);
  OK(nn_model_input_shape_at(shape, &rank, model, 1));
  CHECK(rank == 1 && shape[0] == W);
  FAILS(nn_model_input_shape_at(shape, &rank, model, 2), NN_INVALID_ARGUMENT, "expected 0 ... 1");
  OK(nn_model_config_json(&json, model));
  OK(nn_model_from_json(&again, json));
  OK(nn_model_clone(&clone, model));
  OK(nn_model_count_params(&count, again));
  OK(nn_model_count_params(&other, clone));
  CHECK(count == 16 + 9 + 27 && other == count);
  OK(nn_model_summary(&summary, model));
  CHECK(strstr(summary, "Connected to") != NULL && strstr(summary, "shared[1][0]") != NULL);
  nn_free(summary);
  nn_free(json);
  nn_model_free(model);
  nn_model_free(again);
  nn_model_free(clone);
}

static nn_samples samples(nn_tensor **x, nn_tensor **y) {
  nn_samples s = NN_SAMPLES_INIT;
  x[0] = a;
  x[1] = b;
  y[0] = y_same;
  y[1] = y_kind;
  s.x = x;
  s.y = y;
  s.x_count = s.y_count = 2;
  return s;
}

static void training(void) {
  nn_model *model = twins();
  nn_tensor *x[2], *y[2], *p[2], *q[2];
  nn_samples s = samples(x, y);
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_history *history = NULL;
  double before[4], after[4];
  int64_t epochs = 0;
  OK(nn_model_compile(model, NULL, two_losses));
  CHECK(nn_model_metric_count(model) == 4);
  CHECK(strcmp(nn_model_metric_name(model, 2), "kind_loss") == 0);
  OK(nn_model_evaluate_samples(before, 4, model, &s, 0));
  CHECK(fabs(before[0] - (before[1] + 0.5 * before[2])) < 1e-5);
  options.epochs = 20;
  options.batch_size = 8;
  options.validation = &s;
  options.validation_freq = 4;
  OK(nn_model_fit_samples(&history, model, &s, &options));
  CHECK(nn_history_values(&epochs, history, "val_kind_loss") != NULL && epochs == 5);
  nn_history_free(history);
  OK(nn_model_train_on_samples(after, 4, model, &s, NULL));
  CHECK(after[0] < before[0]);
  FAILS(nn_model_train_on_samples(after, 4, model, &s, "{\"0\": 1}"), NN_NOT_SUPPORTED, "one output");
  OK(nn_model_predict_all(p, 2, model, x, 2, 5));
  OK(nn_model_call_all(q, 2, model, x, 2, 0));
  CHECK(memcmp(nn_tensor_data(p[1]), nn_tensor_data(q[1]), N * 3 * sizeof(float)) == 0);
  for (int i = 0; i < 2; i++) {
    nn_tensor_free(p[i]);
    nn_tensor_free(q[i]);
  }
  FAILS(nn_model_predict_all(p, 1, model, x, 2, 0), NN_INVALID_ARGUMENT, "has 2 outputs");
  FAILS(nn_model_predict_all(p, 2, model, x, 1, 0), NN_SHAPE, "takes 2 inputs (a, b), got 1");
  s.y_count = 1;
  FAILS(nn_model_evaluate_samples(before, 4, model, &s, 0), NN_SHAPE, "expected 2 tensors of labels, got 1");
  s.x_count = -1;
  FAILS(nn_model_fit_samples(NULL, model, &s, NULL), NN_INVALID_ARGUMENT, "samples.x");
  FAILS(nn_model_fit_samples(NULL, model, NULL, NULL), NN_INVALID_ARGUMENT, "'samples' is NULL");
  nn_model_free(model);
}

static nn_model *classifier(void) {
  nn_model *model;
  OK(nn_set_seed(3));
  OK(nn_model_from_json(&model, "{\"layers\": [{\"class_name\": \"Dense\", \"config\": {\"units\": 3, "
                                "\"activation\": \"softmax\", \"input_shape\": [3]}}]}"));
  OK(nn_model_compile(model, NULL, "{\"loss\": \"sparse_categorical_crossentropy\", \"optimizer\": \"sgd\"}"));
  return model;
}

struct feed {
  nn_tensor *x[3], *y[3];
  int next, endless, fails;
};

static int32_t batches(nn_samples *batch, void *user) {
  struct feed *f = user;
  int i = f->next++;
  if (f->fails) return NN_IO;
  if (f->endless) i %= 3;
  else if (i == 3) {
    f->next = 0;
    return 0;
  }
  batch->x = &f->x[i];
  batch->y = &f->y[i];
  batch->x_count = batch->y_count = 1;
  return 1;
}

static void sources(void) {
  struct feed f;
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_model *rows = classifier(), *made = classifier(), *endless = classifier();
  nn_tensor *w[3];
  double values[1], other[1];
  memset(&f, 0, sizeof f);
  for (int i = 0; i < 3; i++) {
    int64_t shape[] = {8, W};
    OK(nn_tensor_new(&f.x[i], NN_FLOAT32, 2, shape, numbers[0] + 8 * W * i));
    OK(nn_tensor_new(&f.y[i], NN_UINT8, 1, shape, kinds + 8 * i));
  }
  options.epochs = 3;
  OK(nn_model_fit_source(NULL, made, batches, &f, &options));
  f.endless = 1;
  options.steps_per_epoch = 3;
  OK(nn_model_fit_source(NULL, endless, batches, &f, &options));
  options.steps_per_epoch = 0;
  options.batch_size = 8;
  options.in_order = 1;
  OK(nn_model_fit(NULL, rows, a, y_kind, &options));
  OK(nn_model_get_weight(&w[0], rows, 0));
  OK(nn_model_get_weight(&w[1], made, 0));
  OK(nn_model_get_weight(&w[2], endless, 0));
  CHECK(memcmp(nn_tensor_data(w[0]), nn_tensor_data(w[1]), 9 * sizeof(float)) == 0);
  CHECK(memcmp(nn_tensor_data(w[0]), nn_tensor_data(w[2]), 9 * sizeof(float)) == 0);
  FAILS(nn_model_fit_source(NULL, made, batches, &f, &options), NN_INVALID_ARGUMENT, "options.batch_size must be 0");
  f.next = 0;
  OK(nn_model_evaluate_source(values, 1, made, batches, &f, 3));
  OK(nn_model_evaluate(other, 1, made, a, y_kind, 8));
  CHECK(values[0] == other[0]);
  f.fails = 1;
  options.batch_size = 0;
  FAILS(nn_model_fit_source(NULL, made, batches, &f, &options), NN_IO, "the source of batches returned -4");
  FAILS(nn_model_fit_source(NULL, made, NULL, &f, &options), NN_INVALID_ARGUMENT, "'source' is NULL");
  for (int i = 0; i < 3; i++) {
    nn_tensor_free(f.x[i]);
    nn_tensor_free(f.y[i]);
    nn_tensor_free(w[i]);
  }
  nn_model_free(rows);
  nn_model_free(made);
  nn_model_free(endless);
}

static void weights(void) {
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_model *by_class = classifier(), *by_sample = classifier();
  float each[N];
  int64_t n[] = {N};
  nn_tensor *weight, *w[2], *classes;
  double values[1], tested[1];
  for (int i = 0; i < N; i++) each[i] = kinds[i] == 1 ? 2.5f : 1.0f;
  OK(nn_tensor_new(&weight, NN_FLOAT32, 1, n, each));
  options.in_order = 1;
  options.class_weight = "{\"0\": 1, \"1\": 2.5, \"2\": 1}";
  OK(nn_model_fit(NULL, by_class, a, y_kind, &options));
  options.class_weight = NULL;
  options.sample_weight = weight;
  OK(nn_model_fit(NULL, by_sample, a, y_kind, &options));
  OK(nn_model_get_weight(&w[0], by_class, 0));
  OK(nn_model_get_weight(&w[1], by_sample, 0));
  CHECK(memcmp(nn_tensor_data(w[0]), nn_tensor_data(w[1]), 9 * sizeof(float)) == 0);
  options.sample_weight = NULL;
  options.class_weight = "{\"0\": 1}";
  FAILS(nn_model_fit(NULL, by_class, a, y_kind, &options), NN_INVALID_ARGUMENT, "no weight for the class 1");
  options.class_weight = "{\"zero\": 1}";
  FAILS(nn_model_fit(NULL, by_class, a, y_kind, &options), NN_INVALID_ARGUMENT, "class indices");
  options.class_weight = NULL;
  options.validation_freq = 2;
  FAILS(nn_model_fit(NULL, by_class, a, y_kind, &options), NN_INVALID_ARGUMENT, "validation_freq");
  OK(nn_model_evaluate(values, 1, by_class, a, y_kind, 0));
  OK(nn_model_test_on_batch(tested, 1, by_class, a, y_kind));
  CHECK(fabs(values[0] - tested[0]) < 1e-6);
  OK(nn_model_predict_classes(&classes, by_class, a, 0));
  CHECK(nn_tensor_dtype(classes) == NN_INT32);
  nn_tensor_free(classes);
  nn_tensor_free(w[0]);
  nn_tensor_free(w[1]);
  nn_tensor_free(weight);
  nn_model_free(by_class);
  nn_model_free(by_sample);
}

/* A model in a model shares its layers. */
static void nested(void) {
  nn_model *body = classifier(), *stack;
  nn_layer *layer, *inner;
  OK(nn_sequential_new(&stack, "stack"));
  OK(nn_model_as_layer(&layer, body));
  OK(nn_model_add(stack, layer));
  CHECK(nn_model_is_built(stack) == 1);
  CHECK(strcmp(nn_layer_class_name(layer), "Sequential") == 0);
  OK(nn_layer_set_trainable(layer, 0));
  CHECK(nn_model_get_trainable(body) == 0);
  OK(nn_model_layer(&inner, stack, 0));
  CHECK(nn_layer_get_trainable(inner) == 0);
  nn_layer_free(inner);
  nn_layer_free(layer);
  nn_model_free(body);
  nn_model_free(stack);
}

int main(void) {
  data();
  structure();
  training();
  sources();
  weights();
  nested();
  nn_tensor_free(a);
  nn_tensor_free(b);
  nn_tensor_free(y_same);
  nn_tensor_free(y_kind);
  return check_end();
}
