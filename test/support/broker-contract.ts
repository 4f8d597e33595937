import { describe, expect, it } from 'vitest';
import {
  type Fill,
  type FillCorrection,
  fillCorrectionSchema,
  fillSchema,
  type Order,
  orderEventSchema,
  type OrderTerms,
} from '#shared/domain/order.ts';
import { applyFill, applyOrderEvent, correctFills, openOrder } from '#shared/domain/order-life.ts';
import { epochMs, ticks } from '#shared/units.ts';
import type { Broker, BrokerEvent, OrderGroup, VenueOrder } from '#desk/ports/broker.ts';

/** One broker before its venue, and the hand of the market. */
export type ContractRig = {
  readonly broker: Broker;
  readonly symbol: string;
  /** Moves the market; prices in ticks. */
  readonly quote: (bid: number, ask: number) => void;
  /** Contracts a quote offers from now on: more than that fill in parts. */
  readonly offer: (contracts: number) => void;
  /** What the venue itself holds of the symbol. */
  readonly atVenue: () => number;
  /** Orders with this client id that the venue ever took. */
  readonly taken: (clientOrderId: string) => number;
  /** Cuts the line; the venue goes on. */
  readonly cut: () => void;
  /** Refuses the next orders, by a word of the venue. */
  readonly refuse: (isRefusing: boolean) => void;
  /** What was said to the venue that it could not understand. */
  readonly complaints: () => readonly string[];
};

/** A book over a broker's events: the fold the desk makes. */
export function foldOf(broker: Broker) {
  const orders = new Map<string, Order>();
  const fills = new Map<string, Fill>();
  const external: VenueOrder[] = [];
  const corrections = new Map<string, FillCorrection>();
  const told: FillCorrection[] = [];
  const standing = (): readonly Fill[] =>
    [...fills.values()].flatMap((fill) => {
      const corrected = corrections.get(fill.execKey)?.corrected;
      return corrected === null ? [] : [{ ...fill, ...corrected }];
    });
  const take = (event: BrokerEvent): void => {
    if (event.kind === 'external-order') external.push(event.order);
    if (event.kind === 'fill') takeFill(event.fill);
    if (event.kind === 'fill-correction') takeCorrection(event.correction);
    if (event.kind !== 'order') return;
    const order = orders.get(event.clientOrderId)!;
    orders.set(order.clientOrderId, applyOrderEvent(order, orderEventSchema.parse(event.event), event.at));
  };
  const takeFill = (given: Fill): void => {
    const fill = fillSchema.parse(given);
    if (fills.has(fill.execKey)) return;
    fills.set(fill.execKey, fill);
    const order = orders.get(fill.clientOrderId ?? '');
    if (order !== undefined) orders.set(order.clientOrderId, applyFill(order, fill, fill.at));
  };
  /** As the desk does: the highest version counts. */
  const takeCorrection = (given: FillCorrection): void => {
    const correction = fillCorrectionSchema.parse(given);
    if (correction.version <= (corrections.get(correction.execKey)?.version ?? 0)) return;
    corrections.set(correction.execKey, correction);
    told.push(correction);
    const order = orders.get(fills.get(correction.execKey)?.clientOrderId ?? '');
    if (order === undefined) return;
    const of = standing().filter(({ clientOrderId }) => clientOrderId === order.clientOrderId);
    orders.set(order.clientOrderId, correctFills(order, of, order.updatedAt));
  };
  broker.onEvent(take);
  return {
    ...{ orders, fills, external, takeFill, corrections, told, takeCorrection, standing },
    order: (terms: OrderTerms | null): Order => orders.get(terms!.clientOrderId)!,
    position: (): number => standing().reduce((sum, fill) => sum + fill.direction * fill.quantity, 0),
    submit: (group: OrderGroup) => {
      for (const terms of [group.entry, group.stop, group.target])
        if (terms !== null) orders.set(terms.clientOrderId, openOrder(terms, epochMs(0)));
      return broker.submit(group);
    },
  };
}

/** Waits for what others bring about, never for a time. */
export async function until(isSo: () => boolean, what = 'it'): Promise<void> {
  const end = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

let made = 0;
export function contractTerms(symbol: string, account: string, over: Partial<OrderTerms> = {}): OrderTerms {
  made += 1;
  return {
    clientOrderId: `D1-${String(made).padStart(26, '0')}`,
    ...{ recommendationId: null, parentId: null, account, symbol, role: 'entry', direction: 1 },
    ...{ type: 'market', quantity: 2, price: null, timeInForce: 'day' },
    ...over,
  };
}
export const soleOrder = (terms: OrderTerms): OrderGroup => ({ entry: terms, stop: null, target: null });

export function bracketGroup(
  entry: OrderTerms,
  stop: number,
  target: number,
): OrderGroup & { stop: OrderTerms; target: OrderTerms } {
  const child = {
    ...entry,
    ...{ parentId: entry.clientOrderId, direction: -entry.direction as 1 | -1, timeInForce: 'gtc' as const },
  };
  const id = entry.clientOrderId;
  return {
    entry,
    stop: { ...child, clientOrderId: `${id}S`, role: 'stop', type: 'stop', price: ticks(stop) },
    target: { ...child, clientOrderId: `${id}T`, role: 'target', type: 'limit', price: ticks(target) },
  };
}

/** What every broker must do, whatever its venue. */
export function brokerContract(name: string, makeRig: () => Promise<ContractRig>): void {
  const setUp = async () => {
    const rig = await makeRig();
    await rig.broker.connect(new AbortController().signal);
    const { broker, symbol } = rig;
    const terms = (over: Partial<OrderTerms> = {}) => contractTerms(symbol, broker.account, over);
    const snapshot = () => broker.snapshot(epochMs(0), new AbortController().signal);
    return { ...rig, fold: foldOf(broker), terms, snapshot };
  };

  describe(`${name}: what every broker does`, () => {
    it('is live once connected, and holds nothing', async () => {
      const { broker, snapshot, complaints } = await setUp();
      expect(broker.connection().state).toBe('live');
      expect(await snapshot()).toMatchObject({ isComplete: true, orders: [], fills: [], positions: [] });
      expect(complaints()).toEqual([]);
    });

    it('fills an order at the market, and tells it once', async () => {
      const { fold, terms, quote, atVenue, snapshot } = await setUp();
      quote(1000, 1001);
      const entry = terms();
      expect(await fold.submit(soleOrder(entry))).toEqual({ kind: 'accepted' });
      await until(() => fold.order(entry).life === 'filled', 'the fill');
      expect([...fold.fills.values()]).toMatchObject([
        { clientOrderId: entry.clientOrderId, direction: 1, quantity: 2, price: 1001 },
      ]);
      expect(atVenue()).toBe(2);
      const { fills, positions } = await snapshot();
      expect(positions).toMatchObject([{ quantity: 2, averagePrice: 1001 }]);
      // The snapshot tells the same execution under the same key.
      expect(fills.map((fill) => fill.execKey)).toEqual([...fold.fills.keys()]);
    });

    it('works a bracket: the exits wait for the entry, one cancels the other', async () => {
      const { fold, terms, quote, atVenue } = await setUp();
      quote(1000, 1001);
      const group = bracketGroup(terms({ type: 'limit', price: ticks(990) }), 980, 1010);
      expect(await fold.submit(group)).toEqual({ kind: 'accepted' });
      await until(() => fold.order(group.entry).life === 'working', 'the entry at work');
      expect([group.stop, group.target].map((leg) => fold.order(leg).life)).toEqual(['acked', 'acked']);
      quote(989, 990);
      await until(() => fold.order(group.entry).life === 'filled', 'the entry');
      await until(() => fold.order(group.stop).life === 'working' && fold.order(group.target).life === 'working');
      quote(980, 981);
      await until(() => fold.order(group.stop).life === 'filled', 'the stop');
      await until(() => fold.order(group.target).life === 'canceled', 'the other exit');
      expect(fold.position()).toBe(0);
      expect(atVenue()).toBe(0);
    });

    it('tells parts of a fill one by one', async () => {
      const { fold, terms, quote, offer, atVenue } = await setUp();
      offer(1);
      const entry = terms({ type: 'limit', price: ticks(990), quantity: 3 });
      await fold.submit(soleOrder(entry));
      for (let n = 1; n <= 3; n += 1) {
        quote(989, 990);
        await until(() => fold.order(entry).filled === n, `part ${n}`);
      }
      expect(fold.order(entry).life).toBe('filled');
      expect(fold.fills.size).toBe(3);
      expect(atVenue()).toBe(3);
    });

    it('cancels what works, and refuses what has ended', async () => {
      const { broker, fold, terms, quote } = await setUp();
      quote(1000, 1001);
      const entry = terms({ type: 'limit', price: ticks(990) });
      await fold.submit(soleOrder(entry));
      expect(await broker.cancel(fold.order(entry))).toEqual({ kind: 'accepted' });
      expect(fold.order(entry).life).toBe('canceled');
      expect((await broker.cancel(fold.order(entry))).kind).toBe('refused');
    });

    it('takes the exits of a cancelled entry along', async () => {
      const { broker, fold, terms, snapshot } = await setUp();
      const group = bracketGroup(terms({ type: 'limit', price: ticks(990) }), 980, 1010);
      await fold.submit(group);
      expect(await broker.cancel(fold.order(group.entry))).toEqual({ kind: 'accepted' });
      await until(() => fold.order(group.stop).life === 'canceled' && fold.order(group.target).life === 'canceled');
      expect((await snapshot()).orders).toEqual([]);
    });

    it('changes price and quantity of what works', async () => {
      const { broker, fold, terms, snapshot } = await setUp();
      if (!broker.capabilities.replace) return;
      const entry = terms({ type: 'limit', price: ticks(990), quantity: 3 });
      await fold.submit(soleOrder(entry));
      const change = { quantity: 2, price: ticks(985) };
      expect(await broker.replace(fold.order(entry), change)).toEqual({ kind: 'accepted' });
      expect(fold.order(entry)).toMatchObject({ life: 'working', pending: { kind: 'none' }, ...change });
      expect((await snapshot()).orders).toMatchObject([{ clientOrderId: entry.clientOrderId, ...change }]);
      // Under whatever id the venue has for it now.
      expect(await broker.cancel(fold.order(entry))).toEqual({ kind: 'accepted' });
    });

    it('tells a refusal as one, and holds nothing afterwards', async () => {
      const { fold, terms, refuse, snapshot } = await setUp();
      refuse(true);
      const entry = terms();
      const outcome = await fold.submit(soleOrder(entry));
      expect(outcome.kind).toBe('rejected');
      expect((await snapshot()).orders).toEqual([]);
    });

    it('finds what works and what has filled', async () => {
      const { broker, fold, terms, quote } = await setUp();
      quote(1000, 1001);
      const [resting, filled] = [terms({ type: 'limit', price: ticks(990) }), terms()];
      await fold.submit(soleOrder(resting));
      await fold.submit(soleOrder(filled));
      expect(await broker.find(resting.clientOrderId)).toMatchObject({ kind: 'found', order: { state: 'working' } });
      expect(await broker.find(filled.clientOrderId)).toMatchObject({
        ...{ kind: 'found', order: { state: 'filled', filled: 2 } },
        fills: [{ quantity: 2, price: 1001 }],
      });
    });

    it('never trades an id twice', async () => {
      const { broker, fold, terms, quote, taken, atVenue } = await setUp();
      quote(1000, 1001);
      const entry = terms();
      await fold.submit(soleOrder(entry));
      const again = await broker.submit(soleOrder(entry));
      expect(again.kind).not.toBe('accepted');
      expect(taken(entry.clientOrderId)).toBe(1);
      expect(atVenue()).toBe(2);
    });

    it('sends nothing and knows nothing while it is not connected', async () => {
      const { broker, fold, terms, cut, taken, snapshot } = await setUp();
      const entry = terms({ type: 'limit', price: ticks(990) });
      await fold.submit(soleOrder(entry));
      cut();
      await until(() => broker.connection().state === 'disconnected', 'the loss');
      expect(broker.connection().detail).not.toBeNull();
      const other = terms();
      expect((await fold.submit(soleOrder(other))).kind).toBe('rejected');
      expect((await broker.cancel(fold.order(entry))).kind).toBe('unknown');
      expect((await broker.find(entry.clientOrderId)).kind).toBe('cannot-tell');
      const held = await snapshot().catch(() => null);
      expect(held?.isComplete ?? false).toBe(false);
      await broker.connect(new AbortController().signal);
      expect(broker.connection().state).toBe('live');
      // Nothing that was asked for meanwhile leaves when the line is back.
      expect(await broker.find(entry.clientOrderId)).toMatchObject({ kind: 'found', order: { state: 'working' } });
      expect(taken(other.clientOrderId)).toBe(0);
    });

    it('tells after a reconnect what happened meanwhile, under the keys it would have had', async () => {
      const { broker, fold, terms, quote, cut, snapshot, atVenue } = await setUp();
      const group = bracketGroup(terms({ type: 'limit', price: ticks(990) }), 980, 1010);
      await fold.submit(group);
      quote(989, 990);
      await until(() => fold.order(group.entry).life === 'filled');
      cut();
      await until(() => broker.connection().state === 'disconnected');
      quote(979, 980);
      expect(atVenue()).toBe(0);
      await broker.connect(new AbortController().signal);
      const held = await snapshot();
      expect(held).toMatchObject({ isComplete: true, orders: [], positions: [] });
      for (const fill of held.fills) fold.takeFill(fill);
      expect(fold.fills.size).toBe(2);
      expect(fold.position()).toBe(0);
      expect(fold.order(group.stop).life).toBe('filled');
    });

    it('closes for good', async () => {
      const { broker, fold, terms, taken } = await setUp();
      await broker.close();
      expect(broker.connection().state).toBe('disconnected');
      const entry = terms();
      expect((await fold.submit(soleOrder(entry))).kind).toBe('rejected');
      expect(taken(entry.clientOrderId)).toBe(0);
    });
  });
}
