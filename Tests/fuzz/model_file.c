/* libFuzzer's entry: any bytes as a model file, and as weights for a model. An error or a valid model; anything else is a fault. */
#include <nn.h>
#include <stdlib.h>

static nn_model *target;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  const char *json = "{\"layers\": [{\"class_name\": \"Dense\", \"config\": {\"units\": 3, \"input_shape\": [4]}}]}";
  (void)argc;
  (void)argv;
  if (nn_model_from_json(&target, json) != NN_OK) abort();
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  nn_model *model;
  if (nn_model_load_buffer(&model, data, size, NULL) == NN_OK && model == NULL) abort();
  nn_model_free(model);
  (void)nn_model_load_weights_buffer(target, data, size, NULL);
  (void)nn_model_load_weights_buffer(target, data, size, "{\"by_name\": true, \"skip_mismatch\": true}");
  return 0;
}
