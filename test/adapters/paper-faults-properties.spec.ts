import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Broker, BrokerEvent, OrderGroup } from '#desk/ports/broker.ts';
import { openOrder } from '#shared/domain/order-life.ts';
import type { Fill, Order } from '#shared/domain/order.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { ROUGH } from '#desk/adapters/brokers/fault-plan.ts';
import { type NearEnd, type VenueRig, VENUE_START, createVenueRig } from '#test/support/venue/rig.ts';
import { alone, bracket } from './paper-groups.ts';
import { SIX } from './planned-trades.ts';

const TWO = SIX.slice(0, 2);

const symbol = fc.constantFrom(...TWO.map((instrument) => instrument.symbol));
const direction = fc.constantFrom(1 as const, -1 as const);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ kind: fc.constant('submit' as const), symbol, direction, isMarket: fc.boolean() },
      ...{
        quantity: fc.integer({ min: 1, max: 4 }),
        offset: fc.integer({ min: -20, max: 20 }),
        hasExits: fc.boolean(),
      },
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ kind: fc.constant('replace' as const), pick: fc.nat() },
      ...{ quantity: fc.integer({ min: 1, max: 4 }), move: fc.integer({ min: -9, max: 9 }) },
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: fc.constant('elsewhere' as const), symbol, direction, quantity: fc.integer({ min: 1, max: 3 }) },
      offset: fc.option(fc.integer({ min: -20, max: 20 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('bust' as const), pick: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: fc.constant('correct' as const), pick: fc.nat(), quantity: fc.integer({ min: 1, max: 5 }) },
      move: fc.integer({ min: -5, max: 5 }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 9_000 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'drop' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'look' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({ seed: fc.nat(), steps: fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }) });
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

/** A trader without a journal: sends, cancels, reconnects, and keeps what it hears. */
class Trader {
  readonly rig: VenueRig;
  readonly heard: BrokerEvent[] = [];
  readonly outcomes: string[] = [];
  readonly sent: Order[] = [];
  end: NearEnd;

  constructor(seed: number) {
    this.rig = createVenueRig({
      ...{ seed, plan: ROUGH, instruments: TWO },
      exchange: {
        ...{ slippage: { market: 1, stop: 1 }, partialFills: { seed, shareOfVolume: 0.1, quoteSize: 3 } },
        rejects: { seed, share: 0.05 },
      },
    });
    this.end = this.begin();
    this.rig.feed.start();
  }

  /** A process that keeps connecting. */
  private begin(): NearEnd {
    const end = this.rig.newNearEnd();
    end.broker.onEvent((event) => this.heard.push(event));
    const connect = (): void => {
      const { state } = end.broker.connection();
      if (state === 'disconnected') end.broker.connect(new AbortController().signal).catch(() => undefined);
    };
    end.broker.connect(new AbortController().signal).catch(() => undefined);
    end.clock.every(1_000, connect);
    return end;
  }

  private note(what: string, call: Promise<unknown>): void {
    const write = (value: unknown): void => void this.outcomes.push(`${what} ${JSON.stringify(value)}`);
    call.then(write, (error: unknown) => write(String(error)));
  }

  submit(group: OrderGroup): void {
    const at = this.rig.clock.now();
    for (const terms of [group.entry, group.stop, group.target]) {
      if (terms !== null) this.sent.push(openOrder(terms, at));
    }
    this.note('submit', this.end.broker.submit(group));
  }

  async apply(next: Step): Promise<void> {
    const { rig } = this;
    const order = 'pick' in next ? this.sent[next.pick % Math.max(1, this.sent.length)] : undefined;
    const fills = rig.exchange.executions();
    const fill = 'pick' in next ? fills[next.pick % Math.max(1, fills.length)] : undefined;
    switch (next.kind) {
      case 'submit': {
        const base = rig.feed.bid(next.symbol) + next.offset;
        const over = {
          ...{ symbol: next.symbol, direction: next.direction, quantity: next.quantity },
          ...(next.isMarket ? {} : { type: 'limit' as const, price: ticks(base) }),
        };
        const away = 15 * next.direction;
        this.submit(next.hasExits ? bracket(base - away, base + away, over) : alone(over));
        break;
      }
      case 'cancel':
        if (order !== undefined) this.note('cancel', this.end.broker.cancel(order));
        break;
      case 'replace':
        if (order !== undefined) {
          const price = order.price === null ? null : ticks(order.price + next.move);
          this.note('replace', this.end.broker.replace(order, { quantity: next.quantity, price }));
        }
        break;
      case 'elsewhere': {
        const { direction: side, quantity, offset } = next;
        const price = offset === null ? null : ticks(rig.feed.bid(next.symbol) + offset);
        const type = price === null ? 'market' : 'limit';
        rig.exchange.placeElsewhere({ symbol: next.symbol, direction: side, quantity, type, price });
        break;
      }
      case 'bust':
        if (fill !== undefined) rig.exchange.bust(fill.execKey, 'busted');
        break;
      case 'correct':
        if (fill !== undefined) {
          const price = ticks(fill.price + next.move);
          rig.exchange.correct(fill.execKey, { quantity: next.quantity, price }, 'corrected');
        }
        break;
      case 'wait':
        await rig.advance(next.ms);
        break;
      case 'drop':
        rig.link.drop();
        break;
      case 'crash':
        this.end.kill();
        this.end = this.begin();
        break;
      case 'look':
        this.note('look', this.end.broker.snapshot(epochMs(0), new AbortController().signal));
    }
  }
}

async function play({ seed, steps }: Scenario): Promise<Trader> {
  const trader = new Trader(seed);
  for (const next of steps) await trader.apply(next);
  await trader.rig.advance(5_000);
  return trader;
}

/** Waits until the connection stands and nothing is on its way, then asks for everything. */
async function settle(trader: Trader, broker: Broker) {
  const { rig } = trader;
  rig.calm();
  rig.feed.stop();
  await rig.advance(40_000);
  const asked = broker.snapshot(epochMs(VENUE_START), new AbortController().signal);
  await rig.advance(1_000);
  return asked;
}

/** Executions by key, whenever they were received. */
const byKey = (fills: readonly Fill[]): Map<string, unknown> =>
  new Map(fills.map((fill) => [fill.execKey, { ...fill, receivedAt: 0 }]));

describe('whatever goes wrong on the wire', () => {
  it('the exchange stays sound, executes nothing twice, and tells everything when it is asked', async () => {
    const met = { fills: 0, unknown: 0, drops: 0, twice: 0, gaps: 0, external: 0, corrections: 0, lost: 0 };
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        // Every step of the clock audits the exchange's books.
        const trader = await play(given);
        const { rig } = trader;
        const { fills, positions, completed, orders } = await settle(trader, trader.end.broker);
        const made = rig.exchange.executions();
        expect(byKey(fills)).toEqual(byKey(made));
        expect(new Set(made.map((fill) => fill.execKey)).size).toBe(made.length);
        // Each order the desk sent stands at the exchange once at most, with the side it was sent with.
        const stated = [...completed, ...orders].filter((order) => order.clientOrderId !== null);
        expect(new Set(stated.map((order) => order.clientOrderId)).size).toBe(stated.length);
        // What was heard is what happened: a duplicate on the wire is the same execution.
        const heard = trader.heard.flatMap((event) => (event.kind === 'fill' ? [event.fill] : []));
        const truth = byKey(made);
        for (const [key, fill] of byKey(heard)) expect(fill).toEqual(truth.get(key));
        expect(positions.every((position) => position.quantity !== 0)).toBe(true);
        met.fills += made.length;
        met.twice += heard.length - new Set(heard.map((fill) => fill.execKey)).size;
        met.gaps += made.length - new Set(heard.map((fill) => fill.execKey)).size;
        met.unknown += trader.outcomes.filter((outcome) => outcome.includes('"unknown"')).length;
        met.drops += rig.link.trace().filter((line) => line.fate === 'dropped').length;
        met.lost += rig.link.trace().filter((line) => line.fate === 'lost').length;
        met.external += trader.heard.filter((event) => event.kind === 'external-order').length;
        met.corrections += trader.heard.filter((event) => event.kind === 'fill-correction').length;
      }),
      { numRuns: 500 },
    );
    // The runs must have met what they are meant to meet.
    for (const [what, count] of Object.entries(met)) expect(count, what).toBeGreaterThan(20);
  }, 120_000);

  it('the same seed gives the same messages, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        // Client order ids count over all of this file; the seed must not depend on them.
        const inBits = ({ rig, outcomes, heard }: Trader): string => {
          const all = JSON.stringify([rig.link.trace(), outcomes, heard, rig.exchange.executions()]);
          const names = new Map<string, string>();
          return all.replaceAll(/D1-\d{26}/gu, (id) => {
            const name = names.get(id) ?? `order ${names.size}`;
            names.set(id, name);
            return name;
          });
        };
        const first = inBits(await play(given));
        expect(inBits(await play(given)) === first).toBe(true);
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
