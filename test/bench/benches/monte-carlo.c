/* Resamples trades into paths of wealth: one thread, scalar, no library. Prints milliseconds and the median drawdown.
   Usage: monte-carlo <paths> <trades> <fraction> <seed> <R ...> */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t state;

static inline uint32_t pcg32(void) {
  uint64_t old = state;
  state = old * 6364136223846793005ULL + 1442695040888963407ULL;
  uint32_t x = (uint32_t)(((old >> 18u) ^ old) >> 27u);
  uint32_t r = (uint32_t)(old >> 59u);
  return (x >> r) | (x << ((-r) & 31));
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc < 6) return 1;
  int paths = atoi(argv[1]), trades = atoi(argv[2]), n = argc - 5;
  double f = atof(argv[3]);
  state = (uint64_t)atoll(argv[4]);
  double *factor = malloc(sizeof(double) * n);
  double *final = malloc(sizeof(double) * paths), *depth = malloc(sizeof(double) * paths);
  for (int i = 0; i < n; i++) factor[i] = 1 + f * atof(argv[5 + i]);
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  for (int p = 0; p < paths; p++) {
    double wealth = 1, peak = 1, deepest = 0;
    for (int t = 0; t < trades; t++) {
      wealth *= factor[(uint32_t)(((uint64_t)pcg32() * (uint32_t)n) >> 32)];
      peak = wealth > peak ? wealth : peak;
      double d = 1 - wealth / peak;
      deepest = d > deepest ? d : deepest;
    }
    final[p] = wealth;
    depth[p] = deepest;
  }
  clock_gettime(CLOCK_MONOTONIC, &b);
  qsort(final, paths, sizeof(double), ascending);
  qsort(depth, paths, sizeof(double), ascending);
  printf("%.6f %.9f %.9f\n", (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6, depth[paths / 2],
         final[paths / 2]);
  return 0;
}
