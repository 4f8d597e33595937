import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { barFigures, barTime, barWords, gapText } from '#renderer/src/chart/bar-words.ts';
import { gapMarks, missingBefore } from '#renderer/src/chart/candle-data.ts';
import { fits } from '#renderer/src/chart/axis-labels.ts';
import { besideSpan, freePlace } from '#renderer/src/chart/label-layout.ts';
import { backoffMs } from '#renderer/src/api/transport.ts';
import { targetInR } from '#renderer/src/features/desk/chart-plan.ts';
import { atContracts } from '#renderer/src/features/desk/at-contracts.ts';
import { axisMarks, axisShare, contractAxis } from '#renderer/src/features/ladder/contract-axis.ts';
import { createDigits } from '#renderer/src/features/keys/digits.ts';
import { resolveTheme } from '#renderer/src/store/theme.ts';
import { countdown, timeLeft } from '#renderer/src/ui/times.ts';
import { ladderRows } from '#renderer/src/features/ladder/ladder-rows.ts';
import { activityText, contractName, oneMore, oneMoreShort, shorten } from '#renderer/src/ui/words.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { recommendationsAt } from '#test/support/desk-fixtures/recommendations.ts';

const decision = recommendationsAt(epochMs(1_756_000_000_000)).find((r) => r.decision.contracts > 0)!.decision;

describe('display', () => {
  it('shortens by whole clauses and never inside one', () => {
    expect(shorten('one, two; three (four)', 100)).toBe('one, two; three (four)');
    expect(shorten('one, two; three (four)', 16)).toBe('one, two; three');
    expect(shorten('one, two; three (four)', 9)).toBe('one, two');
    expect(shorten('indivisible', 3)).toBe('indivisible');
  });

  it('names a contract without its exchange', () => {
    expect(contractName('NQZ26-CME')).toBe('NQZ26');
    expect(contractName('MES')).toBe('MES');
  });

  it('does not repeat the symbol in an activity line', () => {
    const line = { seq: 1, at: epochMs(0), kind: 'filled' as const, symbol: 'NQZ26-CME', pnl: null };
    expect(activityText({ ...line, text: 'NQ long 5' })).toBe('long 5');
    expect(activityText({ ...line, text: 'NQZ26-CME, disagree' })).toBe('disagree');
    expect(activityText({ ...line, text: 'NQX stays' })).toBe('NQX stays');
  });

  it('puts cap and minimum in one row and keeps the order of the ladder', () => {
    const codes = ladderRows(decision.ladder, false).map((row) => row.code);
    expect(codes).toEqual(['probability', 'payoff', 'full-kelly', 'evidence', 'multiplier', 'minimum', 'capital']);
  });

  it('says in a small window what one more breaks and where the trades are from, in one line', () => {
    const sized = {
      ...decision,
      contracts: 5,
      walls: decision.walls.map((wall) => (wall.binds ? { ...wall, allowed: 5 } : wall)),
    };
    expect(oneMore(sized, true)).toMatch(/^6 breaks it\.( Kelly allows \d+\.)?$/);
    expect(oneMoreShort(sized)).toMatch(/^6 breaks [^()]+$/);
    const payoff = ladderRows(decision.ladder, true).find(({ code }) => code === 'payoff');
    expect(payoff?.note).toMatch(/\d+ W \d+ L$/);
    expect(payoff?.note.length).toBeLessThanOrEqual(26);
    expect(payoff?.full).toContain('days');
  });

  it('tells the figures of a bar, its time and what it moved, and no volume where there is none', () => {
    const at = epochMs(Date.UTC(2026, 8, 15, 14, 42));
    const prices = { open: ticks(9_400), high: ticks(9_404), low: ticks(9_396), close: ticks(9_398) };
    const bar = { symbol: 'NQ', timeframe: '1m' as const, openAt: at, closeAt: at, ...prices, volume: 0 };
    const style = { tickSize: 0.25, priceFormat: 'decimal' as const };
    expect(barWords(bar, style).replaceAll('\u202f', ' ')).toBe(
      '15 Sep, 10:42: Open 2,350.00, High 2,351.00, Low 2,349.00, Close 2,349.50, Change −0.50 (−0.02 %)',
    );
    expect(barFigures({ ...bar, volume: 1_204 }, style).at(-1)).toEqual(['Volume', '1,204']);
    expect(barTime({ ...bar, timeframe: '1d' })).toBe('15 Sep 2026');
    expect(barWords(bar, style, 75)).toContain('10:42 (no bars for 1 h 15 min before): Open');
  });

  it('marks a gap at the bar that ends it, and fills nothing', () => {
    const minute = (n: number) => {
      const [openAt, closeAt] = [epochMs(n * 60_000), epochMs((n + 1) * 60_000)];
      const prices = { open: ticks(1), high: ticks(1), low: ticks(1), close: ticks(1) };
      return { symbol: 'NQ', timeframe: '1m' as const, openAt, closeAt, ...prices, volume: 1 };
    };
    const bars = [minute(0), minute(1), minute(14), minute(15)];
    expect(bars.map((_, n) => missingBefore(bars, n))).toEqual([0, 0, 12, 0]);
    expect(gapMarks(bars, '#888').map(({ time }) => time)).toEqual([14 * 60]);
    const days = bars.map((bar) => ({ ...bar, timeframe: '1d' as const }));
    expect(gapMarks(days, '#888')).toEqual([]);
    expect([12, 60, 75].map(gapText)).toEqual([
      'no bars for 12 min before',
      'no bars for 1 h before',
      'no bars for 1 h 15 min before',
    ]);
  });

  it('draws contracts on an axis that holds the size with room above', () => {
    expect(contractAxis({ ...decision, contracts: 5 })).toEqual({ top: 14, step: 2 });
    const wide = contractAxis({ ...decision, contracts: 50 });
    expect(wide.top).toBeGreaterThan(50);
    expect(axisShare(1_000, wide)).toBe(1);
    expect(axisMarks({ top: 14, step: 2 })).toEqual([0, 2, 4, 6, 8, 10, 12]);
  });

  it('shows the figures of another size in proportion and the cluster as a bound', () => {
    const half = { ...decision, contracts: 4, riskFraction: 0.02, heatBefore: 0.03, heatAfter: 0.05 };
    const shown = atContracts(half, 2);
    expect(shown.riskFraction).toBeCloseTo(0.01, 12);
    expect(shown.heatAfter).toBeCloseTo(0.04, 12);
    expect(shown.risk).toBe((half.riskPerContract ?? 0) * 2);
    expect(shown.clusterBound).toBe('at-most');
    expect(atContracts(half, 5).clusterBound).toBe('at-least');
    expect(atContracts(half, 4)).toMatchObject({ heatAfter: 0.05, clusterBound: 'exact' });
  });

  it('moves the last price clear of the plan lines', () => {
    expect(freePlace(100, [])).toBe(100);
    expect(freePlace(100, [105])).toBe(87);
    expect(freePlace(100, [95, 110])).toBe(77);
  });

  it('stands words beside a past trade where they are whole: behind it, before it, or at the edge', () => {
    const span = { left: 150, right: 200 };
    expect(besideSpan(span, 80, 300)).toBe(206);
    expect(besideSpan(span, 80, 250)).toBe(64);
    expect(besideSpan({ left: 50, right: 200 }, 80, 250)).toBe(168);
    expect(besideSpan({ left: 10, right: 40 }, 80, 60)).toBe(2);
  });

  it('leaves out a time that the edge of the axis would cut', () => {
    expect(fits('10:40', 20, 400)).toBe(true);
    expect(fits('10:40', 12, 400)).toBe(false);
    expect(fits('10:40', 390, 400)).toBe(false);
  });

  it('says what the target pays net, in units of what the stop costs', () => {
    const nq = recommendationsAt(epochMs(1_756_000_000_000)).find((r) => r.root === 'NQ')!;
    // 120 ticks × $5.00 − $4.60 over (80 + 2) ticks × $5.00 + $4.60.
    expect(targetInR(nq)).toBeCloseTo(595.4 / 414.6, 12);
    expect(targetInR({ ...nq, target: null })).toBeNull();
    expect(targetInR({ ...nq, decision: { ...nq.decision, ladder: [] } })).toBeNull();
  });

  it('reads digits as one number while it can still grow within the limit', () => {
    const digits = createDigits();
    expect(digits.type(1, 0, 14)).toBe(1);
    expect(digits.isOpen(100)).toBe(true);
    expect(digits.type(2, 200, 14)).toBe(12);
    expect(digits.isOpen(300)).toBe(false);
    expect(digits.type(3, 400, 5)).toBe(3);
    expect(digits.isOpen(401)).toBe(false);
    expect(digits.type(0, 2_000, 14)).toBeNull();
  });

  it('never tells more time than was given', () => {
    const span = { from: 10_300, until: 70_300 };
    expect(countdown(timeLeft(span, 10_000))).toBe('1:00');
    expect(timeLeft(span, 10_300)).toBe(60_000);
    expect(timeLeft(span, 40_300)).toBe(30_000);
    expect(timeLeft(span, 80_000)).toBe(0);
  });

  it('rounds time left up, so that 0:00 means over', () => {
    expect(countdown(60_000)).toBe('1:00');
    expect(countdown(1)).toBe('0:01');
    expect(countdown(0)).toBe('0:00');
    expect(countdown(3_599_001)).toBe('1:00:00');
    expect(countdown(86_400_000)).toBe('24:00:00');
  });

  it('waits longer after each failed attempt, up to five seconds', () => {
    expect([0, 1, 2, 3, 4, 50].map((attempt) => backoffMs(attempt, 0))).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
    expect(backoffMs(0, 1)).toBe(375);
  });

  it('follows the system only where that was chosen', () => {
    expect(resolveTheme('system', { light: true, contrast: false })).toBe('light');
    expect(resolveTheme('system', { light: true, contrast: true })).toBe('contrast');
    expect(resolveTheme('dark', { light: true, contrast: true })).toBe('dark');
  });
});

/** Tokens of a theme by name, from the style sheet itself. */
function tokens(theme: string): Readonly<Record<string, string>> {
  const file = path.resolve(import.meta.dirname, '../../../renderer/src/styles/tokens.css');
  const css = readFileSync(file, 'utf8');
  const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  const pairs = [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/gi)];
  return Object.fromEntries(pairs.map((pair): [string, string] => [pair[1] ?? '', pair[2] ?? '']));
}

const channel = (hex: string, at: number): number => {
  const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};
const luminance = (hex: string): number =>
  0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);
/** WCAG 2 contrast ratio. */
const ratio = (a: string, b: string): number => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

describe.each(['dark', 'light', 'contrast'])('tokens of the %s theme', (theme) => {
  const token = tokens(theme);
  const surfaces = ['bg', 'panel', 'raised', 'sel'];

  it.each(['text', 'text2', 'text3', 'accent', 'gain', 'loss', 'warn', 'sim', 'paper'])('%s reads as text', (name) => {
    for (const surface of surfaces) expect(ratio(token[name]!, token[surface]!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['line2', 'warn-fill'])('%s can be seen', (name) => {
    for (const surface of surfaces) expect(ratio(token[name]!, token[surface]!)).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ['on-accent', 'accent-fill'],
    ['on-live', 'live'],
    ['on-halt', 'halt'],
    ['gain', 'gain-bg'],
    ['loss', 'loss-bg'],
    ['warn', 'warn-bg'],
    ['text', 'track'],
  ])('%s reads on %s', (front, back) => {
    expect(ratio(token[front]!, token[back]!)).toBeGreaterThanOrEqual(4.5);
  });
});
