import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeskError } from '#shared/contract/errors.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order } from '#shared/domain/order.ts';
import { moneyFromUsd } from '#shared/units.ts';
import { NO_FAULTS, ROUGH } from '#desk/adapters/brokers/fault-plan.ts';
import { decide } from '#desk/engine/decide.ts';
import type { OrderGroup } from '#desk/ports/broker.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';
import { ACCOUNT, MID, MINUTE, START, raiseStage } from '#test/desk/stage.ts';
import { type Opinions, type RigDesk, copyJournal, startRigDesk } from '#test/support/venue/desk.ts';
import { type VenueRig, createVenueRig } from '#test/support/venue/rig.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const ROOTS = ['NQ', 'GC'];
const EQUITY = moneyFromUsd(1_000_000);
const INSTRUMENTS = new Map(
  ROOTS.map((root) => continuousInstrument(root))
    .filter((instrument) => instrument !== null)
    .map((instrument) => [instrument.symbol, instrument]),
);
const CONFIG = {
  maxRiskPerTrade: 0.1,
  calibrate: false,
  evidenceTrades: 0,
  multiplier: { mode: 'fixed', value: 0.08 },
} as const;

/** A journal with forty trades of evidence and an hour of bars, from which every run begins. */
async function makeTemplate(): Promise<string> {
  const path = join(temporaryFolder(), 'template.db');
  const stage = await raiseStage(path, { roots: ROOTS, initialEquity: EQUITY });
  stage.assembly.execution.stop();
  stage.journal.close();
  return path;
}

const legsOf = (group: OrderGroup) => [group.entry, group.stop, group.target].filter((terms) => terms !== null);

/** What a desk must be the same in after a restart. */
const stateOf = ({ assembly: { book } }: RigDesk) => ({
  orders: book.orders().filter((order) => order.life !== 'created'),
  positions: book.positions().map(({ symbol, quantity, averagePrice }) => ({ symbol, quantity, averagePrice })),
});

let worlds = 0;

/** A trader at a desk that crashes, on a line that fails, at a venue that goes on. */
class World {
  readonly rig: VenueRig;
  readonly opinions: Opinions = new Map();
  readonly violations: string[] = [];
  readonly sent = new Map<string, string>();
  readonly proposals: { readonly id: string; readonly contracts: number }[] = [];
  readonly path: string;
  readonly counts = { entries: 0, crashes: 0, refused: 0, approvals: 0, doubts: 0, halts: 0, caughtUp: 0 };
  desk: RigDesk;

  constructor(seed: number, parts: { template: string; folder: string; isRough: boolean }) {
    this.path = copyJournal(parts.template, parts.folder, `${(worlds += 1)}.db`);
    this.rig = createVenueRig({
      ...{ seed, plan: parts.isRough ? ROUGH : NO_FAULTS, instruments: [...INSTRUMENTS.values()], account: ACCOUNT },
      ...{ startingCash: EQUITY, startAt: START + 60 * MINUTE },
      exchange: {
        ...{ slippage: { market: 1, stop: 2 }, partialFills: { seed, shareOfVolume: 0.1, quoteSize: 3 } },
        rejects: { seed, share: 0.05 },
      },
      feed: {
        ...{ everyMs: 1_000, stepTicks: 60, gap: { chance: 0.02, steps: 8 } },
        startTicks: (instrument) => MID[instrument.root] ?? 10_000,
      },
    });
    this.rig.feed.start();
    this.desk = this.startDesk();
  }

  private startDesk(): RigDesk {
    const desk = startRigDesk({
      ...{ rig: this.rig, path: this.path, instruments: INSTRUMENTS, initialEquity: EQUITY },
      ...{ opinions: this.opinions, config: CONFIG, onSubmit: (group, from) => this.onSubmit(group, from) },
    });
    this.watch(desk.started);
    return desk;
  }

  /** A call of the trader: refusals are answers, anything else that is thrown is a fault. */
  watch(call: Promise<unknown>): void {
    call.catch((error: unknown) => {
      if (error instanceof DeskError && error.data.code !== 'internal') this.counts.refused += 1;
      else
        this.violations.push(
          `a call broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
    });
  }

  /** What must be true in the instant in which an order leaves. */
  private onSubmit(group: OrderGroup, desk: RigDesk): void {
    const { journal, assembly, sizing } = desk;
    const say = (text: string): void =>
      void this.violations.push(`${group.entry.role} ${group.entry.clientOrderId}: ${text}`);
    for (const { clientOrderId } of legsOf(group)) {
      if (this.sent.has(clientOrderId)) say(`${clientOrderId} is sent a second time`);
      this.sent.set(clientOrderId, group.entry.role);
      if (journal.order(clientOrderId)?.life !== 'sent') say(`${clientOrderId} has no intent and attempt on disk`);
    }
    const { entry } = group;
    const held = assembly.book.positions().find((position) => position.symbol === entry.symbol)?.quantity ?? 0;
    if (entry.role !== 'entry') {
      const isReducing = held * entry.direction < 0 && entry.quantity <= Math.abs(held);
      if (!isReducing && entry.role === 'flatten') say(`closes ${entry.quantity} where the journal holds ${held}`);
      return;
    }
    this.counts.entries += 1;
    const status = journal.decision(entry.recommendationId ?? '')?.status?.event ?? null;
    const isApproved = status?.state === 'approved' || status?.state === 'overridden';
    if (!isApproved) say('was not approved');
    if (entry.quantity > (status?.contracts ?? 0))
      say(`${entry.quantity} contracts, approved are ${status?.contracts ?? 0}`);
    let state = 'active';
    for (const { event } of journal.events({ kinds: ['trading-state'] })) state = event.state;
    if (state !== 'active') say(`leaves while trading is ${state}`);
    const open = assembly.book
      .orders()
      .filter((o) => o.role === 'entry' && o.symbol === entry.symbol && !isTerminal(o))
      .reduce((sum, o) => sum + o.direction * (o.quantity - o.filled), 0);
    // The order itself is among the open ones: its intent is on disk.
    if (Math.abs(held + open) > sizing.maxContracts) say(`would lead to ${held + open} contracts`);
  }

  async propose(symbol: string, direction: 1 | -1): Promise<void> {
    this.opinions.set(symbol, { direction, confidence: 0.8 });
    const { pipeline } = this.desk.assembly;
    this.watch(
      pipeline.evaluate([symbol]).then((made) => {
        for (const { id, state, decision } of made) {
          if (state === 'proposed') this.proposals.push({ id, contracts: decision.contracts });
        }
      }),
    );
    await this.rig.advance(1);
  }

  async approve(clicks: number): Promise<void> {
    const last = this.proposals.at(-1);
    if (last === undefined) return;
    this.counts.approvals += 1;
    for (let click = 0; click < clicks; click += 1) {
      const request = { id: last.id, contracts: last.contracts, reason: null };
      this.watch(this.desk.assembly.pipeline.approve(request, 'trader'));
    }
    await this.rig.advance(1);
  }

  order(pick: number): Order | null {
    const orders = this.desk.assembly.book.orders();
    return orders[pick % Math.max(1, orders.length)] ?? null;
  }

  async crash(): Promise<void> {
    this.counts.crashes += 1;
    const before = stateOf(this.desk);
    this.desk.crash();
    this.desk = this.startDesk();
    expect(stateOf(this.desk)).toEqual(before);
    await this.rig.advance(1);
  }

  check(): void {
    expect(this.violations).toEqual([]);
    expect(this.rig.exchange.audit()).toEqual([]);
    const { journal, assembly, sizing } = this.desk;
    const bought = new Map<string, number>();
    for (const { symbol, direction, quantity } of journal.fills({})) {
      bought.set(symbol, (bought.get(symbol) ?? 0) + direction * quantity);
    }
    const held = new Map(assembly.book.positions().map((position) => [position.symbol, position.quantity]));
    for (const symbol of INSTRUMENTS.keys()) {
      expect(held.get(symbol) ?? 0, `${symbol}: fills and position`).toBe(bought.get(symbol) ?? 0);
      expect(Math.abs(this.atVenue(symbol)), `${symbol} at the venue`).toBeLessThanOrEqual(sizing.maxContracts);
    }
  }

  /** Contracts the venue holds. */
  atVenue(symbol: string): number {
    const made = this.rig.exchange.executions().filter((fill) => fill.symbol === symbol);
    return made.reduce((sum, fill) => sum + fill.direction * fill.quantity, 0);
  }

  /** The line is good again, the market comes to rest, and everything has time to be found out. */
  async settle(): Promise<void> {
    this.rig.calm();
    await this.rig.advance(60_000);
    this.rig.feed.stop();
    await this.rig.advance(120_000);
    this.check();
    const { assembly, notices, journal } = this.desk;
    const alarms = [
      ...notices.all().map((notice) => `${notice.title} ${notice.detail}`),
      ...assembly.execution.view().locks.map((lock) => lock.reason),
    ];
    const isTold = (symbol: string): boolean => alarms.some((alarm) => alarm.includes(symbol));
    expect(this.desk.end.broker.connection().state).toBe('live');
    for (const order of assembly.book.orders()) {
      if (order.certainty.kind === 'in-doubt')
        expect(isTold(order.symbol), `${order.clientOrderId} is in doubt, and nobody was told`).toBe(true);
    }
    for (const symbol of INSTRUMENTS.keys()) {
      const position = assembly.book.positions().find((held) => held.symbol === symbol);
      const quantity = position?.quantity ?? 0;
      if (quantity !== this.atVenue(symbol)) {
        expect(
          isTold(symbol),
          `${symbol}: journal ${quantity}, venue ${this.atVenue(symbol)}, and nobody was told`,
        ).toBe(true);
      }
      const isClosing = assembly.book.workingOrders(symbol).some((order) => order.role === 'flatten');
      if (position !== undefined && position.riskAtStop === null && !isClosing) {
        expect(isTold(symbol), `${symbol}: ${quantity} stand without a stop for all, and nobody was told`).toBe(true);
      }
    }
    for (const { event } of journal.events({ kinds: ['order'] }))
      if (event.event.kind === 'in-doubt') this.counts.doubts += 1;
    for (const { event } of journal.events({ kinds: ['reconciliation'] })) this.counts.caughtUp += event.fillsAdded;
    for (const { event } of journal.events({ kinds: ['trading-state'] }))
      if (event.state === 'halted') this.counts.halts += 1;
    expect(journal.verify(decide).findings).toEqual([]);
  }
}

type Model = { isHalted: boolean };
type Step = fc.AsyncCommand<Model, World>;

/** A command that does something, lets `check` have its say, and reads well when it is shrunk. */
const command = (text: string, run: (world: World, model: Model) => Promise<void>): Step => ({
  check: () => true,
  run: async (model, world) => {
    await run(world, model);
    world.check();
  },
  toString: () => text,
});

const symbol = fc.constantFrom(...INSTRUMENTS.keys());
const signal = fc
  .tuple(symbol, fc.constantFrom(1 as const, -1 as const))
  .map(([on, direction]) => command(`signal ${on} ${direction}`, (world) => world.propose(on, direction)));
const approve = fc
  .constantFrom(1, 1, 2)
  .map((clicks) => command(clicks === 1 ? 'approve' : 'approve, clicked twice', (world) => world.approve(clicks)));
const trade = fc
  .tuple(symbol, fc.constantFrom(1 as const, -1 as const), fc.constantFrom(1, 1, 2))
  .map(([on, direction, clicks]) =>
    command(`signal ${on} ${direction} and approve, clicks ${clicks}`, async (world) => {
      await world.propose(on, direction);
      await world.approve(clicks);
    }),
  );
const wait = fc.integer({ min: 50, max: 30_000 }).map((ms) => command(`wait ${ms}`, (world) => world.rig.advance(ms)));
const move = fc.tuple(symbol, fc.integer({ min: -4_000, max: 4_000 })).map(([on, by]) =>
  command(`move ${on} by ${by}`, async (world) => {
    world.rig.feed.move(on, Math.max(1_000, world.rig.feed.bid(on) + by));
    await world.rig.advance(1);
  }),
);
const cancel = fc.nat(50).map((pick) =>
  command(`cancel ${pick}`, async (world) => {
    const order = world.order(pick);
    // A protective order that the trader takes away is the trader's word; here only entries are.
    if (order?.role === 'entry') world.watch(world.desk.assembly.execution.cancel(order.clientOrderId));
    await world.rig.advance(1);
  }),
);
const flatten = symbol.map((on) =>
  command(`flatten ${on}`, async (world) => {
    world.watch(world.desk.assembly.execution.flatten(on));
    await world.rig.advance(1);
  }),
);
const halt = fc.constant(
  command('halt', async (world, model) => {
    model.isHalted = true;
    world.watch(world.desk.assembly.pipeline.halt('the trader said so', 'trader'));
    await world.rig.advance(1);
  }),
);
const resume = fc.constant(
  command('resume', async (world) => {
    world.watch(world.desk.assembly.pipeline.resume('looked at', 'trader'));
    await world.rig.advance(1_000);
  }),
);
const drop = fc.constant(
  command('drop', async (world) => {
    world.rig.link.drop();
    await world.rig.advance(1);
  }),
);
const crash = fc.constant(command('crash', (world) => world.crash()));

const often = <T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T>[] =>
  Array.from({ length: times }, () => arbitrary);
const commands = fc.commands(
  [
    ...[...often(9, trade), signal, approve, ...often(6, wait), ...often(3, move)],
    ...[...often(2, cancel), ...often(3, flatten), halt, ...often(2, resume), drop, ...often(2, crash)],
  ],
  { maxCommands: 40, size: 'max' },
);

describe('a desk on a venue, whatever happens', () => {
  it.each([
    ['a good line', false, rounds(15)],
    ['a bad line', true, rounds(40)],
  ])(
    'on %s: one approved intent one order, fills are the position, limits hold, a halt holds, the journal is the state',
    async (_, isRough, numRuns) => {
      const template = await makeTemplate();
      const folder = temporaryFolder();
      const met: Record<string, number> = {};
      const count = (what: string, by: number): void => void (met[what] = (met[what] ?? 0) + by);
      await fc.assert(
        fc.asyncProperty(fc.nat(), commands, async (seed, steps) => {
          const world = new World(seed, { template, folder, isRough });
          try {
            // Until the first bar of this market has closed there is nothing to size.
            await world.rig.advance(61_500);
            await fc.asyncModelRun(() => ({ model: { isHalted: false }, real: world }), steps);
            await world.settle();
          } finally {
            for (const [what, times] of Object.entries(world.counts)) count(what, times);
            count('executions', world.rig.exchange.executions().length);
            world.desk.crash();
          }
        }),
        { numRuns },
      );
      // The runs must have met what they are meant to meet.
      for (const [what, times] of Object.entries(met)) {
        const isOfTheLine = what === 'doubts' || what === 'caughtUp';
        if (isRough || !isOfTheLine) expect(times, what).toBeGreaterThan(0);
      }
    },
    timeLimit(300_000),
  );
});
