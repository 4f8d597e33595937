import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DeskError } from '#shared/contract/errors.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order } from '#shared/domain/order.ts';
import type { Difference } from '#shared/domain/risk.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import { type Ticks, ticks } from '#shared/units.ts';
import type { FaultPlan } from '#desk/adapters/brokers/fault-plan.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { decide } from '#desk/engine/decide.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import type { BrokerSnapshot, OrderGroup } from '#desk/ports/broker.ts';
import { ACCOUNT, MID, MINUTE, START, raiseStage } from '#test/desk/stage.ts';
import { type Auditor, createAuditor } from './auditor.ts';
import { type Opinions, type RigDesk, type RigDeskOptions, copyJournal, startRigDesk } from './desk.ts';
import { findings, riskFindings } from './findings.ts';
import { type VenueRig, createVenueRig } from './rig.ts';
import { CONFIG, EQUITY, INSTRUMENTS, LIMITS, ROOTS } from './setup.ts';

export { INSTRUMENTS, SYMBOLS } from './setup.ts';

/** An order in doubt this long that is not at the venue cannot be on its way any more: no message takes as long. */
const IN_FLIGHT_MS = 2_000;

/** A journal with forty trades of evidence and an hour of bars, from which every run begins. Its path. */
export async function makeTemplate(folder: string): Promise<string> {
  const path = join(folder, 'template.db');
  const stage = await raiseStage(path, { roots: ROOTS, initialEquity: EQUITY });
  stage.assembly.execution.stop();
  stage.journal.close();
  return path;
}

export type WorldOptions = Pick<RigDeskOptions, 'broker' | 'journal'> & {
  readonly template: string;
  readonly folder: string;
  readonly plan: FaultPlan;
  /** Limits a broken desk keeps to instead of those it must, to see that it is found out. */
  readonly lax?: Partial<SizingConfig>;
};

const legsOf = (group: OrderGroup) => [group.entry, group.stop, group.target].filter((terms) => terms !== null);

/** So tight that two markets at once come up against what they are correlated, and against the margin. */
const TIGHT = { rhoMin: 0.2, maxCluster: 0.06, maxMarginShare: 0.15 } as const;

let worlds = 0;

/** A trader at a desk that crashes, on a line that fails, at a venue that goes on. */
export class World {
  readonly rig: VenueRig;
  readonly opinions: Opinions = new Map();
  readonly violations: string[] = [];
  /** What the run has met. */
  readonly met = new Map<string, number>();
  /** Symbols in which somebody else traded, or executions were changed: what is held there is not the desk's alone. */
  readonly shared = new Set<string>();
  /** What no entry may exceed. */
  readonly limits: SizingConfig = { ...PRESETS.conservative, ...CONFIG, ...TIGHT };
  auditor: Auditor;
  desk: RigDesk;
  private readonly proposals: { readonly id: string; readonly contracts: number }[] = [];
  private readonly sent = new Set<string>();
  /** Desks whose process died at a write: what they still say is said by nobody. */
  private readonly dead = new WeakSet<RigDesk>();
  private doom: { writes: number; readonly isWritten: boolean } | null = null;
  private readonly path: string;
  private readonly options: WorldOptions;

  constructor(seed: number, options: WorldOptions) {
    this.options = options;
    this.path = copyJournal(options.template, options.folder, `${(worlds += 1)}.db`);
    this.rig = createVenueRig({
      ...{ seed, plan: options.plan, instruments: [...INSTRUMENTS.values()], account: ACCOUNT },
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
    this.auditor = createAuditor({ maxContracts: 5 });
    this.desk = this.startDesk();
  }

  private startDesk(): RigDesk {
    const desk = startRigDesk({
      ...{ rig: this.rig, path: this.path, instruments: INSTRUMENTS, initialEquity: EQUITY },
      ...{ opinions: this.opinions, limits: LIMITS },
      config: { ...CONFIG, ...TIGHT, ...this.options.lax },
      ...{ onSubmit: (group, from) => this.onSubmit(group, from) },
      ...(this.options.broker === undefined ? {} : { broker: this.options.broker }),
      journal: (journal) => this.doomed(this.options.journal?.(journal) ?? journal),
    });
    this.auditor.read(desk.journal);
    this.watch(desk.started, undefined, desk);
    return desk;
  }

  /** A journal at one of whose writes the process dies, with that write on disk or without it. */
  private doomed(journal: SqliteJournal): SqliteJournal {
    return {
      ...journal,
      append: (events) => {
        const { doom } = this;
        if (doom === null || this.dead.has(this.desk)) return journal.append(events);
        doom.writes -= 1;
        if (doom.writes > 0) return journal.append(events);
        if (doom.isWritten) journal.append(events);
        this.doom = null;
        this.dead.add(this.desk);
        this.desk.crash();
        throw new Error('the process is dead');
      },
    };
  }

  /** The process dies at one of its next writes. */
  dieAtWrite(writes: number, isWritten: boolean): void {
    this.doom = { writes, isWritten };
  }

  /** Says whether the desk has died at a write. */
  isDead(): boolean {
    return this.dead.has(this.desk);
  }

  /** Starts a desk that died at a write again. */
  async revive(): Promise<void> {
    if (!this.isDead()) return;
    this.note('died at a write');
    this.desk = this.startDesk();
    await this.rig.advance(1);
  }

  note(what: string, by = 1): void {
    this.met.set(what, (this.met.get(what) ?? 0) + by);
  }

  /** A call of the trader: refusals are answers, anything else that is thrown is a fault. */
  watch(call: Promise<unknown>, what?: string, desk = this.desk): void {
    call.then(
      () => what !== undefined && this.note(what),
      (error: unknown) => {
        if (this.dead.has(desk)) return;
        if (error instanceof DeskError && error.data.code !== 'internal') this.note('refused');
        else this.violations.push(`a call broke: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
      },
    );
  }

  /** The same for calls that answer at once. */
  attempt(call: () => unknown, what?: string): void {
    this.watch(Promise.resolve().then(call), what);
  }

  /** What must be true in the instant in which an order leaves. */
  private onSubmit(group: OrderGroup, desk: RigDesk): void {
    if (this.dead.has(desk)) throw new Error('the process is dead');
    this.auditor.read(desk.journal);
    const { entry } = group;
    const say = (text: string): void => void this.violations.push(`${entry.role} ${entry.clientOrderId}: ${text}`);
    for (const { clientOrderId, quantity, price } of legsOf(group)) {
      if (this.sent.has(clientOrderId)) say(`${clientOrderId} is sent a second time`);
      this.sent.add(clientOrderId);
      const audited = this.auditor.order(clientOrderId);
      if (audited === undefined || audited.attempts !== 1) say(`${clientOrderId} has no intent and attempt on disk`);
      else if (audited.quantity !== quantity || audited.price !== price) say(`${clientOrderId} is not as intended`);
    }
    const held = this.auditor.position(entry.symbol);
    if (entry.role === 'flatten') {
      const isCloser = (of: number): boolean => of * entry.direction < 0 && entry.quantity <= Math.abs(of);
      if (!isCloser(held) && !isCloser(this.atVenue(entry.symbol)))
        say(`closes ${entry.quantity} where ${held} are held`);
    }
    if (entry.role !== 'entry') return;
    this.note('entries');
    if (held * entry.direction > 0) this.note('added to a position');
    for (const text of riskFindings(this, desk, entry)) say(text);
  }

  async propose(symbol: string, direction: 1 | -1, confidence: number): Promise<void> {
    this.opinions.set(symbol, { direction, confidence });
    const { pipeline, book } = this.desk.assembly;
    const held = book.positions().find((position) => position.symbol === symbol)?.quantity ?? 0;
    if (held !== 0) this.note(held * direction > 0 ? 'signal with the position' : 'signal against the position');
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
    for (let click = 0; click < clicks; click += 1) {
      const request = { id: last.id, contracts: last.contracts, reason: null };
      this.watch(this.desk.assembly.pipeline.approve(request, 'trader'), 'approvals');
    }
    await this.rig.advance(1);
  }

  /** One of the orders that have not ended; null when there is none. */
  pickOrder(pick: number, wanted: (order: Order) => boolean = () => true): Order | null {
    const orders = this.desk.assembly.book.orders().filter((order) => !isTerminal(order) && wanted(order));
    return orders[pick % Math.max(1, orders.length)] ?? null;
  }

  differences(): readonly Difference[] {
    return this.desk.assembly.execution.view().reconciliation.differences;
  }

  /** A price this many ticks away from the market. */
  near(symbol: string, by: number): Ticks {
    return ticks(Math.max(1, this.rig.feed.bid(symbol) + by));
  }

  /** Somebody trades in the same account on another screen. */
  async elsewhere(symbol: string, quantity: number, restsAway: number | null): Promise<void> {
    this.shared.add(symbol);
    const direction = quantity > 0 ? 1 : -1;
    const price = restsAway === null ? null : this.near(symbol, -direction * restsAway);
    const placed = this.rig.exchange.placeElsewhere({
      ...{ symbol, direction, quantity: Math.abs(quantity), price, type: price === null ? 'market' : 'limit' },
    });
    if ('order' in placed) this.note(price === null ? 'traded elsewhere' : 'ordered elsewhere');
    await this.rig.advance(1);
  }

  /** The venue changes one of its last executions, or takes it back. */
  async correct(pick: number, to: { readonly quantity?: number; readonly by?: number } | null): Promise<void> {
    const made = this.rig.exchange.executions().slice(-4);
    const fill = made[pick % Math.max(1, made.length)];
    if (fill === undefined) return;
    this.shared.add(fill.symbol);
    const price = ticks(Math.max(1, fill.price + (to?.by ?? 0)));
    const values = to === null ? null : { price, ...(to.quantity === undefined ? {} : { quantity: to.quantity }) };
    const told = this.rig.exchange.correct(fill.execKey, values, 'trade desk ruling');
    if (told !== null) this.note(to === null ? 'busts' : 'corrections');
    await this.rig.advance(1);
  }

  /** The trader looks at the venue's own screen, and says what became of an order in doubt. */
  async settleDoubt(pick: number): Promise<void> {
    const order = this.pickOrder(pick, ({ certainty }) => certainty.kind === 'in-doubt');
    if (order?.certainty.kind !== 'in-doubt') return;
    const { clientOrderId } = order;
    const { execution } = this.desk.assembly;
    const known = this.rig.exchange.handle({ kind: 'find', clientOrderId });
    const isOld = this.rig.clock.now() - order.certainty.since > IN_FLIGHT_MS;
    const answer = known.kind === 'looked-up' ? known.answer : null;
    if (answer?.kind === 'absent' && isOld)
      this.attempt(() => execution.settle(clientOrderId, 'never-arrived', 'not on the screen'), 'settled');
    else if (answer?.kind === 'found' && answer.order.state === 'canceled' && answer.order.filled === order.filled)
      this.attempt(() => execution.settle(clientOrderId, 'canceled', 'cancelled on the screen'), 'settled');
    else this.watch(execution.query(clientOrderId), 'asked about');
    await this.rig.advance(1);
  }

  async resolve(pick: number, choice: number): Promise<void> {
    const all = this.differences();
    const found = all[pick % Math.max(1, all.length)];
    const chosen = found?.choices[choice % found.choices.length];
    if (found === undefined || chosen === undefined) return;
    const { execution } = this.desk.assembly;
    const resolution = { differenceId: found.id, choice: chosen, reason: 'looked at', actor: 'trader' } as const;
    this.watch(execution.resolve(resolution), `${chosen} ${found.kind}`);
    await this.rig.advance(1_000);
  }

  async rearm(): Promise<void> {
    const { execution } = this.desk.assembly;
    for (const { code } of execution.view().latches)
      this.attempt(() => execution.guard.rearm(code, 'looked at', 'trader'), 'rearmed');
    await this.rig.advance(1);
  }

  /** What a desk must be the same in after a restart, at once. */
  private state(): unknown {
    const { book, execution } = this.desk.assembly;
    const { latches, kill } = execution.view();
    return {
      orders: book.orders().filter((order) => order.life !== 'created'),
      positions: book.positions().map(({ symbol, quantity, averagePrice }) => ({ symbol, quantity, averagePrice })),
      ...{ latches, kill, trading: this.auditor.tradingState() },
      lasting: this.differences().filter(({ kind }) => kind === 'overfill' || kind === 'fill-conflict'),
    };
  }

  /** What locks instruments, and what was set aside, once broker and journal have been compared. */
  private locks(): readonly string[] {
    const { locks } = this.desk.assembly.execution.view();
    return [...locks.map(({ symbol }) => symbol), ...this.differences().map(({ id }) => id)];
  }

  async crash(): Promise<void> {
    this.note('crashes');
    this.auditor.read(this.desk.journal);
    const before = this.state();
    this.desk.crash();
    this.desk = this.startDesk();
    this.same('after a restart', before, this.state());
    await this.rig.advance(1);
  }

  private same(when: string, before: unknown, after: unknown): void {
    if (isDeepStrictEqual(before, after)) return;
    this.violations.push(`${when} the desk is not the same: ${JSON.stringify(before)} became ${JSON.stringify(after)}`);
  }

  /** What must be true at any time. Throws with everything that is not. */
  check(): void {
    this.auditor.read(this.desk.journal);
    const found = [...this.violations, ...this.auditor.violations, ...findings.always(this)];
    if (found.length > 0) throw new Error(found.join('\n'));
  }

  private holdings(): BrokerSnapshot {
    const answer = this.rig.exchange.handle({ kind: 'snapshot', since: this.rig.clock.now() });
    if (answer.kind !== 'holdings') throw new Error('the exchange did not say what it holds');
    return answer.snapshot;
  }

  /** Contracts the venue holds. */
  atVenue(symbol: string): number {
    return this.holdings().positions.find((position) => position.symbol === symbol)?.quantity ?? 0;
  }

  /** Orders that work at the venue, by our ids. */
  workingAtVenue(): ReadonlySet<string> {
    return new Set(this.holdings().orders.flatMap(({ clientOrderId: id }) => (id === null ? [] : [id])));
  }

  /** The line is good again, the market comes to rest, and everything has time to be found out. */
  async settle(): Promise<void> {
    this.doom = null;
    this.rig.calm();
    await this.rig.advance(60_000);
    this.rig.feed.stop();
    await this.rig.advance(120_000);
    this.check();
    this.fail(findings.afterCalm(this));
    await this.putInOrder();
    this.check();
    this.fail(findings.afterOrder(this));
    const [before, locks] = [this.state(), this.locks()];
    this.desk.crash();
    this.desk = this.startDesk();
    this.same('reopened', before, this.state());
    await this.rig.advance(80_000);
    // Nothing that locked is forgotten. What was set aside may lock again: a restart looks at it anew.
    const kept = new Set(this.locks());
    this.fail(locks.filter((lock) => !kept.has(lock)).map((lock) => `${lock} is forgotten over a restart`));
    this.check();
    this.fail(this.desk.journal.verify(decide).findings.map(({ check, detail }) => `${check}: ${detail}`));
    for (const { event } of this.desk.journal.events({ kinds: ['order'] }))
      if (event.event.kind === 'in-doubt') this.note('doubts');
    for (const { event } of this.desk.journal.events({ kinds: ['reconciliation'] }))
      this.note('caught up', event.fillsAdded);
    for (const { event } of this.desk.journal.events({ kinds: ['breaker-tripped'] }))
      this.note(`tripped ${event.latch.code}`);
    this.note('executions', this.rig.exchange.executions().length);
  }

  /** The trader takes over what the venue holds wherever that is offered. */
  private async putInOrder(): Promise<void> {
    const { execution } = this.desk.assembly;
    for (const { id, choices, kind } of this.differences()) {
      const choice = choices.includes('adopt') ? 'adopt' : 'ignore';
      this.watch(
        execution.resolve({ differenceId: id, choice, reason: 'at the end', actor: 'trader' }),
        `${choice} ${kind}`,
      );
      await this.rig.advance(10_000);
    }
  }

  private fail(found: readonly string[]): void {
    if (found.length > 0) throw new Error(found.join('\n'));
  }

  /** Ends the run; what it leaves is the hash of its journal's head. */
  close(): string {
    const head = this.desk.journal.headHash() ?? '';
    this.desk.crash();
    return head;
  }
}
