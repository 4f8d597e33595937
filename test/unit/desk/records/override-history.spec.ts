import { describe, expect, it } from 'vitest';
import { overrideHistory } from '#desk/records/override-history.ts';
import type { Words } from '#desk/backtest/words.ts';
import { moneyFromUsd, usdOf } from '#shared/units.ts';

type Said = {
  readonly id: string;
  readonly state: 'approved' | 'overridden' | 'rejected' | 'expired' | 'superseded';
  readonly suggested: number;
  /** Planned result of one contract in USD. */
  readonly plan: number;
  readonly sent?: number;
  /** What the trade made in all, in USD; absent where it was not closed. */
  readonly made?: number;
  readonly isMoved?: boolean;
};

/** The parts of the words that the report reads. */
function wordsOf(said: readonly Said[]): Words {
  const words = {
    ended: new Map(
      said.map(({ id, state, sent, isMoved }) => [
        id,
        {
          event: {
            ...{ recommendationId: id, state, contracts: sent ?? null },
            ...(isMoved === true ? { plan: { entry: 1, stop: 2, target: 3 } } : {}),
          },
        },
      ]),
    ),
    planned: new Map(
      said.map(({ id, suggested, plan }) => [
        id,
        { recommendationId: id, suggested, netPerContract: moneyFromUsd(plan), exitAt: 1000 },
      ]),
    ),
    executions: {
      trades: new Map(
        said.flatMap(({ id, made, sent }) =>
          made === undefined
            ? []
            : [[id, [{ quantity: sent, entryPrice: 1, entryAt: 500, exitAt: 900, net: moneyFromUsd(made) }]]],
        ),
      ),
      lots: new Map(
        said.flatMap(({ id, made, sent }) =>
          sent !== undefined && made === undefined ? [[id, [{ quantity: sent, price: 1, at: 500 }]]] : [],
        ),
      ),
      entries: new Map(),
      fills: new Map(
        said.map(({ id, sent }) => [id, [{ quantity: sent ?? 1, price: 1, at: 500, fee: moneyFromUsd(0) }]]),
      ),
    },
  };
  return words as unknown as Words;
}

const reportOf = (said: readonly Said[]) =>
  overrideHistory(
    wordsOf(said),
    said.map(({ id }) => id),
    () => true,
  );
const countsOf = (said: readonly Said[]) =>
  Object.fromEntries(reportOf(said).byType.map(({ type, count }) => [type, count]));

describe('the value of overrides in the history', () => {
  it('splits actual less recommended into size and exit, to the cent (OV2)', () => {
    const report = reportOf([
      { id: '1', state: 'overridden', suggested: 2, sent: 3, plan: 80, made: 150 },
      { id: '2', state: 'rejected', suggested: 2, plan: -42.24 },
      { id: '3', state: 'approved', suggested: 1, sent: 1, plan: -42.24, made: -20 },
      { id: '4', state: 'overridden', suggested: 3, sent: 1, plan: 120, made: 130 },
    ]);
    expect(report).toMatchObject({
      modelPnl: moneyFromUsd(393.28),
      actualPnl: moneyFromUsd(260),
      sizeEffect: moneyFromUsd(-75.52),
      exitEffect: moneyFromUsd(-57.76),
    });
  });

  it('names each kind of change, taken without a suggestion too', () => {
    const said: readonly Said[] = [
      { id: '1', state: 'rejected', suggested: 2, plan: 10 },
      { id: '2', state: 'overridden', suggested: 0, sent: 1, plan: 10, made: 10 },
      { id: '3', state: 'overridden', suggested: 1, sent: 3, plan: 10, made: 30 },
      { id: '4', state: 'overridden', suggested: 3, sent: 1, plan: 10, made: 10 },
    ];
    expect(countsOf(said)).toEqual({ rejected: 1, initiated: 1, increased: 1, decreased: 1 });
  });

  // One contract makes 10 as planned: what was changed by is −2, +1, +2 and −2 contracts.
  it('values each kind by hand: rejected −20, taken unasked +10, raised +20, cut −20', () => {
    const { byType } = reportOf([
      { id: '1', state: 'rejected', suggested: 2, plan: 10 },
      { id: '2', state: 'overridden', suggested: 0, sent: 1, plan: 10, made: 10 },
      { id: '3', state: 'overridden', suggested: 1, sent: 3, plan: 10, made: 30 },
      { id: '4', state: 'overridden', suggested: 3, sent: 1, plan: 10, made: 10 },
    ]);
    expect(Object.fromEntries(byType.map(({ type, value }) => [type, usdOf(value)]))).toEqual({
      ...{ rejected: -20, initiated: 10, increased: 20, decreased: -20 },
    });
  });

  it.each([
    ['rejected', { state: 'rejected', suggested: 2, plan: 10 }, -20],
    ['initiated', { state: 'overridden', suggested: 0, sent: 1, plan: 10, made: 10 }, 10],
    ['increased', { state: 'overridden', suggested: 1, sent: 3, plan: 10, made: 30 }, 20],
    ['decreased', { state: 'overridden', suggested: 3, sent: 1, plan: 10, made: 10 }, -20],
  ] as const)('has an interval of the mean of %s from thirty on, and counts only below', (type, one, each) => {
    const of = (count: number) => {
      const said = Array.from({ length: count }, (_, i): Said => ({ ...one, id: `${i}` }));
      return reportOf(said).byType.find((row) => row.type === type);
    };
    expect(of(29)).toMatchObject({ count: 29, interval: null });
    // Thirty of one value: whatever is drawn, the mean is that value.
    const { count, interval } = of(30) ?? {};
    expect(count).toBe(30);
    for (const figure of [interval?.mean, interval?.lower, interval?.upper]) expect(figure).toBeCloseTo(each, 9);
  });

  it('counts moved lines with the same contracts as no change of size', () => {
    const said: readonly Said[] = [
      { id: '1', state: 'overridden', suggested: 2, sent: 2, plan: 50, made: 60, isMoved: true },
    ];
    expect(countsOf(said)).toEqual({ rejected: 0, initiated: 0, increased: 0, decreased: 0 });
    expect(reportOf(said)).toMatchObject({
      sizeEffect: 0,
      exitEffect: moneyFromUsd(-40),
      moved: { count: 1, exitEffect: moneyFromUsd(-40) },
    });
  });

  it('waits for a trade that is still open', () => {
    expect(reportOf([{ id: '1', state: 'approved', suggested: 2, sent: 2, plan: 50 }]).opportunities).toBe(0);
  });

  it('tells what was rejected from what ran out, with an interval only from thirty on', () => {
    const many = Array.from({ length: 30 }, (_, i): Said => {
      return { id: `r${i}`, state: 'rejected', suggested: 2, plan: i % 2 === 0 ? 30 : -10 };
    });
    const report = reportOf([
      ...many,
      { id: 'e', state: 'expired', suggested: 1, plan: 5 },
      { id: 's', state: 'superseded', suggested: 1, plan: 6 },
    ]);
    const [rejected, expired] = report.foregone;
    expect(rejected).toMatchObject({ kind: 'rejected', count: 30, value: moneyFromUsd(600) });
    expect(rejected?.interval?.mean).toBeCloseTo(20, 9);
    expect(rejected?.interval?.lower).toBeLessThan(20);
    expect(rejected?.interval?.upper).toBeGreaterThan(20);
    expect(expired).toEqual({ kind: 'expired', count: 2, value: moneyFromUsd(11), interval: null });
  });
});
