/* Arithmetic on whole registers that Swift's SIMD types describe number by number: the optimizer then has to find the vectors again, and
   where it finds others (every second number, say) the function takes twice as long. */
#pragma once

typedef float ccpu_lane8 __attribute__((ext_vector_type(8)));
typedef float ccpu_lane16 __attribute__((ext_vector_type(16)));
typedef int ccpu_int8 __attribute__((ext_vector_type(8)));
typedef unsigned ccpu_unsigned8 __attribute__((ext_vector_type(8)));
typedef int ccpu_int16 __attribute__((ext_vector_type(16)));

#define CCPU_LANE_FUNCTION static inline __attribute__((always_inline, const))

#define CCPU_LANE_OPERATION(name, op) \
  CCPU_LANE_FUNCTION ccpu_lane8 ccpu_##name##8(ccpu_lane8 a, ccpu_lane8 b) { return a op b; } \
  CCPU_LANE_FUNCTION ccpu_lane16 ccpu_##name##16(ccpu_lane16 a, ccpu_lane16 b) { return a op b; }
CCPU_LANE_OPERATION(add, +)
CCPU_LANE_OPERATION(sub, -)
CCPU_LANE_OPERATION(mul, *)
CCPU_LANE_OPERATION(div, /)

/* a · b + c, rounded once. */
CCPU_LANE_FUNCTION ccpu_lane8 ccpu_fma8(ccpu_lane8 a, ccpu_lane8 b, ccpu_lane8 c) {
  return __builtin_elementwise_fma(a, b, c);
}
CCPU_LANE_FUNCTION ccpu_lane16 ccpu_fma16(ccpu_lane16 a, ccpu_lane16 b, ccpu_lane16 c) {
  return __builtin_elementwise_fma(a, b, c);
}

/* c - a · b, rounded once. */
CCPU_LANE_FUNCTION ccpu_lane8 ccpu_fnma8(ccpu_lane8 a, ccpu_lane8 b, ccpu_lane8 c) {
  return __builtin_elementwise_fma(-a, b, c);
}
CCPU_LANE_FUNCTION ccpu_lane16 ccpu_fnma16(ccpu_lane16 a, ccpu_lane16 b, ccpu_lane16 c) {
  return __builtin_elementwise_fma(-a, b, c);
}

/* The greater of two numbers; b, if one is not a number. */
CCPU_LANE_FUNCTION ccpu_lane8 ccpu_max8(ccpu_lane8 a, ccpu_lane8 b) { return a > b ? a : b; }
CCPU_LANE_FUNCTION ccpu_lane16 ccpu_max16(ccpu_lane16 a, ccpu_lane16 b) { return a > b ? a : b; }

CCPU_LANE_FUNCTION ccpu_lane8 ccpu_min8(ccpu_lane8 a, ccpu_lane8 b) { return a < b ? a : b; }

/* Whole numbers: the smaller of two, and the greater of two if the sign is just one more bit. */
CCPU_LANE_FUNCTION ccpu_int8 ccpu_least8(ccpu_int8 a, ccpu_int8 b) { return __builtin_elementwise_min(a, b); }
CCPU_LANE_FUNCTION ccpu_int8 ccpu_most_unsigned8(ccpu_int8 a, ccpu_int8 b) {
  return (ccpu_int8)__builtin_elementwise_max((ccpu_unsigned8)a, (ccpu_unsigned8)b);
}
CCPU_LANE_FUNCTION ccpu_int16 ccpu_least16(ccpu_int16 a, ccpu_int16 b) { return __builtin_elementwise_min(a, b); }

CCPU_LANE_FUNCTION ccpu_lane8 ccpu_converted8(ccpu_int8 v) { return __builtin_convertvector(v, ccpu_lane8); }
CCPU_LANE_FUNCTION ccpu_lane16 ccpu_converted16(ccpu_int16 v) { return __builtin_convertvector(v, ccpu_lane16); }

/* A bit for each float that is not 0. */
#define CCPU_NON_ZEROS(size, type) \
  typedef _Bool ccpu_bits##size __attribute__((ext_vector_type(size))); \
  CCPU_LANE_FUNCTION unsigned ccpu_non_zeros##size(ccpu_lane##size v) { \
    union { \
      ccpu_bits##size bits; \
      type number; \
    } result = {__builtin_convertvector(v != 0, ccpu_bits##size)}; \
    return result.number; \
  }
CCPU_NON_ZEROS(8, unsigned char)
CCPU_NON_ZEROS(16, unsigned short)

/* For each set of bits of a byte their places from the lowest on, a byte each. */
#define CCPU_PLACE(bits, i, higher) (((bits) >> (i) & 1) ? 256ull : 1ull) * (higher) + (((bits) >> (i) & 1) * (i))
#define CCPU_PLACES(bits) \
  CCPU_PLACE(bits, 0, (CCPU_PLACE(bits, 1, (CCPU_PLACE(bits, 2, (CCPU_PLACE(bits, 3, (CCPU_PLACE(bits, 4, \
    (CCPU_PLACE(bits, 5, (CCPU_PLACE(bits, 6, (CCPU_PLACE(bits, 7, 0ull)))))))))))))))
#define CCPU_PLACES4(bits) CCPU_PLACES(bits), CCPU_PLACES(bits + 1), CCPU_PLACES(bits + 2), CCPU_PLACES(bits + 3)
#define CCPU_PLACES16(bits) CCPU_PLACES4(bits), CCPU_PLACES4(bits + 4), CCPU_PLACES4(bits + 8), CCPU_PLACES4(bits + 12)
#define CCPU_PLACES64(bits) CCPU_PLACES16(bits), CCPU_PLACES16(bits + 16), CCPU_PLACES16(bits + 32), CCPU_PLACES16(bits + 48)
static const unsigned long long ccpu_places[256] = {
    CCPU_PLACES64(0), CCPU_PLACES64(64), CCPU_PLACES64(128), CCPU_PLACES64(192)};

typedef unsigned char ccpu_bytes8 __attribute__((ext_vector_type(8)));

/* b where the mask's sign is set, a elsewhere. */
CCPU_LANE_FUNCTION ccpu_lane8 ccpu_blended8(ccpu_lane8 a, ccpu_lane8 b, ccpu_lane8 mask) {
#if defined(__AVX__)
  return __builtin_ia32_blendvps256(a, b, mask);
#else
  return (ccpu_int8)mask < 0 ? b : a;
#endif
}
CCPU_LANE_FUNCTION ccpu_lane16 ccpu_blended16(ccpu_lane16 a, ccpu_lane16 b, ccpu_lane16 mask) {
  return (ccpu_int16)mask < 0 ? b : a;
}

/* Of each of index's numbers, modulo the number of floats, the float at that place. */
CCPU_LANE_FUNCTION ccpu_lane8 ccpu_permuted8(ccpu_lane8 v, ccpu_int8 index) {
#if defined(__AVX2__)
  return __builtin_ia32_permvarsf256(v, index);
#else
  ccpu_lane8 result;
  for (int i = 0; i < 8; i++) result[i] = v[index[i] & 7];
  return result;
#endif
}
CCPU_LANE_FUNCTION ccpu_lane16 ccpu_permuted16(ccpu_lane16 v, ccpu_int16 index) {
#if defined(__AVX512F__)
  return __builtin_ia32_permvarsf512(v, index);
#else
  ccpu_lane16 result;
  for (int i = 0; i < 16; i++) result[i] = v[index[i] & 15];
  return result;
#endif
}

/* Writes those of v's floats that are not 0 side by side to `values`, and for each `first` + its place · `step` to `places`: eight of each, of which
   only as many mean something as it returns. */
static inline __attribute__((always_inline)) int ccpu_pack_non_zeros(
    ccpu_lane8 v, float *_Nonnull values, int *_Nonnull places, int first, int step) {
  typedef float unaligned_lane __attribute__((ext_vector_type(8), aligned(4)));
  typedef int unaligned_int __attribute__((ext_vector_type(8), aligned(4)));
  unsigned bits = ccpu_non_zeros8(v);
  union {
    unsigned long long number;
    ccpu_bytes8 bytes;
  } packed = {ccpu_places[bits]};
  ccpu_int8 index = __builtin_convertvector(packed.bytes, ccpu_int8);
  *(unaligned_lane *)values = ccpu_permuted8(v, index);
  *(unaligned_int *)places = index * step + first;
  return __builtin_popcount(bits);
}

/* Parts of two registers side by side; what happens to the low half happens to the high half, but in the last two. */
#define CCPU_LANE_SHUFFLE(name, ...) \
  CCPU_LANE_FUNCTION ccpu_lane8 ccpu_##name(ccpu_lane8 a, ccpu_lane8 b) { return __builtin_shufflevector(a, b, __VA_ARGS__); }
CCPU_LANE_SHUFFLE(low_singles, 0, 8, 1, 9, 4, 12, 5, 13)
CCPU_LANE_SHUFFLE(high_singles, 2, 10, 3, 11, 6, 14, 7, 15)
CCPU_LANE_SHUFFLE(low_pairs, 0, 1, 8, 9, 4, 5, 12, 13)
CCPU_LANE_SHUFFLE(high_pairs, 2, 3, 10, 11, 6, 7, 14, 15)
CCPU_LANE_SHUFFLE(low_halves, 0, 1, 2, 3, 8, 9, 10, 11)
CCPU_LANE_SHUFFLE(high_halves, 4, 5, 6, 7, 12, 13, 14, 15)

/* Every second number, of two registers side by side; in each quarter (half, for 8) first those of `a`, then those of `b`. */
CCPU_LANE_SHUFFLE(even_singles8, 0, 2, 8, 10, 4, 6, 12, 14)
CCPU_LANE_FUNCTION ccpu_lane16 ccpu_even_singles16(ccpu_lane16 a, ccpu_lane16 b) {
  return __builtin_shufflevector(a, b, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30);
}

/* Memory on the stack, 16 KiB and what it takes to begin at a cache line: for rows that are laid out anew, and for what is between two steps. */
struct ccpu_kilobyte {
  double values[128];
};
struct ccpu_scratch {
  struct ccpu_kilobyte parts[16];
  double more[8];
};
/* Nothing is written to it: filling it would take longer than some of those who use it. */
static inline struct ccpu_scratch ccpu_fresh_scratch(void) {
  struct ccpu_scratch scratch;
  return scratch;
}
