/**
 * Special functions as bare numbers, like those of Math: NaN outside the domain. Callers validate.
 * Each is accurate to a few units in the last place of its leading terms, tails included.
 */
const LN_SQRT_2PI = 0.91893853320467274178;
const SQRT_2PI = 2.5066282746310005024;
const TINY = 1e-300;
const EPSILON = 2 ** -53;

/** Mills ratio (1 − Φ(x))/φ(x) for x ≥ 2 by its continued fraction. @source Abramowitz & Stegun 26.2.14 */
function millsRatio(x: number): number {
  let c = x;
  let d = 0;
  let fraction = x;
  for (let k = 1; k <= 500; k++) {
    d = 1 / (x + k * d);
    c = x + k / c;
    const delta = c * d;
    fraction *= delta;
    if (Math.abs(delta - 1) <= EPSILON) break;
  }
  return 1 / fraction;
}

/** Φ(x) − ½ for |x| < 2 by its power series, all terms of one sign. @source Abramowitz & Stegun 26.2.11 */
function centralArea(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > EPSILON * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return (sum * Math.exp(-0.5 * x * x)) / SQRT_2PI;
}

/** Standard normal distribution function Φ(x); keeps its relative accuracy in the lower tail. NaN for NaN. */
export function normCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) < 2) return 0.5 + centralArea(x);
  if (x === Infinity) return 1;
  if (x === -Infinity) return 0;
  const tail = (Math.exp(-0.5 * x * x) / SQRT_2PI) * millsRatio(Math.abs(x));
  return x < 0 ? tail : 1 - tail;
}

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

// Acklam's rational approximation, relative error 1.15e-9: the start of one Halley step.
const CENTRE_TOP = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const CENTRE_BOTTOM = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
];
const TAIL_TOP = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_BOTTOM = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];

function approximateQuantile(p: number): number {
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(TAIL_TOP, q) / polynomial(TAIL_BOTTOM, q);
  }
  const q = p - 0.5;
  return (q * polynomial(CENTRE_TOP, q * q)) / polynomial(CENTRE_BOTTOM, q * q);
}

/** (Φ(x) − p)/φ(x) for x ≤ 0; in the tail through logarithms, so that nothing underflows. */
function newtonStep(x: number, p: number): number {
  if (x > -2) return (normCdf(x) - p) * SQRT_2PI * Math.exp(0.5 * x * x);
  const ratio = millsRatio(-x);
  const logTail = -0.5 * x * x - LN_SQRT_2PI + Math.log(ratio);
  return -ratio * Math.expm1(Math.log(p) - logTail);
}

/** Quantile of the standard normal; −∞ at 0, ∞ at 1, NaN outside [0, 1]. */
export function normPpf(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0) return -Infinity;
  if (p > 0.5) return -normPpf(1 - p);
  const start = approximateQuantile(p);
  const step = newtonStep(start, p);
  const root = start - step / (1 + (start * step) / 2);
  return root === 0 ? 0 : root;
}

/** ln Γ(x) − [(x − ½) ln x − x + ½ ln 2π] for x ≥ 10: Bernoulli numbers B₂ₖ/(2k(2k−1)x^(2k−1)). */
function stirlingSeries(x: number): number {
  const z = 1 / (x * x);
  return polynomial([1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12], z) / x;
}

/** ln Γ(x) for x > 0, by Stirling's series above 10 and the recurrence below; NaN for x ≤ 0 and NaN. */
export function logGamma(x: number): number {
  if (!(x > 0)) return NaN;
  if (x === Infinity) return Infinity;
  let shifted = x;
  let product = 1;
  while (shifted < 10) {
    product *= shifted;
    shifted += 1;
  }
  const stirling = (shifted - 0.5) * Math.log(shifted) - shifted + LN_SQRT_2PI + stirlingSeries(shifted);
  return stirling - Math.log(product);
}

const stirlingRemainder = (x: number): number =>
  x >= 10 ? stirlingSeries(x) : logGamma(x) - (x - 0.5) * Math.log(x) + x - LN_SQRT_2PI;

/** ln of a ratio that is 1 + excess; through log1p where they are close. */
const logRatio = (ratio: number, excess: number): number =>
  Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(ratio);

/** x^a (1−x)^b / B(a, b), without the cancellation of three large log-gammas. */
function betaKernel(a: number, b: number, x: number): number {
  const y = 1 - x;
  const n = a + b;
  const gap = x * b - y * a;
  const exponent = a * logRatio((x * n) / a, gap / a) + b * logRatio((y * n) / b, -gap / b);
  const remainder = stirlingRemainder(n) - stirlingRemainder(a) - stirlingRemainder(b);
  return Math.sqrt(((a / n) * b) / (2 * Math.PI)) * Math.exp(exponent + remainder);
}

/** Continued fraction of the incomplete beta function by Lentz's method; quick for x < (a+1)/(a+b+2). */
function betaFraction(a: number, b: number, x: number): number {
  const guard = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) <= 2 * EPSILON) break;
  }
  return fraction;
}

const isShape = (x: number): boolean => x > 0 && x < Infinity;

/** I_x(a, b), the distribution function of Beta(a, b) at x. NaN unless a, b > 0 are finite and x is in [0, 1]. */
export function regularizedIncompleteBeta(a: number, b: number, x: number): number {
  if (!(isShape(a) && isShape(b) && x >= 0 && x <= 1)) return NaN;
  if (x === 0 || x === 1) return x;
  const kernel = betaKernel(a, b, x);
  const area =
    x < (a + 1) / (a + b + 2) ? (kernel * betaFraction(a, b, x)) / a : 1 - (kernel * betaFraction(b, a, 1 - x)) / b;
  return Math.min(1, Math.max(0, area));
}

/**
 * The x in [0, 1] where Beta(a, b) has accumulated probability p: Newton's method inside a shrinking bracket.
 * NaN unless a, b > 0 are finite and p is in [0, 1].
 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (!(isShape(a) && isShape(b) && p >= 0 && p <= 1)) return NaN;
  if (p === 0 || p === 1) return p;
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  for (let i = 0; i < 1200; i++) {
    const excess = regularizedIncompleteBeta(a, b, x) - p;
    if (excess === 0) return x;
    if (excess < 0) low = x;
    else high = x;
    const newton = x - (excess * x * (1 - x)) / betaKernel(a, b, x);
    const next = newton > low && newton < high ? newton : low + (high - low) / 2;
    if (Math.abs(next - x) <= 2 * EPSILON * x || next <= low || next >= high) return next;
    x = next;
  }
  return x;
}
