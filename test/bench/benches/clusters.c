/* Correlated exposure of a book of n positions, and the correlations it rests on: one thread, no library.
   Usage: clusters <check|table> <n> <days> <repeats> <rho min> <file>
   check: the file holds n directions, n shares of equity at risk and n*n correlations (f64); every position's exposure is
          its own share and its partners' in proportion to correlation, summed with compensation as the desk sums.
   table: the file holds n*days returns (f64, one market after the other) and days weights; every pair is estimated, the
          products summed with compensation. The days are the outer loop, so that the compiler makes vectors of the pairs.
   Prints milliseconds per repeat and a figure to compare: the largest exposure of a position with a partner, or the sum of
   the magnitudes of all correlations. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double check(int n, const double *direction, const double *share, const double *rho, double least) {
  double worst = 0;
  for (int i = 0; i < n; i++) {
    double sum = share[i], lost = 0;
    int partners = 0;
    for (int j = 0; j < n; j++) {
      double tie = rho[(size_t)i * n + j] * direction[i] * direction[j];
      if (j == i || tie < least - 1e-9) continue;
      double term = tie * share[j], next = sum + term;
      lost += fabs(sum) >= fabs(term) ? sum - next + term : term - next + sum;
      sum = next;
      partners++;
    }
    if (partners > 0 && sum + lost > worst) worst = sum + lost;
  }
  return worst;
}

static double table(int n, int days, const double *returns, const double *weights, double *rho, double *work) {
  double total = 0, *sum = work, *lost = work + n, *volatility = work + 2 * n, *column = work + 3 * n;
  for (int t = 0; t < days; t++) total += weights[t];
  /* Day by day, so that one day of all markets stands together. */
  for (int t = 0; t < days; t++)
    for (int k = 0; k < n; k++) column[(size_t)t * n + k] = returns[(size_t)k * days + t];
  for (int i = 0; i < n; i++) {
    for (int j = i; j < n; j++) sum[j] = lost[j] = 0;
    for (int t = 0; t < days; t++) {
      const double *row = column + (size_t)t * n;
      double own = row[i], weight = weights[t];
      for (int j = i; j < n; j++) {
        double value = weight * (own * row[j]), next = sum[j] + value;
        lost[j] += fabs(sum[j]) >= fabs(value) ? sum[j] - next + value : value - next + sum[j];
        sum[j] = next;
      }
    }
    for (int j = i; j < n; j++) rho[(size_t)i * n + j] = (sum[j] + lost[j]) / total;
    volatility[i] = sqrt(rho[(size_t)i * n + i]);
  }
  double all = 0;
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) {
      double value = i == j ? 1 : rho[(size_t)i * n + j] / (volatility[i] * volatility[j]);
      rho[(size_t)i * n + j] = rho[(size_t)j * n + i] = value;
      all += fabs(value);
    }
  return all;
}

int main(int argc, char **argv) {
  if (argc < 7) return 1;
  int n = atoi(argv[2]), days = atoi(argv[3]), repeats = atoi(argv[4]), is_table = strcmp(argv[1], "table") == 0;
  double least = atof(argv[5]), found = 0;
  size_t count = is_table ? (size_t)n * days + days : (size_t)n * 2 + (size_t)n * n;
  double *given = malloc(count * sizeof(double)), *rho = malloc((size_t)n * n * sizeof(double));
  double *work = malloc((3 + (size_t)days) * n * sizeof(double));
  FILE *file = fopen(argv[6], "rb");
  if (file == NULL || fread(given, sizeof(double), count, file) != count) return 2;
  fclose(file);
  struct timespec a, b;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
  for (int k = 0; k < repeats; k++) {
    given[0] += k % 2 == 0 ? 1e-300 : -1e-300;
    found = is_table ? table(n, days, given, given + (size_t)n * days, rho, work)
                     : check(n, given, given + n, given + 2 * (size_t)n, least);
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
  printf("%.6f %.12g\n", ((b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6) / repeats, found);
  return 0;
}
