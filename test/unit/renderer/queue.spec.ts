import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { isOpen, newestBySymbol, orderQueue } from '#renderer/src/store/queue.ts';
import {
  putRecommendations,
  selectSymbol,
  setRecommendations,
  useRecommendations,
} from '#renderer/src/store/recommendations.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { epochMs } from '#shared/units.ts';
import { recommendationsAt } from '#test/support/desk-fixtures/recommendations.ts';

const AT = epochMs(1_756_000_000_000);
const all = recommendationsAt(AT);
const sized = all.find((r) => r.decision.contracts > 0)!;
const zero = all.find((r) => r.decision.contracts === 0)!;

const make = (symbol: string, hasSize: boolean, more: Partial<Recommendation> = {}): Recommendation => ({
  ...(hasSize ? sized : zero),
  id: `${symbol}-1`,
  symbol,
  state: hasSize ? 'proposed' : 'blocked',
  ...more,
});

const index = (list: readonly Recommendation[]) => newestBySymbol({}, list);

describe('queue', () => {
  it('puts what can be approved first and zero after it', () => {
    const known = index([make('A', false), make('B', true), make('C', false), make('D', true)]);
    expect(orderQueue([], known, null)).toEqual(['B', 'D', 'A', 'C']);
  });

  it('adds new rows at the bottom of their class', () => {
    const known = index([make('Z', true), make('M', false), make('A', true), make('B', false)]);
    expect(orderQueue(['Z', 'M'], known, null)).toEqual(['Z', 'A', 'M', 'B']);
  });

  it('keeps the selected row in its place when it is no longer open', () => {
    const before = ['A', 'B', 'C'];
    const known = index([make('A', true, { state: 'expired' }), make('B', true), make('C', false)]);
    expect(orderQueue(before, known, 'A')).toEqual(['A', 'B', 'C']);
    expect(orderQueue(before, known, 'B')).toEqual(['A', 'B', 'C']);
    expect(orderQueue(before, known, null)).toEqual(['B', 'A', 'C']);
  });

  it('keeps its identity when nothing moved', () => {
    const known = index([make('A', true), make('B', false)]);
    const first = orderQueue([], known, null);
    expect(orderQueue(first, known, 'A')).toBe(first);
  });

  it('keeps the newest recommendation of a symbol, whatever the order of arrival', () => {
    const older = make('A', true, { id: 'A-1', createdAt: AT });
    const newer = make('A', true, { id: 'A-2', createdAt: epochMs(AT + 1) });
    expect(newestBySymbol({}, [newer, older])['A']?.id).toBe('A-2');
    const twin = make('A', true, { id: 'A-9', createdAt: epochMs(AT + 1) });
    expect(newestBySymbol({}, [twin, newer])['A']?.id).toBe('A-9');
  });

  it('takes a change of the same recommendation in', () => {
    const open = make('A', true);
    expect(newestBySymbol({ A: open }, [{ ...open, state: 'approved' }])['A']?.state).toBe('approved');
  });

  it('counts only proposals with contracts as open', () => {
    expect(isOpen(make('A', true))).toBe(true);
    expect(isOpen(make('A', true, { state: 'superseded' }))).toBe(false);
    expect(isOpen(make('A', false, { state: 'proposed' }))).toBe(false);
  });

  it('never loses, doubles or moves the selected row', () => {
    const symbols = ['A', 'B', 'C', 'D', 'E'];
    const flags = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
    const rows = (open: readonly boolean[]) => index(symbols.map((symbol, i) => make(symbol, open[i] ?? false)));
    fc.assert(
      fc.property(flags, flags, fc.constantFrom(...symbols), (before, after, selected) => {
        const first = orderQueue([], rows(before), null);
        const second = orderQueue(first, rows(after), selected);
        expect([...second].sort()).toEqual(symbols);
        expect(second.indexOf(selected)).toBe(first.indexOf(selected));
      }),
    );
  });

  it('stands in its order after whatever came and was chosen: to order it again moves nothing', () => {
    const symbol = fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F');
    const row = fc.record({ symbol, isOpen: fc.boolean(), round: fc.nat(3) });
    const rows = fc.array(row, { minLength: 1, maxLength: 4 });
    const step = fc.oneof(
      { weight: 6, arbitrary: rows.map((list) => ({ kind: 'put', list }) as const) },
      { weight: 2, arbitrary: symbol.map((chosen) => ({ kind: 'select', chosen }) as const) },
      { weight: 1, arbitrary: rows.map((list) => ({ kind: 'set', list }) as const) },
    );
    const made = (list: readonly { symbol: string; isOpen: boolean; round: number }[]) =>
      list.map((one) => make(one.symbol, one.isOpen, { createdAt: epochMs(AT + one.round) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        useRecommendations.setState(useRecommendations.getInitialState(), true);
        for (const one of steps) {
          if (one.kind === 'put') putRecommendations(made(one.list));
          else if (one.kind === 'set') setRecommendations(made(one.list));
          else selectSymbol(one.chosen);
          const { symbols, bySymbol, selected, isChosen } = useRecommendations.getState();
          const held = selected === null ? undefined : bySymbol[selected];
          const isFree = !isChosen && (held === undefined || !isOpen(held));
          expect(orderQueue(symbols, bySymbol, isFree ? null : selected)).toBe(symbols);
          expect([...symbols].sort()).toEqual(Object.keys(bySymbol).sort());
        }
      }),
    );
  });
});
