/* Samples of three classes, and a small model for them. One program, one file: each includes this once, after check.h. */
#ifndef CLASSIFIER_H
#define CLASSIFIER_H

#include <math.h>

enum { SAMPLES = 100, FEATURES = 4, CLASSES = 3 };

static nn_tensor *x, *y;
static float features[SAMPLES * FEATURES];
static uint8_t labels[SAMPLES];

/* Classes that a linear model can tell apart. */
static void data(void) {
  unsigned state = 12345;
  int64_t shape[] = {SAMPLES};
  int i, j;
  for (i = 0; i < SAMPLES; i++) {
    labels[i] = (uint8_t)(i % CLASSES);
    for (j = 0; j < FEATURES; j++) {
      state = state * 1664525u + 1013904223u;
      features[i * FEATURES + j] = (float)(state >> 8) / 16777216.0f + (j == labels[i] ? 2.0f : 0.0f);
    }
  }
  x = floats(features, 2, SAMPLES, FEATURES, 0);
  OK(nn_tensor_new(&y, NN_UINT8, 1, shape, labels));
}

static nn_model *classifier(const char *options) {
  nn_model *model;
  OK(nn_set_seed(3));
  OK(nn_sequential_new(&model, NULL));
  OK(add(model, "Dense", "{\"units\": 8, \"activation\": \"relu\", \"input_shape\": [4]}"));
  OK(add(model, "Dense", "{\"units\": 3, \"activation\": \"softmax\"}"));
  if (options != NULL) OK(nn_model_compile(model, NULL, options));
  return model;
}

static const char *const usual =
    "{\"loss\": \"sparse_categorical_crossentropy\", \"metrics\": [\"accuracy\"],"
    " \"optimizer\": {\"class_name\": \"SGD\", \"config\": {\"learning_rate\": 0.1}}}";

#endif
