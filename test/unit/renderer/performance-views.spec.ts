import { describe, expect, it } from 'vitest';
import { rolling } from '#desk/backtest/rolling.ts';
import { standingVerdict } from '#desk/backtest/standing-verdict.ts';
import {
  headText,
  nowText,
  ROLLING_FIGURES,
  rollingText,
  stretchesOf,
} from '#renderer/src/features/performance/rolling-figures.ts';
import { rollingScene } from '#renderer/src/features/performance/rolling-scene.ts';
import { BOOK_LINES, TRADE_LINES } from '#renderer/src/features/performance/statistics-words.ts';
import { verdictParts } from '#renderer/src/features/performance/verdict-parts.ts';
import { equityStatisticsSchema, type StandingVerdict } from '#shared/domain/backtest.ts';
import type { RollingPoint } from '#shared/domain/performance-detail.ts';
import { tradeStatisticsSchema } from '#shared/domain/performance.ts';
import { daysAfter } from '#shared/session-day.ts';
import { epochMs } from '#shared/units.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5, 15);
const EXPECTANCY = ROLLING_FIGURES.find(({ name }) => name === 'expectancy');
const PAYOFF = ROLLING_FIGURES.find(({ name }) => name === 'payoff');
if (EXPECTANCY === undefined || PAYOFF === undefined) throw new Error('the figures have lost one');

const of = (r: readonly number[], window: number) =>
  rolling(
    r.map((value, i) => ({ exitAt: START + i * DAY, r: value })),
    { window, scratchR: 0.05 },
  );

describe('the rolling figures', () => {
  it('are cut where they are not defined, not joined over the gap', () => {
    const point = (trade: number, payoff: number | null): RollingPoint => ({
      ...{ at: epochMs(START + trade * DAY), trade, payoff, expectancy: 0, winRate: 0, sqn: 0 },
    });
    const points = [point(1, null), point(2, 1.5), point(3, 1.6), point(4, null), point(5, 1.2)];
    expect(stretchesOf(points, 'payoff').map((one) => one.map(({ trade }) => trade))).toEqual([[2, 3], [5]]);
  });

  it('say what they are, what all trades make, and why there is nothing', () => {
    const full = of([2, -1, 1, 0, -1, 3], 5);
    expect(headText(full, EXPECTANCY)).toBe('+0.40 R; dashed: all trades, +0.67 R');
    expect(nowText(of([1], 20), EXPECTANCY)).toBe('— needs 20 trades, there is 1');
    const last = full.points.at(-1);
    expect(last && rollingText(last)).toBe(
      'Trade 6, 10 Jan 2026: expectancy +0.40 R, win rate 50.0\u202f%, payoff 2.00, SQN —',
    );
  });

  it('draw a line inside the plot and a level for all trades', () => {
    const data = of(
      Array.from({ length: 120 }, (_, i) => (i % 3 === 0 ? 1.4 : -0.6)),
      20,
    );
    const { plot, shapes } = rollingScene({ rolling: data, figure: PAYOFF, width: 600, height: 240 });
    const line = shapes.find(({ key }) => key === 'line 0');
    const pairs = [...(line?.kind === 'line' ? line.d : '').matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)];
    expect(pairs).toHaveLength(data.points.length);
    for (const [, x, y] of pairs) {
      expect(Number(x)).toBeGreaterThanOrEqual(plot.left);
      expect(Number(x)).toBeLessThanOrEqual(plot.right);
      expect(Number(y)).toBeGreaterThanOrEqual(plot.top);
      expect(Number(y)).toBeLessThanOrEqual(plot.bottom);
    }
    expect(shapes.some(({ key }) => key === 'whole')).toBe(true);
  });
});

/** Days of two books, Kelly a little ahead, over three months. */
function verdictOf(days: number): StandingVerdict {
  const names = Array.from({ length: days }, (_, i) => daysAfter('2026-01-01', i));
  const wave = (i: number) => Math.sin(i * 1.7) * 0.004;
  return {
    ...{ fixedFraction: 0.0125, fixedContracts: 2 },
    ...standingVerdict({
      days: names,
      endsAt: names.map((day) => Date.parse(day) + DAY),
      kelly: names.map((_, i) => 0.001 + wave(i)),
      fixedFraction: names.map((_, i) => 0.0006 + wave(i)),
      fixedContracts: names.map((_, i) => 0.0008 + wave(i + 1)),
      decidedAt: Array.from({ length: 2 * days }, (_, i) => Date.parse('2026-01-01') + (i * DAY) / 2),
      trials: { count: 3, varSharpeAnn: 0.2 },
      seed: 1,
    }),
  };
}

describe('the parts of the verdict', () => {
  it('are all that quant.md 7.1 names, each with its figure, its level and words', () => {
    const verdict = verdictOf(100);
    const parts = verdictParts(verdict);
    expect(parts.map(({ name, needed }) => [name, needed])).toEqual([
      ['Decisions', '≥ 100'],
      ['Days', '≥ 60'],
      ['Growth difference', 'lower end > 0'],
      ['Chance of as much by luck', null],
      ['Sharpe difference', 'lower end > −0.10'],
      ['Memmel z', null],
      ['Deflated Sharpe', '≥ 0.95'],
      ['Drawdown against fixed', '≤ 1.50 ×'],
      ['Against fixed contracts', null],
      ['Days until it is provable', null],
    ]);
    const [, , growth, , , , , , contracts] = parts;
    expect(growth?.words).toContain('always bets 1.25\u202f%');
    expect(contracts?.words).toContain('2 contracts a trade');
    expect(growth?.read(verdict.running)).toMatch(/^\+\d+\.\d bp, 90 %: [+−]\d+\.\d to \+\d+\.\d$/);
    for (const part of parts) {
      for (const reading of [verdict.running, verdict.standing]) {
        expect(reading && part.read(reading)).not.toMatch(/NaN|null|Infinity|undefined/);
      }
    }
  });

  it('hold or not as the desk decided, and are undecided where nothing can be said', () => {
    const none = verdictParts(verdictOf(0));
    expect(none.map(({ isMet }) => isMet(verdictOf(0).running))).toEqual([
      ...[false, false, null, null, null, null, null, null, null, null],
    ]);
    const verdict = verdictOf(100);
    const { conditions } = verdict.running;
    const met = verdictParts(verdict).map(({ isMet }) => isMet(verdict.running));
    expect(met[2]).toBe(conditions.growsFaster);
    expect(met[4]).toBe(conditions.sharpeHolds);
    expect(met[6]).toBe(conditions.survivesDeflation);
  });
});

describe('the statistics', () => {
  it('name and define everything the desk reckons of a book and of the trades', () => {
    // Days stand in the head of the table.
    const fields = Object.keys(equityStatisticsSchema.shape).filter((name) => name !== 'days');
    expect(BOOK_LINES).toHaveLength(fields.length);
    // Wins, losses and scratches share a line; the longest losing streak has one of its own.
    expect(TRADE_LINES).toHaveLength(Object.keys(tradeStatisticsSchema.shape).length - 2 + 1);
    for (const { how } of [...BOOK_LINES, ...TRADE_LINES]) expect(how.length).toBeGreaterThan(15);
  });
});
