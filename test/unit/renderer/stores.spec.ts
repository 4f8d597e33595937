import { beforeEach, describe, expect, it, vi } from 'vitest';
import { useClock } from '#renderer/src/store/clock.ts';
import { explainedNow } from '#renderer/src/store/explained.ts';
import { storeSink } from '#renderer/src/store/feed.ts';
import { useBars, useQuotes, putBar, putQuotes, setBars } from '#renderer/src/store/market.ts';
import { doubtCount, putOrder, setOrders, useOrders, usePositions, workingIds } from '#renderer/src/store/orders.ts';
import { selectSymbol, moveSelection, useRecommendations } from '#renderer/src/store/recommendations.ts';
import { useActivity, useConnections, useNotices, useStatus } from '#renderer/src/store/status.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { barsUntil, quoteAt } from '#test/support/desk-fixtures/market.ts';
import { createTestDesk } from '#test/support/test-desk.ts';

const AT = epochMs(1_756_000_000_000);

async function snapshot(): Promise<DeskSnapshot> {
  const desk = createTestDesk();
  const result = await desk.handlers['desk.snapshot']({});
  desk.close();
  return result;
}

/** What waits for the next frame, by the number to take it back by. */
const waiting = new Map<number, () => void>();
let asked = 0;
vi.stubGlobal('requestAnimationFrame', (run: () => void) => {
  asked += 1;
  waiting.set(asked, run);
  return asked;
});
vi.stubGlobal('cancelAnimationFrame', (number: number) => void waiting.delete(number));
const frame = (): void => {
  const now = [...waiting.values()];
  waiting.clear();
  for (const run of now) run();
};

beforeEach(async () => {
  storeSink.snapshot(await snapshot());
});

describe('stores fed by the sink', () => {
  it('hold the snapshot, normalised', () => {
    expect(useStatus.getState().isLoaded).toBe(true);
    expect(useRecommendations.getState().symbols).toHaveLength(6);
    expect(usePositions.getState().symbols.length).toBeGreaterThan(0);
    const kinds = useConnections.getState().ids.map((id) => useConnections.getState().byId[id]?.kind);
    expect(kinds).toEqual(['model', 'model', 'market', 'broker']);
  });

  it('remove a closed position', () => {
    storeSink.event({ topic: 'positions.changed', payload: [] });
    frame();
    expect(usePositions.getState()).toMatchObject({ symbols: [], bySymbol: {} });
  });

  it('take what an approval brings in one go at the next frame, the latest of what replaces itself', async () => {
    const { orders, positions, risk } = await snapshot();
    const [order, position] = [orders[0]!, positions[0]!];
    const later = { ...order, clientOrderId: 'later' };
    const held = usePositions.getState();
    storeSink.event({ topic: 'order.changed', payload: later });
    storeSink.event({ topic: 'positions.changed', payload: [] });
    storeSink.event({ topic: 'order.changed', payload: { ...later, filled: 1 } });
    storeSink.event({ topic: 'positions.changed', payload: [{ ...position, quantity: 7 }] });
    storeSink.event({ topic: 'desk.pulse', payload: { now: AT, risk: { ...risk, heat: 0.125 } } });
    expect(useOrders.getState().byId['later']).toBeUndefined();
    expect(usePositions.getState()).toBe(held);
    frame();
    expect(useOrders.getState().byId['later']).toMatchObject({ filled: 1 });
    expect(usePositions.getState().bySymbol[position.symbol]).toMatchObject({ quantity: 7 });
    expect(useStatus.getState().risk).toMatchObject({ heat: 0.125 });
  });

  it('answer an approval first, and tell of its orders and the account in the frame after', async () => {
    const { orders, recommendations, risk } = await snapshot();
    const [order, recommendation] = [{ ...orders[0]!, clientOrderId: 'later' }, recommendations[0]!];
    storeSink.event({ topic: 'order.changed', payload: order });
    storeSink.event({ topic: 'recommendation.changed', payload: { ...recommendation, state: 'approved' } });
    storeSink.event({ topic: 'desk.pulse', payload: { now: AT, risk: { ...risk, heat: 0.125 } } });
    frame();
    expect(useRecommendations.getState().bySymbol[recommendation.symbol]).toMatchObject({ state: 'approved' });
    expect(useOrders.getState().byId['later']).toBeUndefined();
    expect(useStatus.getState().risk).toMatchObject({ heat: risk.heat });
    // What comes alone then does not overtake what waits.
    storeSink.event({ topic: 'order.changed', payload: { ...order, filled: 1 } });
    frame();
    expect(useOrders.getState().byId['later']).toMatchObject({ filled: 1 });
    expect(useStatus.getState().risk).toMatchObject({ heat: 0.125 });
  });

  it('tell of the account four times a second under a stream of answers, and of a halt at once', async () => {
    const { orders, recommendations, risk } = await snapshot();
    const answer = { topic: 'recommendation.changed', payload: recommendations[0]! } as const;
    const pulse = (change: object) =>
      ({ topic: 'desk.pulse', payload: { now: AT, risk: { ...risk, ...change } } }) as const;
    const heatAfter = (heat: number): number | undefined => {
      storeSink.event(answer);
      storeSink.event(pulse({ heat }));
      frame();
      frame();
      return useStatus.getState().risk?.heat;
    };
    await vi.waitFor(() => expect(heatAfter(0.125)).toBe(0.125));
    expect(heatAfter(0.25)).toBe(0.125);
    // An order waits for the answer alone.
    storeSink.event(answer);
    storeSink.event({ topic: 'order.changed', payload: { ...orders[0]!, clientOrderId: 'later' } });
    frame();
    expect(useOrders.getState().byId['later']).toBeUndefined();
    frame();
    expect(useOrders.getState().byId['later']).toBeDefined();
    storeSink.event(answer);
    storeSink.event(pulse({ heat: 0.5, tradingState: 'halted' }));
    frame();
    expect(useStatus.getState().risk).toMatchObject({ heat: 0.5, tradingState: 'halted' });
    await vi.waitFor(() => {
      frame();
      expect(useStatus.getState().risk).toMatchObject({ heat: 0.5, tradingState: 'halted' });
    });
  });

  it('explain a recommendation that replaces another a frame later, and another choice at once', async () => {
    const [first, second] = Object.values(useRecommendations.getState().bySymbol) as [Recommendation, Recommendation];
    selectSymbol(first.symbol);
    expect(explainedNow()).toBe(useRecommendations.getState().bySymbol[first.symbol]);
    const replaced = { ...first, id: `${first.id}Z`, createdAt: epochMs(first.createdAt + 1) };
    storeSink.event({ topic: 'recommendation.changed', payload: replaced });
    frame();
    expect(explainedNow()?.id).toBe(first.id);
    // One that follows closely on another waits longer.
    await vi.waitFor(() => {
      frame();
      expect(explainedNow()?.id).toBe(replaced.id);
    });
    storeSink.event({ topic: 'recommendation.changed', payload: { ...replaced, state: 'approved' } });
    frame();
    selectSymbol(second.symbol);
    expect(explainedNow()?.symbol).toBe(second.symbol);
    selectSymbol(first.symbol);
    expect(explainedNow()).toMatchObject({ id: replaced.id, state: 'approved' });
    frame();
    expect(explainedNow()).toMatchObject({ id: replaced.id, state: 'approved' });
  });

  it('take an answer after a calm in ahead of its frame, and what it brings after its picture', async () => {
    const { orders, recommendations } = await snapshot();
    const [order, recommendation] = [{ ...orders[0]!, clientOrderId: 'later' }, recommendations[0]!];
    selectSymbol(recommendation.symbol);
    await vi.waitFor(() => {
      frame();
      expect(explainedNow()).toMatchObject({ state: recommendation.state });
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    storeSink.event({ topic: 'order.changed', payload: order });
    storeSink.event({ topic: 'recommendation.changed', payload: { ...recommendation, state: 'approved' } });
    await Promise.resolve();
    expect(useRecommendations.getState().bySymbol[recommendation.symbol]).toMatchObject({ state: 'approved' });
    frame();
    expect(useOrders.getState().byId['later']).toBeUndefined();
    expect(explainedNow()).toMatchObject({ state: recommendation.state });
    frame();
    expect(useOrders.getState().byId['later']).toBeDefined();
    await vi.waitFor(() => {
      frame();
      expect(explainedNow()).toMatchObject({ state: 'approved' });
    });
  });

  it('align the clock when the desk says what time it is, not a frame later', async () => {
    const { risk } = await snapshot();
    const now = epochMs(Date.now() + 60_000);
    storeSink.event({ topic: 'desk.pulse', payload: { now, risk } });
    expect(useClock.getState().now).toBe(now);
  });

  it('let a snapshot stand against what waited for the frame', async () => {
    storeSink.event({ topic: 'positions.changed', payload: [] });
    storeSink.snapshot(await snapshot());
    frame();
    expect(usePositions.getState().symbols.length).toBeGreaterThan(0);
  });

  it('keep the selection when its recommendation is replaced, and say so', () => {
    const { symbols, bySymbol } = useRecommendations.getState();
    const symbol = symbols[0]!;
    selectSymbol(symbol);
    useRecommendations.setState({ replacedAt: 0 });
    const held = bySymbol[symbol]!;
    const next = { ...held, id: `${held.id}Z`, createdAt: epochMs(held.createdAt + 1) };
    storeSink.event({ topic: 'recommendation.changed', payload: next });
    frame();
    const state = useRecommendations.getState();
    expect(state.selected).toBe(symbol);
    expect(state.bySymbol[symbol]?.id).toBe(next.id);
    expect(state.replacedAt).toBeGreaterThan(0);
  });

  it('show the first thing to decide until the trader has chosen a row', () => {
    const { symbols, bySymbol } = useRecommendations.getState();
    const first = bySymbol[symbols[0]!]!;
    const second = bySymbol[symbols[1]!]!;
    useRecommendations.setState({ selected: first.symbol, isChosen: false });
    storeSink.event({ topic: 'recommendation.changed', payload: { ...first, state: 'expired' } });
    frame();
    expect(useRecommendations.getState().selected).toBe(second.symbol);
    selectSymbol(first.symbol);
    storeSink.event({ topic: 'recommendation.changed', payload: second });
    frame();
    expect(useRecommendations.getState().selected).toBe(first.symbol);
  });

  it('read charts again once the warm-up is over', () => {
    setBars('B', { kind: 'ready', bars: [] });
    storeSink.event({ topic: 'desk.startup', payload: { phase: 'warm-up', done: 1, total: 90, text: 'x' } });
    expect(useBars.getState().bySymbol['B']).toBeDefined();
    storeSink.event({ topic: 'desk.startup', payload: { phase: 'ready', done: 1, total: 1, text: 'x' } });
    expect(useBars.getState().bySymbol['B']).toBeUndefined();
  });

  it('stop at the ends of the queue', () => {
    moveSelection(-100);
    const { symbols } = useRecommendations.getState();
    expect(useRecommendations.getState().selected).toBe(symbols[0]);
    moveSelection(100);
    expect(useRecommendations.getState().selected).toBe(useRecommendations.getState().symbols.at(-1));
  });

  it('show orders at work and count those in doubt', () => {
    const working = workingIds(useOrders.getState());
    expect(working.length).toBeGreaterThan(0);
    expect(doubtCount(useOrders.getState())).toBe(1);
    const order = useOrders.getState().byId[working[0]!]!;
    putOrder({ ...order, life: 'canceled' });
    expect(workingIds(useOrders.getState())).toHaveLength(working.length - 1);
  });

  it('keep every working order however many are finished', () => {
    const order = Object.values(useOrders.getState().byId)[0]!;
    const finished = Array.from({ length: 60 }, (_, i) => ({
      ...order,
      clientOrderId: `F${i}`,
      life: 'filled' as const,
      createdAt: epochMs(AT + i),
    }));
    setOrders([...finished, { ...order, clientOrderId: 'W', life: 'working', createdAt: epochMs(0) }]);
    expect(useOrders.getState().ids).toHaveLength(21);
    expect(workingIds(useOrders.getState())).toEqual(['W']);
  });

  it('never replace a quote by an older one', () => {
    putQuotes([quoteAt('Q', ticks(2), epochMs(AT + 10)), quoteAt('Q', ticks(1), AT)]);
    expect(useQuotes.getState().bySymbol['Q']?.last).toBe(2);
  });

  it('append closed bars to charts that are open, once', () => {
    const bars = barsUntil('B', ticks(100), AT, 5);
    const last = bars.at(-1)!;
    putBar(last);
    expect(useBars.getState().bySymbol['B']).toBeUndefined();
    setBars('B', { kind: 'ready', bars: bars.slice(0, -1) });
    putBar(last);
    putBar(last);
    expect(useBars.getState().bySymbol['B']).toEqual({ kind: 'ready', bars });
  });

  it('list activity newest first, each line once', () => {
    const newest = (useActivity.getState().items[0]?.seq ?? 0) + 1;
    const item = { seq: newest, at: AT, kind: 'filled' as const, symbol: 'X', text: 'filled', pnl: null };
    storeSink.event({ topic: 'activity.added', payload: item });
    storeSink.event({ topic: 'activity.added', payload: item });
    frame();
    frame();
    expect(useActivity.getState().items.filter(({ seq }) => seq === newest)).toEqual([item]);
    expect(useActivity.getState().items[0]).toEqual(item);
  });

  it('raise a notice once per id and clear it', () => {
    const notice = { id: 'n1', level: 'warn' as const, at: AT, title: 'a', detail: 'b', remedy: null };
    storeSink.event({ topic: 'notice.raised', payload: notice });
    storeSink.event({ topic: 'notice.raised', payload: { ...notice, title: 'c' } });
    expect(useNotices.getState().ids.filter((id) => id === 'n1')).toHaveLength(1);
    expect(useNotices.getState().byId['n1']?.title).toBe('c');
    storeSink.event({ topic: 'notice.cleared', payload: { id: 'n1', at: AT } });
    expect(useNotices.getState().byId['n1']).toBeUndefined();
  });

  it('remember since when the wire is down, through retries', () => {
    storeSink.link('disconnected');
    const since = useStatus.getState().lostAt;
    storeSink.link('connecting');
    expect(since).not.toBeNull();
    expect(useStatus.getState().lostAt).toBe(since);
    storeSink.link('live');
    expect(useStatus.getState().lostAt).toBeNull();
  });
});
