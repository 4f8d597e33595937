/* Resamples trades into paths of wealth: one thread, no library. Prints milliseconds of processor time, the median of the
   deepest drawdown, and the share of paths that fell to the loss level.
   Usage: monte-carlo <naive|lanes> <paths> <trades> <fraction> <loss level> <gain level> <R ...>
   naive: path after path, equity, drawdown and ruin, as it is written at once.
   lanes: four paths side by side in loops that the compiler turns into vectors, with every figure the desk keeps. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LANES = 4 };

typedef struct {
  int paths, trades, n;
  double loss, gain;
  const double *factor;
  double *final, *depth, *lowest, *below, *longest, *passed;
} Plan;

static uint64_t state = 3;

static inline uint32_t pcg32(void) {
  uint64_t old = state;
  state = old * 6364136223846793005ULL + 1442695040888963407ULL;
  uint32_t x = (uint32_t)(((old >> 18u) ^ old) >> 27u);
  uint32_t r = (uint32_t)(old >> 59u);
  return (x >> r) | (x << ((-r) & 31));
}

static inline uint32_t rotl(uint32_t x, int k) { return (x << k) | (x >> (32 - k)); }

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void naive(const Plan *q) {
  for (int p = 0; p < q->paths; p++) {
    double wealth = 1, peak = 1, deepest = 0, lowest = 1;
    for (int t = 0; t < q->trades; t++) {
      wealth *= q->factor[(uint32_t)(((uint64_t)pcg32() * (uint32_t)q->n) >> 32)];
      peak = wealth > peak ? wealth : peak;
      double d = 1 - wealth / peak;
      deepest = d > deepest ? d : deepest;
      lowest = wealth < lowest ? wealth : lowest;
    }
    q->final[p] = wealth;
    q->depth[p] = deepest;
    q->lowest[p] = lowest;
  }
}

static void lanes(const Plan *q) {
  uint32_t s[4][LANES];
  for (int k = 0; k < 4; k++)
    for (int l = 0; l < LANES; l++) s[k][l] = pcg32();
  for (int p = 0; p + LANES <= q->paths; p += LANES) {
    double wealth[LANES], share[LANES], worst[LANES], lowest[LANES], below[LANES], run[LANES], longest[LANES];
    double passed[LANES];
    for (int l = 0; l < LANES; l++) {
      wealth[l] = share[l] = worst[l] = lowest[l] = 1;
      below[l] = run[l] = longest[l] = passed[l] = 0;
    }
    for (int t = 0; t < q->trades; t++) {
      uint32_t at[LANES];
      double x[LANES];
      for (int l = 0; l < LANES; l++) {
        uint32_t u = rotl(s[1][l] * 5, 7) * 9, shifted = s[1][l] << 9;
        s[2][l] ^= s[0][l];
        s[3][l] ^= s[1][l];
        s[1][l] ^= s[2][l];
        s[0][l] ^= s[3][l];
        s[2][l] ^= shifted;
        s[3][l] = rotl(s[3][l], 11);
        at[l] = (uint32_t)(((uint64_t)u * (uint32_t)q->n) >> 32);
      }
      for (int l = 0; l < LANES; l++) x[l] = q->factor[at[l]];
      for (int l = 0; l < LANES; l++) {
        double w = wealth[l] * x[l], y = share[l] * x[l];
        y = y < 1 ? y : 1;
        wealth[l] = w;
        share[l] = y;
        worst[l] = y < worst[l] ? y : worst[l];
        lowest[l] = w < lowest[l] ? w : lowest[l];
        below[l] += y < 1 ? 1 : 0;
        run[l] = y < 1 ? run[l] + 1 : 0;
        longest[l] = run[l] > longest[l] ? run[l] : longest[l];
        double won = w >= q->gain ? 2 : 0, which = w <= q->loss ? 1 : won;
        passed[l] = passed[l] == 0 ? which : passed[l];
      }
    }
    for (int l = 0; l < LANES; l++) {
      q->final[p + l] = wealth[l];
      q->depth[p + l] = 1 - worst[l];
      q->lowest[p + l] = lowest[l];
      q->below[p + l] = below[l];
      q->longest[p + l] = longest[l];
      q->passed[p + l] = passed[l];
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 8) return 1;
  Plan q = {.paths = atoi(argv[2]), .trades = atoi(argv[3]), .n = argc - 7, .loss = atof(argv[5]), .gain = atof(argv[6])};
  double *factor = malloc(sizeof(double) * q.n);
  for (int i = 0; i < q.n; i++) factor[i] = 1 + atof(argv[4]) * atof(argv[7 + i]);
  q.factor = factor;
  double **figures[] = {&q.final, &q.depth, &q.lowest, &q.below, &q.longest, &q.passed};
  for (int k = 0; k < 6; k++) *figures[k] = calloc(q.paths, sizeof(double));
  struct timespec a, b;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
  if (strcmp(argv[1], "naive") == 0) naive(&q);
  else lanes(&q);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
  int ruined = 0;
  for (int p = 0; p < q.paths; p++) ruined += q.lowest[p] <= q.loss;
  qsort(q.depth, q.paths, sizeof(double), ascending);
  printf("%.6f %.9f %.9f\n", (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6, q.depth[q.paths / 2],
         (double)ruined / q.paths);
  return 0;
}
