/* Tensors from and to the caller's memory. */
#include "check.h"

#include <math.h>

static const float six[] = {1, 2, 3, 4, 5, 6};
static const int64_t two_by_three[] = {2, 3};

static void reading(void) {
  nn_tensor *t, *scalar, *empty, *flags;
  float copy[6], seven = 7;
  double value;
  int64_t zero_rows[] = {0, 4}, four[] = {4};
  static const uint8_t truths[] = {0, 1, 2, 255};
  OK(nn_tensor_new(&t, NN_FLOAT32, 2, two_by_three, six));
  CHECK(nn_tensor_dtype(t) == NN_FLOAT32);
  CHECK(nn_tensor_rank(t) == 2);
  CHECK(nn_tensor_shape(t)[0] == 2 && nn_tensor_shape(t)[1] == 3);
  CHECK(nn_tensor_shape(t) == nn_tensor_shape(t));
  CHECK(nn_tensor_count(t) == 6);
  CHECK(nn_tensor_data(t) != six && memcmp(nn_tensor_data(t), six, sizeof six) == 0);
  OK(nn_tensor_read(copy, sizeof copy, t));
  CHECK(memcmp(copy, six, sizeof six) == 0);
  OK(nn_tensor_read(copy, SIZE_MAX, t));
  FAILS(nn_tensor_read(copy, sizeof copy - 1, t), NN_INVALID_ARGUMENT, "'size' is 23");
  FAILS(nn_tensor_read(NULL, 0, t), NN_INVALID_ARGUMENT, "'out' is NULL");
  FAILS(nn_tensor_item(&value, t), NN_SHAPE, "6 elements");
  nn_tensor_free(t);

  OK(nn_tensor_new(&scalar, NN_FLOAT32, 0, NULL, &seven));
  CHECK(nn_tensor_rank(scalar) == 0 && nn_tensor_count(scalar) == 1);
  CHECK(nn_tensor_shape(scalar) != NULL);
  OK(nn_tensor_item(&value, scalar));
  CHECK(value == 7);
  FAILS(nn_tensor_item(NULL, scalar), NN_INVALID_ARGUMENT, "'value' is NULL");
  nn_tensor_free(scalar);

  OK(nn_tensor_new(&empty, NN_INT32, 2, zero_rows, NULL));
  CHECK(nn_tensor_count(empty) == 0);
  OK(nn_tensor_read(copy, 0, empty));
  nn_tensor_free(empty);

  OK(nn_tensor_new(&flags, NN_BOOL, 1, four, truths));
  CHECK(memcmp(nn_tensor_data(flags), "\0\1\1\1", 4) == 0);
  nn_tensor_free(flags);

  OK(nn_tensor_new(&t, NN_UINT8, 1, four, NULL));
  CHECK(memcmp(nn_tensor_data(t), "\0\0\0\0", 4) == 0);
  nn_tensor_free(t);
}

static void refusals(void) {
  nn_tensor *t = (nn_tensor *)&t;
  int64_t negative[] = {2, -3}, huge[] = {INT64_MAX, INT64_MAX}, large[] = {INT64_C(1) << 45};
  FAILS(nn_tensor_new(NULL, NN_FLOAT32, 2, two_by_three, six), NN_INVALID_ARGUMENT, "'tensor' is NULL");
  FAILS(nn_tensor_new(&t, 9, 2, two_by_three, six), NN_INVALID_ARGUMENT, "'dtype' is 9, expected one of 0 (float32)");
  CHECK(t == NULL);
  FAILS(nn_tensor_new(&t, NN_FLOAT32, 2, NULL, six), NN_INVALID_ARGUMENT, "'shape' is NULL");
  FAILS(nn_tensor_new(&t, NN_FLOAT32, -1, two_by_three, six), NN_SHAPE, "'rank' must be 0 ... 8, got -1");
  FAILS(nn_tensor_new(&t, NN_FLOAT32, 9, two_by_three, six), NN_SHAPE, "got 9");
  FAILS(nn_tensor_new(&t, NN_FLOAT32, 2, negative, six), NN_SHAPE, "negative extent -3");
  FAILS(nn_tensor_new(&t, NN_FLOAT32, 2, huge, six), NN_SHAPE, "too large");
  FAILS(nn_tensor_new(&t, NN_FLOAT32, 1, large, NULL), NN_OUT_OF_MEMORY, "out of memory: ");
}

static int released;
static void release(void *data, void *user) {
  released += data == user;
}

static void borrowing(void) {
  static float numbers[6] = {1, 2, 3, 4, 5, 6};
  static uint8_t truths[] = {0, 1, 2};
  static int64_t misaligned[2];
  nn_tensor *t, *row;
  int64_t three[] = {3};
  OK(nn_tensor_borrow(&t, NN_FLOAT32, 2, two_by_three, numbers, release, numbers));
  CHECK(nn_tensor_data(t) == (const void *)numbers);
  OK(nn_tensor_slice(&row, t, 1, 2));
  CHECK(nn_tensor_data(row) == (const void *)(numbers + 3));
  nn_tensor_free(t);
  CHECK(released == 0);
  nn_tensor_free(row);
  CHECK(released == 1);
  FAILS(nn_tensor_borrow(&t, NN_BOOL, 1, three, truths, release, truths), NN_INVALID_ARGUMENT, "holds 2 at position 2");
  FAILS(nn_tensor_borrow(&t, NN_BOOL, 1, three, NULL, release, NULL), NN_INVALID_ARGUMENT, "'data' is NULL");
  FAILS(nn_tensor_borrow(&t, NN_INT32, 1, three, (char *)misaligned + 1, release, NULL),
      NN_INVALID_ARGUMENT, "aligned");
  CHECK(released == 1);
  OK(nn_tensor_borrow(&t, NN_FLOAT32, 2, two_by_three, numbers, NULL, NULL));
  nn_tensor_free(t);
}

static void rearranging(void) {
  nn_tensor *t = floats(six, 2, 2, 3, 0), *r, *wide;
  int64_t flat[] = {-1}, bad[] = {4, -1}, rows[] = {1, 1, 0}, beyond[] = {2};
  float nan_value = NAN;
  OK(nn_tensor_slice(&r, t, 1, 1));
  CHECK(nn_tensor_shape(r)[0] == 0);
  nn_tensor_free(r);
  FAILS(nn_tensor_slice(&r, t, 1, 3), NN_SHAPE, "outside 0..<2");
  CHECK(r == NULL);
  FAILS(nn_tensor_slice(&r, t, -1, 1), NN_SHAPE, "outside");
  FAILS(nn_tensor_slice(&r, t, 2, 1), NN_SHAPE, "'first' is 2");
  FAILS(nn_tensor_slice(&r, t, INT64_MIN, INT64_MAX), NN_SHAPE, "outside");
  OK(nn_tensor_take(&r, t, 3, rows));
  CHECK(nn_tensor_shape(r)[0] == 3 && ((const float *)nn_tensor_data(r))[0] == 4 &&
      ((const float *)nn_tensor_data(r))[8] == 3);
  nn_tensor_free(r);
  FAILS(nn_tensor_take(&r, t, 1, beyond), NN_SHAPE, "row 2");
  FAILS(nn_tensor_take(&r, t, -1, rows), NN_INVALID_ARGUMENT, "'count'");
  FAILS(nn_tensor_take(&r, t, 1, NULL), NN_INVALID_ARGUMENT, "'rows' is NULL");
  OK(nn_tensor_reshape(&r, t, 1, flat));
  CHECK(nn_tensor_rank(r) == 1 && nn_tensor_shape(r)[0] == 6 && nn_tensor_data(r) == nn_tensor_data(t));
  FAILS(nn_tensor_reshape(&wide, t, 2, bad), NN_SHAPE, "do not fit (4, -1)");
  FAILS(nn_tensor_reshape(&wide, t, 100, bad), NN_SHAPE, "'rank'");
  nn_tensor_free(t);
  /* r shares the memory of t, whose handle is gone. */
  CHECK(((const float *)nn_tensor_data(r))[5] == 6);
  OK(nn_tensor_astype(&wide, r, NN_UINT8));
  CHECK(((const uint8_t *)nn_tensor_data(wide))[5] == 6);
  FAILS(nn_tensor_astype(&t, wide, 17), NN_INVALID_ARGUMENT, "'dtype' is 17");
  nn_tensor_free(wide);
  nn_tensor_free(r);
  t = floats(&nan_value, 1, 1, 0, 0);
  FAILS(nn_tensor_astype(&r, t, NN_INT32), NN_INVALID_ARGUMENT, "does not fit int32");
  nn_tensor_free(t);
}

static void functions(void) {
  float ten = 10;
  nn_tensor *t = floats(six, 2, 2, 3, 0), *divisor, *pair[2], *r;
  OK(nn_tensor_new(&divisor, NN_FLOAT32, 0, NULL, &ten));
  pair[0] = t;
  pair[1] = divisor;
  OK(nn_tensor_apply(&r, "divide", 2, pair, NULL));
  CHECK(((const float *)nn_tensor_data(r))[4] == 5.0f / 10.0f && nn_tensor_rank(r) == 2);
  nn_tensor_free(r);
  OK(nn_tensor_apply(&r, "argmax", 1, &t, "{\"axis\": 1}"));
  CHECK(nn_tensor_dtype(r) == NN_INT32 && ((const int32_t *)nn_tensor_data(r))[1] == 2);
  nn_tensor_free(r);
  OK(nn_tensor_apply(&r, "mean", 1, &t, "{\"axis\": [0], \"keepdims\": true}"));
  CHECK(nn_tensor_shape(r)[0] == 1 && ((const float *)nn_tensor_data(r))[2] == 4.5f);
  nn_tensor_free(r);
  FAILS(nn_tensor_apply(&r, "divde", 2, pair, NULL), NN_NOT_FOUND, "did you mean 'divide'?");
  FAILS(nn_tensor_apply(&r, "mean", 1, &t, "{\"axes\": 0}"), NN_INVALID_ARGUMENT, "did you mean 'axis'?");
  FAILS(nn_tensor_apply(&r, "mean", 1, &t, "{\"axis\": 2}"), NN_SHAPE, "axis 2");
  FAILS(nn_tensor_apply(&r, "mean", 2, pair, NULL), NN_INVALID_ARGUMENT, "expected 1 tensors, got 2");
  FAILS(nn_tensor_apply(&r, "mean", 0, &t, NULL), NN_INVALID_ARGUMENT, "got 0");
  FAILS(nn_tensor_apply(&r, "mean", -1, &t, NULL), NN_INVALID_ARGUMENT, "'count'");
  FAILS(nn_tensor_apply(&r, "mean", 1, NULL, NULL), NN_INVALID_ARGUMENT, "'tensors' is NULL");
  FAILS(nn_tensor_apply(&r, "matmul", 2, pair, NULL), NN_SHAPE, "matmul");
  FAILS(nn_tensor_apply(&r, NULL, 2, pair, NULL), NN_INVALID_ARGUMENT, "'name' is NULL");
  CHECK(r == NULL);
  nn_tensor_free(divisor);
  nn_tensor_free(t);
}

/* Types meet as in NumPy; a function may take any number of tensors. */
static void types(void) {
  int32_t large[2] = {2147483647, 16777217};
  uint8_t small[2] = {200, 3};
  int64_t two = 2;
  nn_tensor *t, *bytes, *pair[3], *r;
  OK(nn_tensor_new(&t, NN_INT32, 1, &two, large));
  OK(nn_tensor_new(&bytes, NN_UINT8, 1, &two, small));
  pair[0] = t;
  pair[1] = bytes;
  pair[2] = bytes;
  OK(nn_tensor_apply(&r, "subtract", 2, pair, NULL));
  CHECK(nn_tensor_dtype(r) == NN_INT32 && ((const int32_t *)nn_tensor_data(r))[1] == 16777214);
  nn_tensor_free(r);
  OK(nn_tensor_apply(&r, "add", 2, pair + 1, NULL));
  CHECK(nn_tensor_dtype(r) == NN_UINT8 && ((const uint8_t *)nn_tensor_data(r))[0] == 144); /* 400 - 256 */
  nn_tensor_free(r);
  OK(nn_tensor_apply(&r, "gt", 2, pair, NULL));
  CHECK(nn_tensor_dtype(r) == NN_BOOL && ((const uint8_t *)nn_tensor_data(r))[1] == 1);
  nn_tensor_free(r);
  OK(nn_tensor_apply(&r, "concat", 3, pair, NULL));
  CHECK(nn_tensor_count(r) == 6 && ((const int32_t *)nn_tensor_data(r))[4] == 200);
  nn_tensor_free(r);
  OK(nn_tensor_apply(&r, "stack", 2, pair + 1, "{\"axis\": -1}"));
  CHECK(nn_tensor_rank(r) == 2 && ((const uint8_t *)nn_tensor_data(r))[1] == 200);
  nn_tensor_free(r);
  OK(nn_tensor_apply(&r, "unique", 1, pair + 1, NULL));
  CHECK(nn_tensor_dtype(r) == NN_UINT8 && ((const uint8_t *)nn_tensor_data(r))[0] == 3);
  nn_tensor_free(r);
  FAILS(nn_tensor_apply(&r, "sum", 1, &t, NULL), NN_INVALID_ARGUMENT, "2164260864 does not fit int32");
  FAILS(nn_tensor_apply(&r, "concat", 0, pair, NULL), NN_INVALID_ARGUMENT, "concat");
  nn_tensor_free(t);
  nn_tensor_free(bytes);
}

int main(void) {
  functions();
  types();
  reading();
  refusals();
  borrowing();
  rearranging();
  return check_end();
}
