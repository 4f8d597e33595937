import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  endedText,
  grownText,
  jobText,
  statisticCell,
  verdictCell,
  verdictSentence,
} from '#renderer/src/features/backtest/backtest-words.ts';
import { defaultSlots, LINE_STYLES, styleOf, toggleSlot } from '#renderer/src/features/backtest/line-styles.ts';
import {
  chartAlternative,
  drawdownScene,
  equityScene,
  figuresAt,
  pointAt,
  type PolicyLine,
} from '#renderer/src/features/backtest/policy-scenes.ts';
import {
  choosePolicies,
  defaultText,
  EMPTY_DRAFT,
  requestOf,
  specOf,
  togglePolicy,
  typeParameter,
  useBacktestDraft,
} from '#renderer/src/store/backtest-draft.ts';
import { pointsFor } from '#renderer/src/store/backtest-series.ts';
import { activeJob, selectedRun } from '#renderer/src/store/backtest.ts';
import { MOST_POINTS } from '#shared/contract/backtest-operations.ts';
import { policiesRequestSchema } from '#shared/contract/backtest-requests.ts';
import type { BacktestJob, RunHead, StandingVerdict, VerdictReading } from '#shared/domain/backtest.ts';
import { sessionStart } from '#shared/session-day.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { DEFAULT_POLICIES, POLICY_OFFERS } from '#desk/backtest/catalogue.ts';

const offerOf = (key: string) => {
  const found = POLICY_OFFERS.find((offer) => offer.key === key);
  if (found === undefined) throw new Error(`no offer ${key}`);
  return found;
};

describe('the draft of a backtest', () => {
  afterEach(() => useBacktestDraft.setState(EMPTY_DRAFT));

  it('asks for all thirteen policies with their exact defaults when nothing was typed', () => {
    const request = requestOf(POLICY_OFFERS, EMPTY_DRAFT);
    expect(request).toEqual({ ok: true, value: { kind: 'policies', policies: [...DEFAULT_POLICIES] } });
  });

  it('shows fractions in percent and takes them back without the noise of a division', () => {
    const offer = offerOf('fixed-fractional-0.01');
    expect(offer.parameters.map((parameter) => defaultText(offer, parameter))).toEqual(['1']);
    expect(specOf(offer, { fraction: '1.1' })).toEqual({
      ok: true,
      value: { kind: 'fixed-fractional', fraction: 0.011 },
    });
  });

  it('leaves a parameter to each decision where its field is empty, and only where it may', () => {
    const live = offerOf('recommended');
    expect(specOf(live, { multiplier: '0.5', lookBackDays: '' })).toMatchObject({
      value: { multiplier: 0.5, lookBackDays: null, evidenceTrades: null },
    });
    expect(specOf(offerOf('fixed-contracts-1'), { contracts: '' })).toMatchObject({ ok: false });
  });

  it.each(['0', '1.5', '-1', 'a', '1e3', '1001', 'NaN'])('refuses %j contracts by the name of the policy', (text) => {
    typeParameter('fixed-contracts-1', 'contracts', text);
    expect(requestOf(POLICY_OFFERS, useBacktestDraft.getState())).toEqual({
      ok: false,
      error: 'Fixed, 1 contract: Contracts takes 1 to 1000.',
    });
  });

  it('refuses no policy, the same one twice, a range that ends before it begins, and a seed that is none', () => {
    choosePolicies(POLICY_OFFERS, false);
    expect(requestOf(POLICY_OFFERS, useBacktestDraft.getState())).toMatchObject({
      error: 'Choose at least one policy.',
    });
    choosePolicies(POLICY_OFFERS, true);
    typeParameter('fixed-fractional-0.02', 'fraction', '1');
    expect(requestOf(POLICY_OFFERS, useBacktestDraft.getState())).toMatchObject({
      error: 'Fixed fractional 2\u202f% has the parameters of another chosen policy.',
    });
    const days = { ...EMPTY_DRAFT, fromDay: '2026-02-01', toDay: '2026-01-01' };
    expect(requestOf(POLICY_OFFERS, days)).toMatchObject({ error: 'The range ends before it begins.' });
    expect(requestOf(POLICY_OFFERS, { ...EMPTY_DRAFT, seed: '1.5' })).toMatchObject({ ok: false });
    expect(requestOf(POLICY_OFFERS, { ...EMPTY_DRAFT, workers: '17' })).toMatchObject({ ok: false });
  });

  it('asks for whole session days, the last one included', () => {
    const asked = { ...EMPTY_DRAFT, fromDay: '2026-01-05', toDay: '2026-01-06', seed: '9', workers: '2' };
    expect(requestOf(POLICY_OFFERS, asked)).toMatchObject({
      value: { from: sessionStart('2026-01-05'), to: sessionStart('2026-01-07'), seed: 9, workers: 2 },
    });
  });

  it('never asks for what the contract refuses, whatever is typed', () => {
    const keys = POLICY_OFFERS.flatMap((offer) => offer.parameters.map(({ name }) => ({ key: offer.key, name })));
    const text = fc.oneof(fc.string({ maxLength: 6 }), fc.integer().map(String), fc.double().map(String));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...keys), text)), text, (typed, seed) => {
        useBacktestDraft.setState(EMPTY_DRAFT);
        for (const [{ key, name }, words] of typed) typeParameter(key, name, words);
        const request = requestOf(POLICY_OFFERS, { ...useBacktestDraft.getState(), seed });
        if (request.ok) expect(policiesRequestSchema.safeParse(request.value).success).toBe(true);
        else expect(request.error).toMatch(/\.$/);
      }),
    );
  });

  it('takes a policy out and in again', () => {
    togglePolicy('recommended');
    const without = requestOf(POLICY_OFFERS, useBacktestDraft.getState());
    expect(without.ok && without.value.policies.some(({ kind }) => kind === 'recommended')).toBe(false);
    togglePolicy('recommended');
    expect(requestOf(POLICY_OFFERS, useBacktestDraft.getState())).toEqual(requestOf(POLICY_OFFERS, EMPTY_DRAFT));
  });
});

const policies = DEFAULT_POLICIES.map((spec, i) => ({ key: `p${i}`, spec }));

describe('the lines of policies', () => {
  it('gives six styles out, the live policy and the constant fraction first', () => {
    const slots = defaultSlots(policies);
    expect(slots).toEqual(['p7', 'p1', 'p0', 'p2', 'p3', 'p4']);
    expect(styleOf(slots, 'p7')).toBe(LINE_STYLES[0]);
    expect(styleOf(slots, 'p12')).toBeNull();
  });

  it('never draws more than six, nor one twice, and a line keeps its style', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 })), (clicks) => {
        let slots = defaultSlots(policies);
        for (const i of clicks) {
          const before = slots;
          slots = toggleSlot(slots, `p${i}`);
          before.forEach((key, slot) => {
            if (key !== null && key !== `p${i}`) expect(slots[slot]).toBe(key);
          });
        }
        const drawn = slots.filter((key) => key !== null);
        expect(slots).toHaveLength(LINE_STYLES.length);
        expect(new Set(drawn).size).toBe(drawn.length);
      }),
    );
  });

  const [style] = LINE_STYLES;
  if (style === undefined) throw new Error('there are no styles');
  const line = (key: string, usd: readonly number[], drawdown = usd.map(() => 0)): PolicyLine => ({
    ...{ key, label: key.toUpperCase(), style },
    series: {
      ...{ key, total: usd.length, drawdown },
      at: usd.map((_, i) => epochMs(i * 86_400_000)),
      equity: usd.map(moneyFromUsd),
    },
  });
  const size = { width: 620, height: 280, hasTimes: true };

  it('are inside their plot, with the last value at the end of each', () => {
    const lines = [line('a', [100, 120, 90]), line('b', [100, 100, 250])];
    const scene = equityScene(lines, size);
    const texts = scene.shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []));
    expect(texts).toEqual(expect.arrayContaining(['$90', '$250']));
    for (const shape of scene.shapes) {
      if (shape.kind !== 'line') continue;
      for (const [, x, y] of shape.d.matchAll(/[ML](\S+) ([\d.-]+)/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(scene.plot.left - 1);
        expect(Number(x)).toBeLessThanOrEqual(scene.plot.right + 1);
        expect(Number(y)).toBeGreaterThanOrEqual(scene.plot.top - 1);
        expect(Number(y)).toBeLessThanOrEqual(scene.plot.bottom + 1);
      }
    }
  });

  it('are drawn for flat and ruined accounts, too', () => {
    const lines = [line('a', [100, 100, 100]), line('b', [100, 0, -20], [0, 1, 1.2])];
    for (const draw of [equityScene, drawdownScene]) {
      expect(JSON.stringify(draw(lines, size))).not.toMatch(/NaN|Infinity|null/);
    }
    expect(chartAlternative(lines)).toBe(
      'A ends at $100.00, deepest 0.00\u202f% below its highest; B ends at −$20.00, deepest 120.00\u202f% below its highest.',
    );
  });

  it('tell the figures of the last point at or before a time', () => {
    expect([-1, 0, 4, 5, 9, 10, 99].map((time) => pointAt([0, 5, 10], time))).toEqual([0, 0, 0, 1, 1, 2, 2]);
    expect(figuresAt(line('a', [100, 120], [0, 0.1]), 86_400_001)).toEqual({ equity: 120, drawdown: 0.1 });
    expect(figuresAt(line('a', []), 0)).toBeNull();
  });

  it('are asked for in as many points as there are px, and never more than an answer holds', () => {
    expect(pointsFor(0)).toBe(200);
    expect(pointsFor(310)).toBe(800);
    expect(pointsFor(3000)).toBe(MOST_POINTS);
  });
});

const job = (change: Partial<BacktestJob> = {}): BacktestJob => ({
  ...{ jobId: 'j', kind: 'policies', name: 'Backtest', state: 'running', phase: 'Walking 13 policies' },
  ...{ done: 425, total: 1000, startedAt: epochMs(0), endedAt: null, etaMs: 12_400, workers: 1, runId: null },
  ...{ error: null, ...change },
});

const interval = (value: number | null, half = 0.0003) => ({
  value,
  lower: value === null ? null : value - half,
  upper: value === null ? null : value + half,
});
const reading = (code: VerdictReading['code'], growth = interval(0.00012)): VerdictReading => ({
  ...{
    code,
    at: epochMs(Date.UTC(2026, 7, 31, 20)),
    decisions: 120,
    days: 80,
    growth,
    growthVsContracts: interval(null),
  },
  ...{ pOneSided: null, sharpeDifference: interval(null), deflatedSharpe: null, drawdownRatio: null, memmelZ: null },
  ...{ correlation: null, daysNeeded: null, daysStillNeeded: null, proposedMultiplier: null },
  conditions: {
    ...{ hasEnoughDecisions: true, hasEnoughDays: true, growsFaster: false, sharpeHolds: false },
    ...{ survivesDeflation: false, drawdownHolds: false, growsSlower: false },
  },
});
const standing = (made: VerdictReading | null): StandingVerdict => ({
  ...{ fixedFraction: 0.0102, fixedContracts: 1, standing: made, running: reading('insufficient', interval(null)) },
});

describe('the words of a backtest', () => {
  it('say how far a job is and never round it up to the end', () => {
    expect(jobText(job())).toBe('42\u202f% · Walking 13 policies · 12 s left');
    expect(jobText(job({ done: 999, etaMs: null }))).toBe('99\u202f% · Walking 13 policies · time left not known yet');
    expect(jobText(job({ state: 'waiting' }))).toBe('waits for the one before it');
    expect(endedText(job({ state: 'cancelled' }))).toBe('Ended at 42\u202f%. Nothing of it is kept.');
    expect(endedText(job({ state: 'failed', error: 'No room on the disk' }))).toBe('No room on the disk');
  });

  it('never call a policy better without its interval, and tell what stands from what today reads', () => {
    expect(verdictCell(standing(null))).toEqual({ text: '—', reason: 'no verdict before the first whole month' });
    expect(verdictCell(standing(reading('inconclusive')))).toEqual({ text: 'Not proven', reason: null });
    expect(verdictSentence(standing(reading('kelly-better')))).toBe(
      'Faster against 1.02\u202f% fixed at 31 Aug 2026: +1.2 bp a day, 90 % interval −1.8 to +4.2 bp.',
    );
    expect(verdictSentence(standing(reading('inconclusive')))).toMatch(
      / Not met: growth, Sharpe ratio, deflated Sharpe and drawdown\.$/,
    );
    expect(verdictSentence(standing(null))).toBe(
      'No verdict against 1.02\u202f% fixed before the first whole month; so far too early: no difference to measure yet.',
    );
  });

  it('keep the reason of a figure that is not there', () => {
    expect(statisticCell({ value: null, reason: 'needs a year' }, String)).toEqual({
      text: '—',
      reason: 'needs a year',
    });
    expect(statisticCell({ value: 1.5, reason: null }, String)).toEqual({ text: '1.5', reason: null });
  });

  const head = { runId: 'b', journal: { events: 1200 } } as RunHead;

  it('say that the journal has grown, and nothing when it has not', () => {
    expect(grownText(head, 1332)).toBe('The journal has grown by 132 events since.');
    expect(grownText(head, 1201)).toBe('The journal has grown by 1 event since.');
    expect(grownText(head, 1200)).toBeNull();
    expect(grownText(head, null)).toBeNull();
  });

  it('open the newest run unless another that is still there was chosen; the oldest open job is the one that runs', () => {
    const other = { ...head, runId: 'a' };
    expect(selectedRun('a', [head, other])).toBe(other);
    expect(selectedRun('gone', [head, other])).toBe(head);
    expect(selectedRun(null, [])).toBeNull();
    const running = job({ jobId: '1' });
    expect(activeJob([job({ jobId: '2', state: 'waiting' }), running, job({ state: 'done' })])).toBe(running);
    expect(activeJob([job({ state: 'cancelled' })])).toBeNull();
  });
});
