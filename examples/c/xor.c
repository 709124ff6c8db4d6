/* The smallest whole program: learns "exclusive or".   cc -std=c99 xor.c $(pkg-config --cflags --libs nn) && ./a.out */
#include <nn.h>
#include <stdio.h>

int main(void) {
  const float questions[] = {0, 0, 0, 1, 1, 0, 1, 1}, answers[] = {0, 1, 1, 0}, *probability;
  const int64_t pairs[] = {4, 2}, column[] = {4, 1};
  nn_fit_options options = NN_FIT_OPTIONS_INIT;
  nn_tensor *x, *y, *p;
  nn_layer *hidden, *output;
  nn_optimizer *sgd;
  nn_model *model;
  int i;

  /* Every call says by its status whether it worked: zero is good. When it is not, nn_last_error() has the reason. */
  options.epochs = 1000;
  if (nn_set_seed(1) || nn_tensor_new(&x, NN_FLOAT32, 2, pairs, questions) ||
      nn_tensor_new(&y, NN_FLOAT32, 2, column, answers) || nn_dense(&hidden, 8, "tanh") ||
      nn_dense(&output, 1, "sigmoid") || nn_sequential_new(&model, NULL) || nn_model_add(model, hidden) ||
      nn_model_add(model, output) || nn_optimizer_new(&sgd, "SGD", "{\"learning_rate\": 0.5}") ||
      nn_model_compile(model, sgd, "{\"loss\": \"binary_crossentropy\"}") ||
      nn_model_fit(NULL, model, x, y, &options) || nn_model_predict(&p, model, x, 0)) {
    fprintf(stderr, "%s\n", nn_last_error());
    return 1;
  }
  probability = nn_tensor_data(p);
  for (i = 0; i < 4; i++) {
    printf("%g xor %g: %.3f\n", questions[2 * i], questions[2 * i + 1], probability[i]);
  }

  nn_tensor_free(x);
  nn_tensor_free(y);
  nn_tensor_free(p);
  nn_layer_free(hidden);
  nn_layer_free(output);
  nn_optimizer_free(sgd);
  nn_model_free(model);
  return 0;
}
