/* Resamples trades into paths of wealth on two threads with AVX-512: sixteen paths side by side in each. The limit of the
   machine: final wealth, deepest drawdown and lowest wealth only.
   Prints milliseconds by the clock, the median of the deepest drawdown, and the share of paths that fell to the loss level.
   Usage: monte-carlo-avx512 <paths> <trades> <fraction> <loss level> <R ...> */
#include <immintrin.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LANES = 16, THREADS = 2 };
static int paths, trades, count;
static double *factor, *final_wealth, *depth, *lowest;

static uint64_t seed_state = 88172645463325252ULL;
static uint32_t seed(void) {
  seed_state ^= seed_state << 13, seed_state ^= seed_state >> 7, seed_state ^= seed_state << 17;
  return (uint32_t)(seed_state >> 32);
}

typedef struct { __m512i s[4]; int from, to; } Task;

static void *walk(void *given) {
  Task *task = given;
  __m512i s0 = task->s[0], s1 = task->s[1], s2 = task->s[2], s3 = task->s[3];
  const __m512i n = _mm512_set1_epi64(count), five = _mm512_set1_epi32(5), nine = _mm512_set1_epi32(9);
  const __m512d one = _mm512_set1_pd(1);
  for (int p = task->from; p < task->to; p += LANES) {
    __m512d w[2] = {one, one}, share[2] = {one, one}, worst[2] = {one, one}, low[2] = {one, one};
    for (int t = 0; t < trades; t++) {
      __m512i u = _mm512_mullo_epi32(_mm512_rol_epi32(_mm512_mullo_epi32(s1, five), 7), nine);
      __m512i shifted = _mm512_slli_epi32(s1, 9);
      s2 = _mm512_xor_si512(s2, s0), s3 = _mm512_xor_si512(s3, s1), s1 = _mm512_xor_si512(s1, s2);
      s0 = _mm512_xor_si512(s0, s3), s2 = _mm512_xor_si512(s2, shifted), s3 = _mm512_rol_epi32(s3, 11);
      __m512i even = _mm512_srli_epi64(_mm512_mul_epu32(u, n), 32);
      __m512i odd = _mm512_srli_epi64(_mm512_mul_epu32(_mm512_srli_epi64(u, 32), n), 32);
      __m512d x[2] = {_mm512_i64gather_pd(even, factor, 8), _mm512_i64gather_pd(odd, factor, 8)};
      for (int k = 0; k < 2; k++) {
        w[k] = _mm512_mul_pd(w[k], x[k]);
        low[k] = _mm512_min_pd(low[k], w[k]);
        share[k] = _mm512_min_pd(_mm512_mul_pd(share[k], x[k]), one);
        worst[k] = _mm512_min_pd(worst[k], share[k]);
      }
    }
    for (int k = 0; k < 2; k++) {
      _mm512_storeu_pd(final_wealth + p + 8 * k, w[k]);
      _mm512_storeu_pd(depth + p + 8 * k, _mm512_sub_pd(one, worst[k]));
      _mm512_storeu_pd(lowest + p + 8 * k, low[k]);
    }
  }
  return NULL;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc < 6) return 1;
  paths = atoi(argv[1]) / (LANES * THREADS) * (LANES * THREADS), trades = atoi(argv[2]), count = argc - 5;
  double fraction = atof(argv[3]), loss = atof(argv[4]);
  factor = malloc(count * sizeof(double));
  for (int i = 0; i < count; i++) factor[i] = 1 + fraction * atof(argv[5 + i]);
  double **figures[] = {&final_wealth, &depth, &lowest};
  for (int k = 0; k < 3; k++) *figures[k] = calloc(paths, sizeof(double));
  Task *task = aligned_alloc(64, sizeof(Task) * THREADS);
  for (int i = 0; i < THREADS; i++) {
    uint32_t words[4][LANES];
    for (int k = 0; k < 4; k++)
      for (int l = 0; l < LANES; l++) words[k][l] = seed();
    for (int k = 0; k < 4; k++) task[i].s[k] = _mm512_loadu_si512(words[k]);
    task[i].from = paths / THREADS * i, task[i].to = paths / THREADS * (i + 1);
  }
  struct timespec a, b;
  pthread_t threads[THREADS];
  clock_gettime(CLOCK_MONOTONIC, &a);
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, walk, &task[i]);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  clock_gettime(CLOCK_MONOTONIC, &b);
  int ruined = 0;
  for (int p = 0; p < paths; p++) ruined += lowest[p] <= loss;
  qsort(depth, paths, sizeof(double), ascending);
  printf("%.6f %.9f %.9f\n", (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6, depth[paths / 2],
         (double)ruined / paths);
  return 0;
}
