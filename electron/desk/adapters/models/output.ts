import { type Result, err, ok } from '#shared/result.ts';
import type { Output } from './config.ts';
import type { ForecastError } from './error.ts';

/** −1 short, 0 flat, +1 long, and the probability that this is right. */
export type Opinion = {
  readonly direction: -1 | 0 | 1;
  readonly confidence: number;
  /** Probability of being right by guessing: 1 / number of classes. */
  readonly chance: number;
  /** What the model said before the thresholds made it flat; equal to the opinion where they did not. */
  readonly raw: { readonly direction: -1 | 0 | 1; readonly confidence: number };
  /** p(long) − p(short); null where the model gives no probabilities of both. */
  readonly edge: number | null;
};

export type Read<T> = Result<T, ForecastError>;
export type Label = 'short' | 'neutral' | 'long';
export type Thresholds = { readonly minConfidence: number; readonly minMargin: number };

const DIRECTION = { short: -1, neutral: 0, long: 1 } as const;
const CLASSES = ['short', 'neutral', 'long'] as const;

/** The values of an answer, flat, and what each is called in it: messages name the field. */
export type Values = {
  readonly items: readonly unknown[];
  readonly field: string;
  readonly fieldAt: (index: number) => string;
};

/** Names the values of an unnamed list: `probs[2]`. */
export const listOf = (field: string, items: readonly unknown[]): Values => ({
  items,
  field,
  fieldAt: (index) => `${field}[${index}]`,
});

export const badField = (field: string, value: unknown, expected: string): Read<never> =>
  err({ code: 'bad-field', field, value: shown(value), expected });

const MAX_SHOWN = 100;

/** A value as a message quotes it. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  // JSON.stringify says null for what is no number, which is what the message is about.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return JSON.stringify(value).slice(0, MAX_SHOWN);
}

/** Nested lists made flat, row by row. */
export function flatten(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.flatMap((item: unknown) => flatten(item)) : [value];
}

function readNumbers({ items, field, fieldAt }: Values, count: number): Read<readonly number[]> {
  if (items.length !== count) {
    return badField(field, items.length <= 12 ? items : `${items.length} values`, `${count} numbers`);
  }
  const numbers: number[] = [];
  for (let i = 0; i < items.length; i += 1) {
    const item = items[i];
    if (typeof item !== 'number' || !Number.isFinite(item)) return badField(fieldAt(i), item, 'a finite number');
    numbers.push(item);
  }
  return ok(numbers);
}

/**
 * Reads the values of one answer as configured.
 * @param main  the output named by the configuration   @param confidence  the second one, of `label+conf` only
 * @errors 'bad-field': a wrong number of values, a value that is no finite number, no probabilities, an unknown label
 */
export function readOutput(output: Output, main: Values, confidence: Values | null): Read<Opinion> {
  switch (output.kind) {
    case 'probs3': {
      const numbers = readNumbers(main, output.labels.length);
      return numbers.ok ? readProbabilities(numbers.value, main, output) : numbers;
    }
    case 'logits3': {
      const numbers = readNumbers(main, output.labels.length);
      return numbers.ok ? ok(strongest(byClass(output.labels, softmax(numbers.value)), output)) : numbers;
    }
    case 'pUp':
    case 'logitUp': {
      const numbers = readNumbers(main, 1);
      if (!numbers.ok) return numbers;
      const [value = Number.NaN] = numbers.value;
      return readUp(output.kind === 'pUp' ? value : 1 / (1 + Math.exp(-value)), main.field, output);
    }
    case 'label+conf':
      return readLabel(output, main, confidence);
  }
}

/** Softmax with the largest subtracted, so that no exponential overflows. */
function softmax(logits: readonly number[]): readonly number[] {
  const top = Math.max(...logits);
  const powers = logits.map((x) => Math.exp(x - top));
  const sum = powers.reduce((total, x) => total + x, 0);
  return powers.map((x) => x / sum);
}

type Classes = { readonly p: Readonly<Record<Label, number>>; readonly count: number };

function byClass(labels: readonly Label[], values: readonly number[]): Classes {
  const p = { short: 0, neutral: 0, long: 0 };
  for (const [i, label] of labels.entries()) p[label] = values[i] ?? 0;
  return { p, count: labels.length };
}

const isProbability = (p: number): boolean => p >= -1e-6 && p <= 1 + 1e-6;

function readProbabilities(
  values: readonly number[],
  main: Values,
  output: Thresholds & { readonly labels: readonly Label[] },
): Read<Opinion> {
  const wrong = values.findIndex((p) => !isProbability(p));
  if (wrong >= 0) return badField(main.fieldAt(wrong), values[wrong], 'a probability in [0, 1]');
  const classes = byClass(output.labels, values);
  const { short, neutral, long } = classes.p;
  const sum = short + neutral + long;
  if (Math.abs(sum - 1) > 1e-3) {
    const count = output.labels.length === 3 ? 'three' : 'two';
    return badField(main.field, values, `${count} probabilities that sum to 1, not ${sum}`);
  }
  return ok(
    strongest({ p: { short: short / sum, neutral: neutral / sum, long: long / sum }, count: classes.count }, output),
  );
}

const clamp = (p: number): number => Math.min(1, Math.max(0, p));

/** The likeliest class; flat on a tie, below the minimum confidence, or without the minimum lead. */
function strongest({ p, count }: Classes, output: Thresholds): Opinion {
  const ranked = CLASSES.map((label) => ({ label, p: clamp(p[label]) })).sort((a, b) => b.p - a.p);
  const [first, second] = ranked;
  if (first === undefined || second === undefined) throw new Error('three classes expected');
  const isTie = first.p === second.p;
  const isClear = first.p >= output.minConfidence && first.p - second.p >= output.minMargin && !isTie;
  const flat = { direction: 0, confidence: clamp(p.neutral) } as const;
  const raw = isTie ? flat : { direction: DIRECTION[first.label], confidence: first.p };
  const shared = { chance: 1 / count, edge: clamp(p.long) - clamp(p.short), raw };
  return isClear ? { ...raw, ...shared } : { ...flat, ...shared };
}

function readUp(p: number, field: string, output: Thresholds): Read<Opinion> {
  if (!isProbability(p)) return badField(field, p, 'a probability in [0, 1]');
  const up = clamp(p);
  const confidence = Math.max(up, 1 - up);
  const said = up === 0.5 ? 0 : up > 0.5 ? 1 : -1;
  const isClear = confidence >= output.minConfidence && Math.abs(2 * up - 1) >= output.minMargin;
  const raw = { direction: said, confidence } as const;
  return ok({ direction: isClear ? said : 0, confidence, chance: 1 / 2, raw, edge: 2 * up - 1 });
}

/** A label by its name, or by its place in the configured order. */
function labelOf(item: unknown, output: Extract<Output, { kind: 'label+conf' }>): Label | null {
  const { labels } = output;
  const names = output.labelNames ?? labels;
  const index = typeof item === 'number' ? item : typeof item === 'string' ? names.indexOf(item) : -1;
  return labels[index] ?? null;
}

function readLabel(
  output: Extract<Output, { kind: 'label+conf' }>,
  main: Values,
  confidence: Values | null,
): Read<Opinion> {
  const [item, second] = main.items;
  const label = second === undefined ? labelOf(item, output) : null;
  if (label === null) {
    const names = (output.labelNames ?? output.labels).map((name) => `"${name}"`);
    return badField(main.field, main.items.length === 1 ? item : main.items, `one of ${names.join(', ')}`);
  }
  const numbers = readNumbers(confidence ?? listOf(output.confidenceTensor, []), 1);
  if (!numbers.ok) return numbers;
  const [p = Number.NaN] = numbers.value;
  if (!isProbability(p)) return badField(confidence?.field ?? output.confidenceTensor, p, 'a probability in [0, 1]');
  const raw = { direction: DIRECTION[label], confidence: clamp(p) };
  const direction = p >= output.minConfidence ? raw.direction : 0;
  return ok({ direction, confidence: raw.confidence, chance: 1 / output.labels.length, raw, edge: null });
}
