import { type Result, err, ok } from '#shared/result.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';

/** What a split looks at: when a case was asked, when its label was settled, and when the embargo after it is over. */
export type Timed = { readonly asOf: EpochMs; readonly settledAt: EpochMs; readonly clearAt: EpochMs | null };

/** Cases by their place in the list, oldest first. */
type Indices = readonly number[];

/**
 * One step of a walk forward. Each part comes after the one before it in time, and no label of an earlier part, with
 * its embargo, reaches the first question of a later one.
 */
export type Fold = {
  readonly train: Indices;
  /** Where learning stops: never learned from, so that the best number of rounds can be read off it. */
  readonly stop: Indices;
  /** Held back from both: the calibration is fitted here. */
  readonly calibrate: Indices;
  /** What the model of this fold is judged on; empty in the last one, which has seen everything. */
  readonly test: Indices;
  /** The model of this fold answers from here on. */
  readonly from: EpochMs;
};

export type SplitSpec = {
  /** First question that is judged: everything a model learns lies before. */
  readonly testFrom: EpochMs;
  /** Parts the judged time is cut into; each gets a model that learned all that came before it. */
  readonly folds: number;
  /** Shares of what may be learned from that are held back, newest last. */
  readonly stopShare: number;
  readonly calibrateShare: number;
};

/** Fewer cases than this in any part and nothing can be said. */
export const MIN_PART = 30;

export type TooFewCases = {
  readonly code: 'too-few-cases';
  readonly part: 'train' | 'stop' | 'calibrate' | 'test';
  readonly got: number;
  readonly needed: number;
};

/** Those of the cases whose label and embargo are over before `boundary`. */
const cleared = (cases: readonly Timed[], among: Indices, boundary: EpochMs): Indices =>
  among.filter((i) => {
    const clearAt = cases[i]?.clearAt ?? null;
    return clearAt !== null && clearAt <= boundary;
  });

const asOfOf = (cases: readonly Timed[], index: number | undefined): EpochMs =>
  (index === undefined ? undefined : cases[index]?.asOf) ?? epochMs(0);

/** First index at or after the wanted place at which a new time begins: cases of one time are never torn apart. */
function placeOfTime(cases: readonly Timed[], among: Indices, wanted: number): number {
  let place = wanted;
  while (place > 0 && place < among.length && asOfOf(cases, among[place]) === asOfOf(cases, among[place - 1]))
    place += 1;
  return place;
}

/** Cuts what lies before a boundary into the parts that are learned, stopped on and calibrated on. */
function partsBefore(cases: readonly Timed[], usable: Indices, spec: SplitSpec): Omit<Fold, 'test' | 'from'> {
  const stopAt = placeOfTime(cases, usable, Math.floor(usable.length * (1 - spec.stopShare - spec.calibrateShare)));
  const calibrateAt = placeOfTime(cases, usable, Math.floor(usable.length * (1 - spec.calibrateShare)));
  const stop = usable.slice(stopAt, calibrateAt);
  const calibrate = usable.slice(calibrateAt);
  return {
    train: cleared(cases, usable.slice(0, stopAt), asOfOf(cases, stop[0])),
    stop: cleared(cases, stop, asOfOf(cases, calibrate[0])),
    calibrate,
  };
}

function tooFew(fold: Fold, isLast: boolean): TooFewCases | null {
  const parts = isLast ? (['train', 'stop', 'calibrate'] as const) : (['train', 'stop', 'calibrate', 'test'] as const);
  for (const part of parts) {
    const got = fold[part].length;
    if (got < MIN_PART) return { code: 'too-few-cases', part, got, needed: MIN_PART };
  }
  return null;
}

/**
 * Returns the folds of an expanding walk forward, oldest first, and last a fold without a test that learned from
 * everything: the model that is used from now on.
 * @param cases oldest first by `asOf`
 * @errors 'too-few-cases' with the part that is too small
 * @source López de Prado 2018, ch. 7: purging and embargo, here with the past only
 */
export function walkForwardFolds(cases: readonly Timed[], spec: SplitSpec): Result<readonly Fold[], TooFewCases> {
  const all = cases.map((_, i) => i);
  const tested = all.filter((i) => asOfOf(cases, i) >= spec.testFrom);
  const folds: Fold[] = [];
  for (let k = 0; k < spec.folds; k += 1) {
    const begin = placeOfTime(cases, tested, Math.floor((tested.length * k) / spec.folds));
    const end = placeOfTime(cases, tested, Math.floor((tested.length * (k + 1)) / spec.folds));
    const test = tested.slice(begin, end);
    const from = asOfOf(cases, test[0]);
    const usable = cleared(cases, all, from);
    folds.push({ ...partsBefore(cases, usable, spec), test, from });
  }
  // Nothing is judged by the last model: it may learn every label, and answers once the last of them is settled.
  const from = epochMs(cases.reduce((latest, { settledAt }) => Math.max(latest, settledAt), 0));
  folds.push({ ...partsBefore(cases, all, spec), test: [], from });
  for (const [k, fold] of folds.entries()) {
    const wrong = tooFew(fold, k === folds.length - 1);
    if (wrong !== null) return err(wrong);
  }
  return ok(folds);
}
