import type { z } from 'zod';
import type { ModelVersion } from '#shared/domain/prediction.ts';
import { type Result, err, ok } from '#shared/result.ts';
import type { ForecastError } from './error.ts';
import { type PredictRequest, type PredictResponse, predictResponseSchema } from './wire.ts';

/**
 * How a model's numbers become a direction and a confidence. Set per model, never guessed from an answer.
 * `minConfidence` and `minMargin` (lead over the runner-up) below which the opinion is flat; all in [0, 1].
 */
export type OutputConfig = {
  readonly kind: 'probs3' | 'logits3' | 'pUp' | 'logitUp' | 'label+conf';
  readonly minConfidence: number;
  readonly minMargin: number;
};

/** Three class probabilities, the stronger side wins when it leads at all. */
export const DEFAULT_OUTPUT: OutputConfig = { kind: 'probs3', minConfidence: 0, minMargin: 1e-9 };

/** −1 short, 0 flat, +1 long, and the probability that this is right. */
export type Opinion = { readonly direction: -1 | 0 | 1; readonly confidence: number };

/** An answer that could be read in full. `asOf` in epoch milliseconds. */
export type Answer = { readonly opinion: Opinion; readonly asOf: number; readonly version: ModelVersion };

type Read<T> = Result<T, ForecastError>;

const badField = (field: string, value: unknown, expected: string): Read<never> =>
  err({ code: 'bad-field', field, value: shown(value), expected });

const shown = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));

/**
 * Reads the text of an answer to `request`.
 * @errors 'not-json', 'bad-field', 'wrong-echo': each names the field, the value and what was expected
 */
export function parseAnswer(text: string, request: PredictRequest, output: OutputConfig): Read<Answer> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const parsed = predictResponseSchema.safeParse(json.value);
  if (!parsed.success) return err(fieldError(parsed.error, json.value));
  const response = parsed.data;
  for (const field of ['requestId', 'symbol'] as const) {
    if (response[field] !== request[field]) {
      return err({ code: 'wrong-echo', field, sent: request[field], got: response[field] });
    }
  }
  const opinion = readOpinion(response, output);
  if (!opinion.ok) return opinion;
  const { name, version, sha256, featureSchema } = response.model;
  return ok({
    opinion: opinion.value,
    asOf: Date.parse(response.asOf),
    version: { name, version, sha256: sha256 ?? null, featureSchema: featureSchema ?? null },
  });
}

function parseJson(text: string): Read<unknown> {
  try {
    return ok(JSON.parse(text) as unknown);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return err(notJson(text));
  }
}

/** Python's json module writes bare NaN and Infinity unless told not to: the usual reason, so it is named. */
function notJson(text: string): ForecastError {
  const bare =
    /"([^"\\]{1,60})"\s*:\s*\[?\s*(-?(?:NaN|Infinity))\b/u.exec(text) ?? /()(-?\b(?:NaN|Infinity))\b/u.exec(text);
  if (bare !== null && text.trimStart().startsWith('{')) {
    const where = bare[1] === '' ? '' : ` in field "${bare[1] ?? ''}"`;
    return {
      code: 'not-json',
      what: `it holds a bare ${bare[2] ?? 'NaN'}${where}`,
      remedy: 'JSON has no such number: the service must fail the ask instead of sending it.',
    };
  }
  const start = text.trim() === '' ? 'it is empty' : `it begins with "${text.trim().slice(0, 60)}"`;
  return { code: 'not-json', what: start, remedy: 'Check that the address is a prediction service.' };
}

function fieldError(error: z.ZodError, value: unknown): ForecastError {
  const issue = error.issues[0];
  const path = issue?.path ?? [];
  const found = path.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null ? (node as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
  const field = path.length === 0 ? '(the whole answer)' : path.map(String).join('.');
  return { code: 'bad-field', field, value: shown(found).slice(0, 100), expected: issue?.message ?? 'another value' };
}

function readOpinion(response: PredictResponse, output: OutputConfig): Read<Opinion> {
  switch (output.kind) {
    case 'probs3':
      return readProbabilities(response.probabilities, output);
    case 'logits3':
      return readLogits(response.logits, output);
    case 'pUp':
      return readUp('pUp', response.pUp, output);
    case 'logitUp':
      return response.logitUp === undefined
        ? badField('logitUp', undefined, 'a number')
        : readUp('logitUp', 1 / (1 + Math.exp(-response.logitUp)), output);
    case 'label+conf':
      return readLabel(response, output);
  }
}

type Classes = { readonly short: number; readonly neutral: number; readonly long: number };
const CLASSES = ['short', 'neutral', 'long'] as const;
const DIRECTION = { short: -1, neutral: 0, long: 1 } as const;

function readProbabilities(given: Classes | undefined, output: OutputConfig): Read<Opinion> {
  if (given === undefined) return badField('probabilities', undefined, '{short, neutral, long}');
  for (const name of CLASSES) {
    const p = given[name];
    if (p < -1e-6 || p > 1 + 1e-6) return badField(`probabilities.${name}`, p, 'a probability in [0, 1]');
  }
  const sum = given.short + given.neutral + given.long;
  if (Math.abs(sum - 1) > 1e-3)
    return badField('probabilities', given, `three probabilities that sum to 1, not ${sum}`);
  return ok(strongest({ short: given.short / sum, neutral: given.neutral / sum, long: given.long / sum }, output));
}

function readLogits(given: Classes | undefined, output: OutputConfig): Read<Opinion> {
  if (given === undefined) return badField('logits', undefined, '{short, neutral, long}');
  // Softmax with the largest subtracted, so that no exponential overflows.
  const top = Math.max(given.short, given.neutral, given.long);
  const [short, neutral, long] = [given.short, given.neutral, given.long].map((x) => Math.exp(x - top)) as [
    number,
    number,
    number,
  ];
  const sum = short + neutral + long;
  return ok(strongest({ short: short / sum, neutral: neutral / sum, long: long / sum }, output));
}

/** The likeliest class; flat on a tie, below the minimum confidence, or without the minimum lead. */
function strongest(p: Classes, output: OutputConfig): Opinion {
  const ranked = CLASSES.map((name) => ({ name, p: Math.min(1, Math.max(0, p[name])) })).sort((a, b) => b.p - a.p);
  const [first, second] = ranked;
  if (first === undefined || second === undefined) throw new Error('three classes expected');
  const isClear = first.p >= output.minConfidence && first.p - second.p >= output.minMargin && first.p > second.p;
  return isClear
    ? { direction: DIRECTION[first.name], confidence: first.p }
    : { direction: 0, confidence: Math.min(1, Math.max(0, p.neutral)) };
}

function readUp(field: string, p: number | undefined, output: OutputConfig): Read<Opinion> {
  if (p === undefined) return badField(field, undefined, 'a probability in [0, 1]');
  if (p < -1e-6 || p > 1 + 1e-6) return badField(field, p, 'a probability in [0, 1]');
  const up = Math.min(1, Math.max(0, p));
  const confidence = Math.max(up, 1 - up);
  const isClear = confidence >= output.minConfidence && Math.abs(2 * up - 1) >= output.minMargin && up !== 0.5;
  return ok({ direction: isClear ? (up > 0.5 ? 1 : -1) : 0, confidence });
}

function readLabel(response: PredictResponse, output: OutputConfig): Read<Opinion> {
  const { direction: label, confidence } = response;
  const known = CLASSES.find((name) => name === label);
  if (known === undefined) return badField('direction', label, '"short", "neutral" or "long"');
  if (confidence === undefined || confidence < 0 || confidence > 1) {
    return badField('confidence', confidence, 'a probability in [0, 1]');
  }
  return ok({ direction: confidence >= output.minConfidence ? DIRECTION[known] : 0, confidence });
}
