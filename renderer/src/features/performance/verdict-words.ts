import type { StandingVerdict } from '#shared/domain/backtest.ts';
import { countText, DASH, percentText } from '#shared/format/numbers.ts';
import { basisPointText, conditionsOf, RULE } from './conditions.ts';
import { dayText, isOfCalendar, pointDay, wallClock } from './time-ticks.ts';
import type { Verdict } from './verdict.ts';

/** The verdict in words. `detail` has one figure that stands out, between the words before and after it. */
export type VerdictWords = {
  readonly title: string;
  readonly detail: { readonly before: string; readonly figure: string; readonly after: string };
  readonly tag: { readonly text: string; readonly tone: 'plain' | 'warn' | 'accent' };
};

const counted = (count: number, one: string): string => `${countText(count)} ${one}${count === 1 ? '' : 's'}`;

const COUNTS = ['none', 'one', 'two', 'three', 'all four'] as const;

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

/** What the sample lacks: "34 decisions and 12 days". */
function missingText({ decisions, days }: Verdict): string {
  const missing = [
    { count: RULE.decisions - decisions, one: 'decision' },
    { count: RULE.days - days, one: 'day' },
  ].filter(({ count }) => count > 0);
  return listed(missing.map(({ count, one }) => counted(count, one)));
}

function insufficient(verdict: Verdict): VerdictWords {
  const missing = missingText(verdict);
  return {
    title: 'Too early for a verdict',
    detail: {
      before: `Kelly against fixed sizing is judged from ${RULE.decisions} decisions and ${RULE.days} days on${missing === '' ? '.' : '; still missing:'}`,
      figure: missing === '' ? '' : `${missing}.`,
      after: '',
    },
    tag: { text: 'Too early', tone: 'plain' },
  };
}

/** Why a difference is not yet a verdict. */
function openText(verdict: Verdict): string {
  const { lower, upper } = verdict;
  if (lower === null || upper === null || (lower <= 0 && upper >= 0)) return '. The 90 % interval still contains zero.';
  const unmet = conditionsOf(verdict).filter(({ isMet }) => isMet !== true);
  const names = listed(unmet.map(({ name }) => name));
  return `, and the 90 % interval is above zero. Not met yet: ${names}.`;
}

/** Who is ahead, by how much a day; never as a result. */
function lead(difference: number): { readonly before: string; readonly figure: string } {
  const figure = `${basisPointText(Math.abs(difference))} a day`;
  return difference < 0
    ? { before: 'Fixed sizing leads Kelly by', figure }
    : { before: 'Kelly leads fixed sizing by', figure };
}

function inconclusive(verdict: Verdict): VerdictWords {
  const { meanDifference } = verdict;
  const tag = { text: 'Inconclusive', tone: 'warn' } as const;
  if (meanDifference === null || meanDifference === 0) {
    return {
      title: 'Not proven yet',
      detail: { before: 'The two books have not parted so far.', figure: '', after: '' },
      tag,
    };
  }
  return { title: 'Not proven yet', detail: { ...lead(meanDifference), after: openText(verdict) }, tag };
}

/** The interval in words: +0.8 to +5.6 bp. */
export const intervalText = ({ lower, upper }: Verdict): string =>
  lower === null || upper === null ? DASH : `${basisPointText(lower).replace(' bp', '')} to ${basisPointText(upper)}`;

function kellyBetter(verdict: Verdict): VerdictWords {
  const met = conditionsOf(verdict).filter(({ isMet }) => isMet === true).length;
  return {
    title: 'Kelly sizing has grown faster',
    detail: {
      before: 'By',
      figure: `${basisPointText(verdict.meanDifference)} a day`,
      after: ` against ${percentText(verdict.fixedFraction)} fixed, 90 % interval ${intervalText(verdict)}; ${COUNTS[met] ?? met} conditions met.`,
    },
    tag: { text: `Kelly ahead, ${met} of 4 met`, tone: 'accent' },
  };
}

function fixedBetter(verdict: Verdict): VerdictWords {
  const difference = verdict.meanDifference === null ? null : Math.abs(verdict.meanDifference);
  return {
    title: 'Fixed sizing has grown faster',
    detail: {
      before: 'By',
      figure: `${basisPointText(difference)} a day`,
      after: `; the whole 90 % interval, ${intervalText(verdict)}, is below zero. Consider fixed sizing, or λ = ¼.`,
    },
    tag: { text: 'Fixed ahead', tone: 'warn' },
  };
}

/** Says what the comparison of Kelly and fixed sizing has shown, in a sentence that carries its figures. */
export function verdictWords(verdict: Verdict): VerdictWords {
  switch (verdict.code) {
    case 'insufficient':
      return insufficient(verdict);
    case 'inconclusive':
      return inconclusive(verdict);
    case 'kelly-better':
      return kellyBetter(verdict);
    case 'fixed-better':
      return fixedBetter(verdict);
  }
}

/** How much longer until the difference can be proven, and what that rests on. */
export function daysNeededWords(verdict: Verdict): { readonly value: string; readonly note: string } {
  const { daysStillNeeded, days, decisions, code } = verdict;
  if (code === 'insufficient' && days < RULE.days) {
    return { value: countText(RULE.days - days), note: `of ${RULE.days} for a first verdict` };
  }
  if (code === 'insufficient' && decisions < RULE.decisions) {
    return { value: DASH, note: `needs ${counted(RULE.decisions - decisions, 'more decision')}` };
  }
  if (daysStillNeeded === null) return { value: DASH, note: 'needs a difference to measure' };
  if (daysStillNeeded === 0) return { value: '0', note: `${countText(days)} are enough for 80 % power` };
  return { value: countText(daysStillNeeded), note: `of ${countText(days + daysStillNeeded)} at 80 % power` };
}

/** When the verdict is read again, and of when the one that stands is. */
export function nextVerdictWords({ standing, running }: Pick<StandingVerdict, 'standing' | 'running'>): {
  readonly value: string;
  readonly note: string;
} {
  const note = standing === null || standing.at === null ? 'once a month' : `stands since ${pointDay(standing.at)}`;
  if (running.at === null) return { value: DASH, note };
  if (!isOfCalendar(running.at)) return { value: DASH, note };
  const day = new Date(wallClock(running.at));
  return { value: dayText(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1)), note };
}
