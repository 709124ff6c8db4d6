/* Arithmetic on whole registers that Swift's SIMD types describe number by number: the optimizer then has to find the vectors again, and
   where it finds others (every second number, say) the function takes twice as long. */
#pragma once

typedef float ccpu_lane8 __attribute__((ext_vector_type(8)));
typedef float ccpu_lane16 __attribute__((ext_vector_type(16)));

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
