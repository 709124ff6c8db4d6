/* What a model is asked beyond predict: Monte Carlo dropout, normalization folded away; and the search for a rate. */
#include "check.h"
#include "classifier.h"

/* Monte Carlo dropout: mean and deviation of what one dropped input can do, and the same bits again. */
static void monte_carlo(void) {
  /* y = 2 x, dropped with probability 1/2: 0 or 4 x. Mean 2 x, deviation 2 x. */
  const float one[] = {1.5f}, two[] = {2.0f};
  nn_tensor *input = floats(one, 2, 1, 1, 0), *kernel = floats(two, 2, 1, 1, 0), *mean, *deviation, *again, *unused;
  nn_model *model;
  float m, d;
  OK(nn_sequential_new(&model, NULL));
  OK(add(model, "Dropout", "{\"rate\": 0.5, \"input_shape\": [1]}"));
  OK(add(model, "Dense", "{\"units\": 1, \"use_bias\": false}"));
  OK(nn_model_set_weight(model, 0, kernel));
  OK(nn_set_seed(5));
  OK(nn_model_predict_mc(&mean, &deviation, model, input, 10000, 0));
  m = *(const float *)nn_tensor_data(mean);
  d = *(const float *)nn_tensor_data(deviation);
  /* Five standard errors of a mean of 10,000. */
  CHECK(fabsf(m - 3.0f) < 0.15f && fabsf(d - 3.0f) < 0.01f);
  nn_tensor_free(deviation);
  OK(nn_set_seed(5));
  OK(nn_model_predict_mc(&again, &deviation, model, input, 10000, 0));
  CHECK(*(const float *)nn_tensor_data(again) == m && *(const float *)nn_tensor_data(deviation) == d);
  FAILS(nn_model_predict_mc(NULL, &unused, model, input, 0, 0), NN_INVALID_ARGUMENT, "'mean' is NULL");
  FAILS(nn_model_predict_mc(&unused, NULL, model, input, 0, 0), NN_INVALID_ARGUMENT, "'deviation' is NULL");
  FAILS(nn_model_predict_mc(&unused, &unused, model, input, -1, 0), NN_INVALID_ARGUMENT, "'samples'");
  FAILS(nn_model_predict_mc(&unused, &unused, model, input, 0, -1), NN_INVALID_ARGUMENT, "'batch_size'");
  nn_tensor_free(mean);
  nn_tensor_free(deviation);
  nn_tensor_free(again);
  nn_tensor_free(input);
  nn_tensor_free(kernel);
  nn_model_free(model);
  model = classifier(NULL);
  FAILS(nn_model_predict_mc(&mean, &deviation, model, x, 0, 0), NN_STATE, "nothing is random");
  nn_model_free(model);
}

/* Normalization inside the Dense next to it; the rates that could be used. */
static void folding_and_search(void) {
  nn_model *model, *folded;
  nn_tensor *p, *q, *rates, *losses, *before, *after;
  int i;
  OK(nn_sequential_new(&model, NULL));
  FAILS(nn_model_fold_batch_normalization(&folded, model), NN_STATE, "not built");
  OK(add(model, "BatchNormalization", "{\"input_shape\": [4]}"));
  OK(add(model, "Dense", "{\"units\": 8, \"activation\": \"elu\"}"));
  OK(add(model, "BatchNormalization", NULL));
  OK(add(model, "Dense", "{\"units\": 3, \"activation\": \"softmax\"}"));
  FAILS(nn_model_find_learning_rate(&rates, &losses, model, x, y, NULL), NN_STATE, "compile");
  OK(nn_model_compile(model, NULL, usual));
  OK(nn_model_fit(NULL, model, x, y, NULL));
  OK(nn_model_fold_batch_normalization(&folded, model));
  CHECK(nn_model_layer_count(folded) == 2 && nn_model_layer_count(model) == 4);
  OK(nn_model_predict(&p, model, x, 0));
  OK(nn_model_predict(&q, folded, x, 0));
  for (i = 0; i < SAMPLES * CLASSES; i++)
    CHECK(fabsf(((const float *)nn_tensor_data(p))[i] - ((const float *)nn_tensor_data(q))[i]) < 1e-5f);
  nn_tensor_free(p);
  nn_tensor_free(q);
  nn_model_free(folded);

  OK(nn_model_get_weight(&before, model, 0));
  OK(nn_model_find_learning_rate(
      &rates, &losses, model, x, y, "{\"min_rate\": 0.001, \"max_rate\": 0.1, \"batch_size\": 10}"));
  CHECK(nn_tensor_count(rates) == 10 && nn_tensor_count(losses) == 10);
  /* Half way between the rates: 0.01. */
  CHECK(fabsf(((const float *)nn_tensor_data(rates))[5] - 0.01f) < 1e-7f);
  OK(nn_model_get_weight(&after, model, 0));
  CHECK(memcmp(nn_tensor_data(before), nn_tensor_data(after), 4 * sizeof(float)) == 0);
  nn_tensor_free(before);
  nn_tensor_free(after);
  nn_tensor_free(rates);
  nn_tensor_free(losses);
  FAILS(nn_model_find_learning_rate(&rates, &losses, model, x, y, "{\"min_rate\": -1}"), NN_INVALID_ARGUMENT,
        "'min_rate'");
  FAILS(nn_model_find_learning_rate(NULL, &losses, model, x, y, NULL), NN_INVALID_ARGUMENT, "'rates' is NULL");
  nn_model_free(model);
}

int main(void) {
  data();
  monte_carlo();
  folding_and_search();
  nn_tensor_free(x);
  nn_tensor_free(y);
  return check_end();
}
