/* What the processor can do. Header only, so that callers built for the oldest x86-64 can ask before anything newer runs. */
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

enum ccpu_level {
  CCPU_BASELINE = 0, /* less than the kernels need */
  CCPU_AVX2 = 1,     /* x86-64-v3: AVX2, FMA, BMI; or another architecture, where the portable level is always enough */
  CCPU_AVX512 = 2    /* x86-64-v4: AVX-512 F, BW, CD, DQ, VL */
};

#if defined(__x86_64__)
#include <cpuid.h>

static inline int ccpu_level(void) {
  unsigned a, b, c, d, features, extended, xcr0, unused;
  if (!__get_cpuid(1, &a, &b, &features, &d)) return CCPU_BASELINE;
  if (!(features & bit_OSXSAVE)) return CCPU_BASELINE;
  if (!__get_cpuid_count(7, 0, &a, &extended, &c, &d)) return CCPU_BASELINE;
  __asm__ volatile("xgetbv" : "=a"(xcr0), "=d"(unused) : "c"(0)); /* which registers the kernel saves */
  if ((xcr0 & 0x6) != 0x6) return CCPU_BASELINE;
  if (!__get_cpuid(0x80000001, &a, &b, &c, &d)) return CCPU_BASELINE;
  unsigned v3 = bit_SSE3 | bit_SSSE3 | bit_FMA | bit_SSE4_1 | bit_SSE4_2 | bit_MOVBE | bit_POPCNT | bit_AVX | bit_F16C;
  unsigned v3_extended = bit_AVX2 | bit_BMI | bit_BMI2;
  if ((features & v3) != v3 || (extended & v3_extended) != v3_extended || !(c & bit_LZCNT)) return CCPU_BASELINE;
  unsigned v4 = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
  if ((extended & v4) != v4 || (xcr0 & 0xe6) != 0xe6) return CCPU_AVX2;
  return CCPU_AVX512;
}
#else
static inline int ccpu_level(void) { return CCPU_AVX2; }
#endif

/* Tells the processor that this is a waiting loop: it saves power, and leaves the core to its other thread. */
static inline void ccpu_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

/* Time, in units that only comparisons can use. */
static inline unsigned long long ccpu_ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  unsigned long long ticks;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  return 0;
#endif
}

/* Asks for a cache line that will be read and written soon. Touches nothing: any address will do. */
static inline void ccpu_prefetch(const void *address) { __builtin_prefetch(address, 1, 3); }
static inline void ccpu_prefetch_to_read(const void *address) { __builtin_prefetch(address, 0, 3); }

/* The same address, of which the compiler no longer knows where it came from: it can't derive it from another one by additions that
   wait for each other. */
static inline const float *_Nonnull ccpu_opaque(const float *_Nonnull address) {
  __asm__("" : "+r"(address));
  return address;
}

/* Processors that this process may use, or 0 if the system does not tell. (The C library hides sched_getaffinity from
   callers that did not define _GNU_SOURCE, and Swift can't.) */
static inline int ccpu_count(void) {
  unsigned long mask[1024] = {0};
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int count = 0;
  for (long i = 0; i < bytes / (long)sizeof mask[0]; i++) count += __builtin_popcountl(mask[i]);
  return count;
}
