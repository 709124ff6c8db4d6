/* On a processor that is too old for the library every call must say so, and none may crash;
   elsewhere every call works. Run also under "qemu-x86_64 -cpu Nehalem". */
#include "check.h"

int main(void) {
  int works = strstr(nn_build_info(), "none") == NULL;
  const char *text = "this processor is too old: the library needs x86-64-v3";
  const int64_t two[] = {2};
  nn_tensor *tensor = NULL;
  nn_layer *layer = NULL;
  nn_model *model = NULL;
  nn_model *wild = (nn_model *)(uintptr_t)0x19;
  char *json = NULL;
  printf("%s\n", nn_build_info());
  CHECK(nn_version_number() == NN_VERSION_NUMBER && nn_version()[0] != '\0' && nn_strerror(NN_SHAPE)[0] != '\0');
  if (works) {
    OK(nn_require(NN_VERSION_NUMBER));
    OK(nn_tensor_new(&tensor, NN_FLOAT32, 1, two, NULL));
    OK(nn_dense(&layer, 3, "relu"));
    OK(nn_sequential_new(&model, NULL));
    OK(nn_catalog_json(&json));
    CHECK(nn_num_threads() >= 1);
    CHECK(nn_fashion_mnist_class_name(1) != NULL);
  } else {
    FAILS(nn_require(NN_VERSION_NUMBER), NN_NOT_SUPPORTED, text);
    FAILS(nn_tensor_new(&tensor, NN_FLOAT32, 1, two, NULL), NN_NOT_SUPPORTED, text);
    FAILS(nn_dense(&layer, 3, "relu"), NN_NOT_SUPPORTED, text);
    FAILS(nn_sequential_new(&model, NULL), NN_NOT_SUPPORTED, text);
    FAILS(nn_catalog_json(&json), NN_NOT_SUPPORTED, text);
    REFUSES(nn_num_threads(), -1, NN_NOT_SUPPORTED, text);
    REFUSES(nn_fashion_mnist_class_name(1), NULL, NN_NOT_SUPPORTED, text);
    REFUSES(nn_model_name(wild), NULL, NN_NOT_SUPPORTED, text);
    FAILS(nn_model_fit(NULL, wild, NULL, NULL, NULL), NN_NOT_SUPPORTED, text);
  }
  nn_tensor_free(tensor);
  nn_layer_free(layer);
  nn_model_free(model);
  nn_model_free(wild);
  nn_free(json);
  return check_end();
}
