/* Data sets, IDX files (also broken ones), splitting. */
#include "check.h"

static const char *const path = "build/test-data.idx";

static void write_file(const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
    perror(path);
    exit(2);
  }
}

static void fashion_mnist(void) {
  nn_tensor *x_train, *y_train, *x_test, *y_test;
  OK(nn_fashion_mnist_load(&x_train, &y_train, &x_test, &y_test, NULL));
  CHECK(nn_tensor_dtype(x_train) == NN_UINT8 && nn_tensor_rank(x_train) == 3 &&
      nn_tensor_count(x_train) == 60000 * 784);
  CHECK(nn_tensor_count(y_train) == 60000 && nn_tensor_count(x_test) == 10000 * 784 &&
      nn_tensor_count(y_test) == 10000);
  CHECK(((const uint8_t *)nn_tensor_data(y_train))[0] == 9);
  nn_tensor_free(x_train);
  nn_tensor_free(y_train);
  nn_tensor_free(x_test);
  nn_tensor_free(y_test);
  OK(nn_fashion_mnist_load(NULL, NULL, NULL, &y_test, "/usr/share/datasets/fashion-mnist"));
  nn_tensor_free(y_test);
  FAILS(nn_fashion_mnist_load(&x_train, NULL, NULL, NULL, "/no/such/folder"), NN_NOT_FOUND, "dataset-fashion-mnist");
  CHECK(x_train == NULL);
  FAILS(nn_fashion_mnist_load(&x_train, NULL, NULL, NULL, "\xff"), NN_INVALID_ARGUMENT, "not valid UTF-8");
  CHECK(strcmp(nn_fashion_mnist_class_name(0), "T-shirt/top") == 0);
  CHECK(strcmp(nn_fashion_mnist_class_name(9), "Ankle boot") == 0);
  REFUSES(nn_fashion_mnist_class_name(10), NULL, NN_NOT_FOUND, "'label' is 10, expected 0 ... 9");
  REFUSES(nn_fashion_mnist_class_name(-1), NULL, NN_NOT_FOUND, "'label' is -1");
}

static void idx(void) {
  static const unsigned char good[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};
  static const unsigned char huge[] = {0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255, 1};
  static const unsigned char numbers[] = {0, 0, 12, 1, 0, 0, 0, 1, 0, 0, 1, 2};
  nn_tensor *t;
  size_t size;
  write_file(good, sizeof good);
  OK(nn_idx_read(&t, path));
  CHECK(nn_tensor_rank(t) == 2 && memcmp(nn_tensor_data(t), good + 12, 6) == 0);
  nn_tensor_free(t);
  write_file(numbers, sizeof numbers);
  OK(nn_idx_read(&t, path));
  CHECK(nn_tensor_dtype(t) == NN_INT32 && ((const int32_t *)nn_tensor_data(t))[0] == 258);
  nn_tensor_free(t);
  for (size = 0; size < sizeof good; size++) {
    write_file(good, size);
    CHECK(nn_idx_read(&t, path) == NN_FORMAT && t == NULL && strstr(nn_last_error(), path) != NULL);
  }
  write_file(huge, sizeof huge);
  CHECK(nn_idx_read(&t, path) == NN_FORMAT && t == NULL);
  write_file("GIF89a", 6);
  FAILS(nn_idx_read(&t, path), NN_FORMAT, "is not an IDX file");
  remove(path);
  CHECK(nn_idx_read(&t, path) == NN_NOT_FOUND || nn_last_error_code() == NN_IO);
  CHECK(nn_idx_read(&t, "build") != NN_OK && t == NULL);
  FAILS(nn_idx_read(&t, NULL), NN_INVALID_ARGUMENT, "'path' is NULL");
}

static void splitting(void) {
  float numbers[20];
  nn_tensor *both[2], *train[2], *test[2], *again, *rest;
  int i;
  for (i = 0; i < 20; i++) numbers[i] = (float)i;
  both[0] = floats(numbers, 2, 10, 2, 0);
  both[1] = floats(numbers, 1, 10, 0, 0);
  OK(nn_train_test_split(train, test, 2, both, "{\"test_size\": 0.3, \"seed\": 5}"));
  CHECK(nn_tensor_shape(train[0])[0] == 7 && nn_tensor_shape(test[1])[0] == 3);
  for (i = 0; i < 3; i++) {
    CHECK(((const float *)nn_tensor_data(test[0]))[2 * i] == 2 * ((const float *)nn_tensor_data(test[1]))[i]);
  }
  OK(nn_train_test_split(&rest, &again, 1, both, "{\"test_size\": 3, \"random_state\": 5}"));
  CHECK(memcmp(nn_tensor_data(again), nn_tensor_data(test[0]), 24) == 0);
  nn_tensor_free(again);
  nn_tensor_free(rest);
  for (i = 0; i < 2; i++) {
    nn_tensor_free(train[i]);
    nn_tensor_free(test[i]);
  }
  FAILS(nn_train_test_split(train, test, 2, both, "{\"test_sice\": 0.3}"),
      NN_INVALID_ARGUMENT, "did you mean 'test_size'?");
  FAILS(nn_train_test_split(train, test, 2, both, "{\"test_size\": 1.5}"), NN_INVALID_ARGUMENT, "'test_size' must be");
  FAILS(nn_train_test_split(train, test, 2, both, "{\"test_size\": 10}"), NN_INVALID_ARGUMENT, "10 rows");
  FAILS(nn_train_test_split(train, test, 0, both, NULL), NN_INVALID_ARGUMENT, "no tensors");
  FAILS(nn_train_test_split(train, test, INT32_MAX, both, NULL), NN_INVALID_ARGUMENT, "'count'");
  FAILS(nn_train_test_split(NULL, test, 2, both, NULL), NN_INVALID_ARGUMENT, "'train' is NULL");
  FAILS(nn_train_test_split(train, test, 2, NULL, NULL), NN_INVALID_ARGUMENT, "'tensors' is NULL");
  nn_tensor_free(both[1]);
  OK(nn_tensor_slice(&both[1], both[0], 0, 4));
  FAILS(nn_train_test_split(train, test, 2, both, NULL), NN_SHAPE, "has 4 rows, the first has 10");
  nn_tensor_free(both[0]);
  nn_tensor_free(both[1]);
}

int main(void) {
  fashion_mnist();
  idx();
  splitting();
  return check_end();
}
