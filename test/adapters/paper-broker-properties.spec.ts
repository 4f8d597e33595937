import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import type { OrderGroup, VenueOrder } from '#desk/ports/broker.ts';
import type { Fill, Order, OrderTerms } from '#shared/domain/order.ts';
import { applyFill, applyOrderEvent, isTerminal, openOrder } from '#shared/domain/order-life.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import { type PaperBroker, type PaperBrokerOptions, createPaperBroker } from '#desk/adapters/brokers/paper.ts';
import { SIX } from './planned-trades.ts';
import { START, createCountingIds, createVirtualClock } from './virtual-clock.ts';

const MINUTE = 60_000;
const SYMBOLS = SIX.slice(0, 2).map((instrument) => instrument.symbol);
const TICK_VALUE = new Map<string, number>(SIX.map((instrument) => [instrument.symbol, instrument.tickValue]));

type Step =
  | {
      readonly kind: 'submit';
      readonly symbol: string;
      readonly type: OrderTerms['type'];
      readonly direction: 1 | -1;
      readonly quantity: number;
      readonly offset: number;
      readonly stop: number | null;
      readonly target: number | null;
    }
  | { readonly kind: 'cancel'; readonly pick: number }
  | {
      readonly kind: 'quote';
      readonly symbol: string;
      readonly bid: number;
      readonly spread: number;
      readonly last: number;
    }
  | {
      readonly kind: 'bar';
      readonly symbol: string;
      readonly open: number;
      readonly up: number;
      readonly down: number;
      readonly close: number;
      readonly volume: number;
    }
  | { readonly kind: 'source'; readonly to: 'quotes' | 'bars' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'end-day' };

const symbol = fc.constantFrom(...SYMBOLS);
const level = fc.integer({ min: 960, max: 1_040 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      symbol,
      type: fc.constantFrom('market' as const, 'limit' as const, 'stop' as const),
      direction: fc.constantFrom(1 as const, -1 as const),
      quantity: fc.integer({ min: 1, max: 6 }),
      offset: fc.integer({ min: -15, max: 15 }),
      stop: fc.option(fc.integer({ min: 1, max: 20 }), { freq: 6 }),
      target: fc.option(fc.integer({ min: 1, max: 20 }), { freq: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat(1_000) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('quote' as const),
      symbol,
      bid: level,
      spread: fc.integer({ min: 1, max: 3 }),
      last: fc.integer({ min: -4, max: 4 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('bar' as const),
      symbol,
      open: level,
      up: fc.nat(25),
      down: fc.nat(25),
      close: fc.integer({ min: 0, max: 100 }),
      volume: fc.nat(20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('source' as const),
      to: fc.constantFrom('quotes' as const, 'bars' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'restart' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'end-day' }) },
);

/** The desk's side: what it was told, folded as the journal folds it. */
class Desk {
  readonly orders = new Map<string, Order>();
  readonly fills: Fill[] = [];
  readonly clock = createVirtualClock();
  readonly options: PaperBrokerOptions;
  broker: PaperBroker;
  minute = 0;
  made = 0;

  constructor(over: Partial<PaperBrokerOptions>) {
    this.options = {
      ...{ clock: this.clock, ids: createCountingIds(), instruments: SIX, account: 'PAPER', fillFrom: 'quotes' },
      startingCash: moneyFromUsd(2_000_000),
      slippage: { market: 1, stop: 1 },
      ...over,
    };
    this.broker = createPaperBroker(this.options);
  }

  async connect(): Promise<void> {
    await this.broker.connect(new AbortController().signal);
    this.broker.onEvent((event) => {
      if (event.kind !== 'fill' && event.kind !== 'order') throw new Error(`nobody traded elsewhere: ${event.kind}`);
      const id = event.kind === 'fill' ? event.fill.clientOrderId! : event.clientOrderId;
      const order = this.orders.get(id)!;
      if (event.kind === 'fill') {
        // Nothing is filled after its end, nor beyond what is open.
        expect(isTerminal(order)).toBe(false);
        expect(order.filled + event.fill.quantity).toBeLessThanOrEqual(order.quantity);
        this.fills.push(event.fill);
        this.orders.set(id, applyFill(order, event.fill, event.fill.at));
      } else {
        expect(isTerminal(order)).toBe(false);
        this.orders.set(id, applyOrderEvent(order, event.event, event.at));
      }
    });
  }

  positions(): Map<string, { quantity: number; cost: number }> {
    const positions = new Map<string, { quantity: number; cost: number }>();
    for (const fill of this.fills) {
      const { quantity, cost } = positions.get(fill.symbol) ?? { quantity: 0, cost: 0 };
      const signed = fill.direction * fill.quantity;
      positions.set(fill.symbol, { quantity: quantity + signed, cost: cost + signed * fill.price });
    }
    return positions;
  }

  async submit(group: OrderGroup): Promise<void> {
    for (const terms of [group.entry, group.stop, group.target]) {
      if (terms !== null) this.orders.set(terms.clientOrderId, openOrder(terms, this.clock.now()));
    }
    const outcome = await this.broker.submit(group);
    expect(outcome.kind).not.toBe('unknown');
    if (outcome.kind !== 'rejected') return;
    for (const terms of [group.entry, group.stop, group.target]) {
      if (terms !== null) this.orders.delete(terms.clientOrderId);
    }
  }

  /** A new broker from the journal's view: what a restart of the desk does. */
  async restart(): Promise<void> {
    let cash: number = this.options.startingCash;
    const positions = [...this.positions()].map(([held, { quantity, cost }]) => {
      // An average that makes ledger and cash agree: what was paid for what is still held.
      const averagePrice = quantity === 0 ? 0 : cost / quantity;
      if (quantity === 0) cash -= cost * TICK_VALUE.get(held)!;
      return { symbol: held, quantity, averagePrice };
    });
    for (const fill of this.fills) cash -= fill.fee;
    this.broker = createPaperBroker(this.options);
    this.broker.restore([...this.orders.values()], positions, money(cash));
    await this.connect();
  }

  show(event: MarketEvent): void {
    this.broker.onMarket(event);
  }
}

async function apply(desk: Desk, next: Step): Promise<void> {
  switch (next.kind) {
    case 'submit': {
      const base = 1_000 + next.offset;
      const price = next.type === 'market' ? null : ticks(base);
      const id = (suffix = ''): string => `D1-${String(desk.made).padStart(26, '0')}${suffix}`;
      desk.made += 1;
      const entry: OrderTerms = {
        ...{
          clientOrderId: id(),
          recommendationId: null,
          parentId: null,
          account: 'PAPER',
          symbol: next.symbol,
          role: 'entry',
        },
        ...{ direction: next.direction, type: next.type, quantity: next.quantity, price, timeInForce: 'day' },
      };
      const child = { ...entry, parentId: id(), direction: -next.direction as 1 | -1, timeInForce: 'gtc' as const };
      await desk.submit({
        entry,
        stop:
          next.stop === null
            ? null
            : {
                ...child,
                clientOrderId: id('S'),
                role: 'stop',
                type: 'stop',
                price: ticks(base - next.direction * next.stop),
              },
        target:
          next.target === null
            ? null
            : {
                ...child,
                clientOrderId: id('T'),
                role: 'target',
                type: 'limit',
                price: ticks(base + next.direction * next.target),
              },
      });
      return;
    }
    case 'cancel': {
      const all = [...desk.orders.values()];
      const order = all[next.pick % Math.max(1, all.length)];
      if (order === undefined) return;
      const outcome = await desk.broker.cancel(order);
      expect(outcome.kind).toBe(isTerminal(order) ? 'refused' : 'accepted');
      return;
    }
    case 'quote': {
      desk.clock.advanceTo(desk.clock.now() + 500);
      const at = desk.clock.now();
      const quote = {
        symbol: next.symbol,
        bid: ticks(next.bid),
        ask: ticks(next.bid + next.spread),
        last: ticks(next.bid + next.last),
        asOf: at,
        receivedAt: at,
      };
      desk.show({ kind: 'quote', quote });
      return;
    }
    case 'bar': {
      const openAt = Math.ceil(Math.max(desk.clock.now(), START + desk.minute * MINUTE) / MINUTE) * MINUTE;
      desk.minute = (openAt - START) / MINUTE + 1;
      desk.clock.advanceTo(openAt + MINUTE);
      const [high, low] = [next.open + next.up, next.open - next.down];
      const close = low + Math.round(((high - low) * next.close) / 100);
      desk.show({
        kind: 'bar',
        bar: {
          ...{
            symbol: next.symbol,
            timeframe: '1m',
            openAt: epochMs(openAt),
            closeAt: epochMs(openAt + MINUTE),
            volume: next.volume,
          },
          ...{ open: ticks(next.open), high: ticks(high), low: ticks(low), close: ticks(close) },
        },
      });
      return;
    }
    case 'source':
      desk.broker.setFillSource(next.to);
      return;
    case 'restart':
      await desk.restart();
      return;
    case 'end-day':
      desk.broker.endDay();
  }
}

async function checkInvariants(desk: Desk): Promise<void> {
  const snapshot = await desk.broker.snapshot(epochMs(0), new AbortController().signal);
  const held = [...desk.positions()].filter(([, p]) => p.quantity !== 0).map(([s, p]) => [s, p.quantity]);
  expect(Object.fromEntries(snapshot.positions.map((p) => [p.symbol, p.quantity]))).toEqual(Object.fromEntries(held));
  expect(new Set(desk.fills.map((fill) => fill.execKey)).size).toBe(desk.fills.length);
  const open = [...desk.orders.values()].filter((order) => !isTerminal(order));
  const stated = ({ clientOrderId, venueOrderId, quantity, filled, price }: VenueOrder | Order) => ({
    ...{ clientOrderId, venueOrderId, quantity, filled, price },
  });
  const byId = (a: { clientOrderId: string | null }, b: { clientOrderId: string | null }): number =>
    (a.clientOrderId ?? '') < (b.clientOrderId ?? '') ? -1 : 1;
  expect(snapshot.orders.map(stated).sort(byId)).toEqual(open.map(stated).sort(byId));
  expect(desk.broker.exchange.audit()).toEqual([]);
  for (const order of desk.orders.values()) {
    expect(order.filled).toBeLessThanOrEqual(order.quantity);
    if (order.parentId === null) continue;
    const entry = desk.orders.get(order.parentId)!;
    const stop = desk.orders.get(`${entry.clientOrderId}S`);
    const target = desk.orders.get(`${entry.clientOrderId}T`);
    // Exits never close more than the entry opened, and of two exits only one can be done in full.
    expect((stop?.filled ?? 0) + (target?.filled ?? 0)).toBeLessThanOrEqual(entry.filled);
    expect(stop?.life === 'filled' && target?.life === 'filled').toBe(false);
    // A child that works covers exactly what is left of its entry.
    if (!isTerminal(order) && order.life === 'working') {
      expect(order.quantity - order.filled).toBe(entry.filled - (stop?.filled ?? 0) - (target?.filled ?? 0));
    }
  }
}

const scenario = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
  fillFrom: fc.constantFrom('quotes' as const, 'bars' as const),
  partial: fc.option(
    fc.record({ seed: fc.nat(), shareOfVolume: fc.constantFrom(0.05, 0.3), quoteSize: fc.integer({ min: 1, max: 4 }) }),
  ),
});

describe('the paper broker, whatever happens', () => {
  it(
    'holds exactly what it filled, never overfills, and one exit cancels the other',
    { timeout: 120_000 },
    async () => {
      let [fills, families, restarts] = [0, 0, 0];
      await fc.assert(
        fc.asyncProperty(scenario, async ({ steps, fillFrom, partial }) => {
          const desk = new Desk({ fillFrom, ...(partial === null ? {} : { partialFills: partial }) });
          await desk.connect();
          for (const next of steps) {
            await apply(desk, next);
            await checkInvariants(desk);
            if (next.kind === 'restart') restarts += 1;
          }
          fills += desk.fills.length;
          families += [...desk.orders.values()].filter((order) => order.parentId !== null && order.filled > 0).length;
        }),
        { numRuns: 600 },
      );
      // The runs must have met the cases they are meant to meet.
      expect(Math.min(fills, families, restarts)).toBeGreaterThan(500);
    },
  );

  it('is deterministic: the same steps give the same fills', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ steps, fillFrom, partial }) => {
        const run = async (): Promise<readonly Fill[]> => {
          const desk = new Desk({ fillFrom, ...(partial === null ? {} : { partialFills: partial }) });
          await desk.connect();
          for (const next of steps) await apply(desk, next);
          return desk.fills;
        };
        expect(await run()).toEqual(await run());
      }),
      { numRuns: 100 },
    );
  });

  it('keeps its equity to the last unit', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ steps, fillFrom }) => {
        const desk = new Desk({ fillFrom });
        await desk.connect();
        const marks = new Map<string, number>();
        for (const next of steps) {
          if (next.kind === 'restart') continue;
          await apply(desk, next);
          if (next.kind === 'quote') marks.set(next.symbol, next.bid + next.last);
          else if (next.kind === 'bar') {
            const [high, low] = [next.open + next.up, next.open - next.down];
            marks.set(next.symbol, low + Math.round(((high - low) * next.close) / 100));
          }
        }
        let expected: number = desk.options.startingCash;
        for (const fill of desk.fills)
          expected -= fill.direction * fill.quantity * fill.price * TICK_VALUE.get(fill.symbol)! + fill.fee;
        for (const [held, { quantity }] of desk.positions()) {
          expected += quantity * (marks.get(held) ?? 0) * TICK_VALUE.get(held)!;
        }
        expect(desk.broker.equity()).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });
});
