import { z } from 'zod';

/** Bars a feature looks back over, its own included where it measures a spread. */
const span = z.number().int().min(1).max(500);
const spread = z.number().int().min(2).max(500);

/**
 * What every feature carries. The raw value becomes (raw − center) / scale: the standardisation a model was trained
 * with, kept beside its definition.
 */
const common = {
  name: z
    .string()
    .min(1)
    .max(60)
    .regex(/^[\w.:-]+$/, 'letters, digits and _ . : - only'),
  center: z.number().optional(),
  scale: z.number().positive().optional(),
};

/**
 * One feature as data. Each reads its own bar and at most `bars` bars before it, never a later one.
 * Returns are natural logarithms of price ratios.
 */
export const featureDefinitionSchema = z.discriminatedUnion('kind', [
  /** Log return of the close over `bars` bars. */
  z.strictObject({ ...common, kind: z.literal('log-return'), bars: span }),
  /** Sample standard deviation of the last `bars` one-bar log returns. */
  z.strictObject({ ...common, kind: z.literal('volatility'), bars: spread }),
  /** Share of up moves in all moves of the last `bars` closes, in [0, 1]; 0.5 where nothing moved. */
  z.strictObject({ ...common, kind: z.literal('rsi'), bars: span }),
  /** Mean true range of `bars` bars over the close. */
  z.strictObject({ ...common, kind: z.literal('atr'), bars: span }),
  /** Volume against its last `bars` bars, in sample standard deviations; 0 where it never varied. */
  z.strictObject({ ...common, kind: z.literal('volume-zscore'), bars: spread }),
  /** Where the close stands in the range of `bars` bars: 0 at the low, 1 at the high, 0.5 without a range. */
  z.strictObject({ ...common, kind: z.literal('range-position'), bars: span }),
  /** Log ratio of the close to the mean close of `bars` bars. */
  z.strictObject({ ...common, kind: z.literal('mean-distance'), bars: span }),
  /** Log ratio of the open to the close before. */
  z.strictObject({ ...common, kind: z.literal('gap') }),
  /** Log ratio of the high, and of the low, to the close. */
  z.strictObject({ ...common, kind: z.literal('upper') }),
  z.strictObject({ ...common, kind: z.literal('lower') }),
  /** Log ratio of the close to the open. */
  z.strictObject({ ...common, kind: z.literal('body') }),
  /** Sine or cosine of the time of day at which the bar closes, one turn a day. */
  z.strictObject({
    ...common,
    kind: z.literal('time-of-day'),
    part: z.enum(['sin', 'cos']),
    clock: z.enum(['chicago', 'utc']),
  }),
  /** Sine or cosine of the day of the week on which the bar closes in Chicago, Monday 0, one turn a week. */
  z.strictObject({ ...common, kind: z.literal('day-of-week'), part: z.enum(['sin', 'cos']) }),
]);
export type FeatureDefinition = z.output<typeof featureDefinitionSchema>;

/** Most features and rows of one window: what a request still carries in a sensible body. */
const MAX_FEATURES = 200;
export const MAX_WINDOW_ROWS = 1_000;

/**
 * Which features a model is sent. `schema` names a set the desk knows (`fs-1`, `fs-2`), of which `names` chooses and
 * orders some (absent: all); or, with `definitions`, a set of the model's own.
 */
export const featureChoiceSchema = z
  .strictObject({
    schema: z.string().min(1).max(60),
    names: z.array(z.string().min(1).max(60)).min(1).max(MAX_FEATURES).optional(),
    definitions: z.array(featureDefinitionSchema).min(1).max(MAX_FEATURES).optional(),
    /** Rows of the window, one a bar, the newest last. */
    rows: z.number().int().min(1).max(MAX_WINDOW_ROWS),
  })
  .refine((choice) => choice.names === undefined || choice.definitions === undefined, {
    message: 'give names of a set the desk knows, or definitions of your own, not both',
    path: ['names'],
  });
export type FeatureChoice = z.output<typeof featureChoiceSchema>;

/** A choice looked up: what is computed, in the order it is sent. */
export type FeatureSpec = {
  readonly schema: string;
  readonly rows: number;
  /** Bars before the oldest row that must be there. */
  readonly lookBack: number;
  readonly features: readonly FeatureDefinition[];
};

/** Rows × names, row-major, oldest row first. */
export type FeatureWindow = {
  readonly schema: string;
  readonly names: readonly string[];
  readonly shape: readonly [number, number];
  readonly data: readonly number[];
};

/** Why there is no window. Missing history is a state of its own, never a shorter or a padded window. */
export type FeatureProblem =
  | { readonly code: 'too-few-bars'; readonly needed: number; readonly got: number }
  | { readonly code: 'bad-bars'; readonly detail: string };
