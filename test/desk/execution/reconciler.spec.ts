import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { epochMs, money, ticks } from '#shared/units.ts';
import { decide } from '#desk/engine/decide.ts';
import type { BrokerEvent, BrokerSnapshot } from '#desk/ports/broker.ts';
import { ACCOUNT, errorOf, newStage, raiseStage, settle, type Stage, type StageOptions } from '#test/desk/stage.ts';

const NQ = 'NQ';
const LONG = { direction: 1, confidence: 0.75 } as const;

async function long(options: StageOptions = {}): Promise<{ stage: Stage; id: string }> {
  const stage = await newStage(options);
  stage.say(NQ, LONG);
  const r = await stage.proposal(NQ);
  const { clientOrderId } = await stage.assembly.pipeline.approve({ id: r.id, contracts: 3, reason: null }, 'trader');
  return { stage, id: clientOrderId ?? '' };
}
const held = (stage: Stage): number => stage.assembly.book.positions()[0]?.quantity ?? 0;
const view = (stage: Stage) => stage.assembly.execution.view();
const reconciliations = (stage: Stage) =>
  [...stage.journal.events({ kinds: ['reconciliation'], after: stage.startSeq })].map(({ event }) => event);
/** Whatever the venue tells is not heard while `work` runs. */
async function unheard(stage: Stage, work: () => unknown): Promise<void> {
  stage.broker.hears = () => false;
  await work();
  stage.broker.hears = () => true;
}
const compare = async (stage: Stage): Promise<void> => {
  await stage.pass(6_000);
  await stage.assembly.execution.reconcile('asked');
};
const again = async (stage: Stage, options: StageOptions = {}): Promise<Stage> => {
  const now = stage.clock.now();
  stage.assembly.execution.stop();
  stage.journal.close();
  return raiseStage(stage.path, options, now);
};

describe('comparing broker and journal', () => {
  it('is done at the start, journaled once, and quiet while nothing changes', async () => {
    const { stage } = await long();
    const start = [...stage.journal.events({ kinds: ['reconciliation'] })].map(({ event }) => event);
    expect(start).toMatchObject([{ trigger: 'start', isComplete: true, differences: [] }]);
    for (let n = 0; n < 3; n += 1) await compare(stage);
    expect(reconciliations(stage)).toEqual([]);
    expect(view(stage).reconciliation).toMatchObject({
      state: 'clean',
      trigger: 'asked',
      differences: [],
      externalOrders: [],
    });
    expect(stage.assembly.execution.brokerState()).toBe('live');
  });

  it('books executions nobody heard of, with what became of their orders', async () => {
    const { stage } = await long();
    await unheard(stage, () => stage.quote(NQ, 70_000));
    expect(held(stage)).toBe(3);
    await compare(stage);
    expect(held(stage)).toBe(0);
    expect(stage.assembly.book.orders()).toEqual([]);
    expect(stage.assembly.book.account().realised).toBe(stage.paper.equity());
    expect(reconciliations(stage)).toMatchObject([{ fillsAdded: 1, fillsInferred: 0, differences: [] }]);
    expect(stage.assembly.ledger.state().state).toBe('active');
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('changes nothing when it is made twice', async () => {
    const { stage } = await long();
    await unheard(stage, () => stage.quote(NQ, 70_000));
    await compare(stage);
    const seq = stage.journal.lastSeq();
    await compare(stage);
    expect(stage.journal.lastSeq()).toBe(seq);
  });

  it('holds back what comes meanwhile, and takes it in after', async () => {
    const { stage } = await long();
    let release: () => void = () => undefined;
    stage.broker.onSnapshot = (snapshot) => new Promise((resolve) => (release = () => resolve(snapshot)));
    await stage.pass(6_000);
    const running = stage.assembly.execution.reconcile('asked');
    await settle();
    stage.quote(NQ, 70_000);
    expect(held(stage)).toBe(3);
    expect(stage.assembly.execution.brokerState()).toBe('syncing');
    release();
    await running;
    expect(held(stage)).toBe(0);
    // The snapshot was older than the fill: the symbol was not judged by it.
    expect(view(stage).reconciliation).toMatchObject({ state: 'clean' });
    expect(stage.assembly.ledger.state().state).toBe('active');
  });

  it('made every minute, and not of a symbol in which something has just happened', async () => {
    const { stage } = await long();
    stage.assembly.execution.watch();
    const before = stage.broker.snapshots;
    await stage.pass(61_000);
    expect(stage.broker.snapshots).toBeGreaterThan(before);
    await unheard(stage, () => stage.quote(NQ, 70_000));
    await stage.pass(61_000);
    expect(held(stage)).toBe(0);
    expect(view(stage).reconciliation.state).toBe('clean');
  });
});

describe('a snapshot that fails', () => {
  const partial = (snapshot: BrokerSnapshot): BrokerSnapshot => ({
    ...snapshot,
    isComplete: false,
    positions: [],
    orders: [],
  });

  it('is never read as an empty account: nothing is booked, no entry leaves, it is asked again with growing waits', async () => {
    const { stage } = await long({ roots: ['NQ', 'GC'] });
    const { snapshots } = stage.broker;
    stage.broker.onSnapshot = partial;
    await compare(stage);
    expect(held(stage)).toBe(3);
    expect(stage.assembly.book.orders()).toHaveLength(2);
    expect(view(stage).reconciliation).toMatchObject({ state: 'failed', differences: [] });
    stage.say('GC', LONG);
    const gc = await stage.proposal('GC');
    const ask = () =>
      stage.assembly.pipeline.approve({ id: gc.id, contracts: gc.decision.contracts, reason: null }, 'trader');
    expect(await errorOf(ask)).toMatchObject({ code: 'refused' });
    await stage.pass(61_500);
    // At once, then after 1, 2, 4, 8, 16 and 30 s.
    expect(stage.broker.snapshots - snapshots).toBe(7);
    expect(await errorOf(() => stage.assembly.pipeline.resume('now', 'trader'))).toMatchObject({ code: 'refused' });
    stage.broker.onSnapshot = (snapshot) => snapshot;
    await stage.pass(31_000);
    expect(view(stage).reconciliation.state).toBe('clean');
    expect(reconciliations(stage).map((e) => e.isComplete)).toEqual([false, true]);
  });

  it('or hangs, still lets what reduces risk out', async () => {
    const { stage } = await long();
    stage.broker.onSnapshot = () => new Promise(() => undefined);
    void stage.assembly.execution.reconcile('asked');
    await stage.pass(2_000);
    await stage.assembly.execution.flatten(NQ);
    await stage.pass(9_000);
    expect(held(stage)).toBe(0);
  });

  it('at the start leaves the desk without entries and goes on trying', async () => {
    const { stage } = await long();
    const next = await again(stage, { prepare: ({ broker }) => void (broker.onSnapshot = partial) });
    await settle();
    expect(view(next).reconciliation).toMatchObject({ state: 'failed', trigger: 'start' });
    expect(held(next)).toBe(3);
    expect(next.assembly.execution.brokerState()).toBe('syncing');
    next.broker.onSnapshot = (snapshot) => snapshot;
    await next.pass(31_000);
    expect(next.assembly.execution.brokerState()).toBe('live');
  });
});

describe('a lost connection', () => {
  it('is made again, and what happened meanwhile is found', async () => {
    const { stage } = await long();
    stage.broker.setLink(false);
    stage.quote(NQ, 70_000);
    await stage.pass(3_000);
    expect(held(stage)).toBe(3);
    expect(stage.assembly.execution.brokerState()).toBe('disconnected');
    stage.broker.setLink(true);
    await stage.pass(10_000);
    expect(held(stage)).toBe(0);
    expect(stage.assembly.execution.brokerState()).toBe('live');
    expect(reconciliations(stage).map((e) => e.trigger)).toContain('reconnect');
  });
});

describe('an execution the venue counts and does not tell', () => {
  /** The venue's count stands, its executions are kept back. */
  async function kept(): Promise<{ stage: Stage; stop: string; withheld: { isOn: boolean } }> {
    const { stage, id } = await long();
    const withheld = { isOn: true };
    await unheard(stage, () => stage.quote(NQ, 70_000));
    const keep = (snapshot: BrokerSnapshot): BrokerSnapshot => ({
      ...snapshot,
      fills: withheld.isOn ? snapshot.fills.filter((f) => f.direction === 1) : snapshot.fills,
      completed: snapshot.completed.map((o) => ({ ...o, averagePrice: 69_990 })),
    });
    stage.broker.onSnapshot = keep;
    stage.broker.beforeFind = async (one) => {
      const answer = await stage.paper.find(one);
      if (answer.kind !== 'found') return answer;
      return { ...answer, order: { ...answer.order, averagePrice: 69_990 }, fills: withheld.isOn ? [] : answer.fills };
    };
    return { stage, stop: `${id}S`, withheld };
  }

  it('is worked out from its count after three seconds, and the instrument is locked till then', async () => {
    const { stage, stop } = await kept();
    await compare(stage);
    expect(stage.assembly.execution.lock(NQ)).toMatch(/has not told all executions/);
    expect(held(stage)).toBe(3);
    await stage.pass(4_000);
    expect(held(stage)).toBe(0);
    const inferred = stage.journal.fills({ symbol: NQ }).at(-1);
    expect(inferred).toMatchObject({ clientOrderId: stop, quantity: 3, price: 69_990, direction: -1 });
    expect(inferred?.execKey).toMatch(/^inf\|.+\|3$/);
    expect(stage.journal.order(stop)).toMatchObject({ life: 'filled', filled: 3 });
    expect(stage.assembly.execution.lock(NQ)).toBeNull();
  });

  it('is waited for by the time that has passed, however the clock is set meanwhile', async () => {
    const { stage } = await kept();
    await compare(stage);
    const count = vi.spyOn(stage.clock, 'monotonic').mockReturnValue(stage.clock.monotonic() + 1_000);
    onTestFinished(() => count.mockRestore());
    await stage.pass(4_000);
    expect(held(stage)).toBe(3);
    count.mockRestore();
    await compare(stage);
    expect(held(stage)).toBe(0);
  });

  it('is replaced when the real one comes, and counted once', async () => {
    const { stage, stop, withheld } = await kept();
    await compare(stage);
    await stage.pass(4_000);
    withheld.isOn = false;
    await compare(stage);
    expect(held(stage)).toBe(0);
    expect(stage.journal.order(stop)).toMatchObject({ life: 'filled', filled: 3, certainty: { kind: 'known' } });
    expect(stage.journal.fills({ symbol: NQ }).filter((f) => f.execKey.startsWith('inf|'))).toEqual([]);
    expect(stage.assembly.book.account().realised).toBe(stage.paper.equity());
    expect(stage.assembly.ledger.state().state).toBe('active');
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('is not ended as cancelled while its executions are out', async () => {
    const stage = await newStage();
    stage.say(NQ, LONG);
    const r = await stage.proposal(NQ);
    stage.paper.setFillSource('bars');
    const { clientOrderId: id } = await stage.assembly.pipeline.approve(
      { id: r.id, contracts: 3, reason: null },
      'trader',
    );
    stage.broker.onSnapshot = (snapshot) => ({
      ...snapshot,
      orders: [],
      completed: snapshot.orders.map((o) => ({
        ...o,
        state: 'canceled' as const,
        filled: o.clientOrderId === id ? 1 : 0,
      })),
    });
    await compare(stage);
    expect(stage.journal.order(id ?? '')).toMatchObject({ life: 'working', filled: 0 });
  });
});

describe('positions that differ', () => {
  const fill = (stage: Stage, key: string, quantity: number) => ({
    ...{
      execKey: key,
      venue: 'paper',
      account: ACCOUNT,
      clientOrderId: null,
      symbol: NQ,
      direction: 1 as const,
      quantity,
    },
    ...{ price: ticks(80_000), fee: money(0), at: stage.clock.now(), receivedAt: stage.clock.now() },
  });
  /** Somebody trades the account by hand, and the venue keeps the executions to itself. */
  const byHand = async (stage: Stage, direction: 1 | -1, quantity: number): Promise<void> => {
    await unheard(stage, () => {
      stage.paper.exchange.placeElsewhere({ symbol: NQ, direction, type: 'market', quantity, price: null });
      stage.quote(NQ, 80_000);
    });
    stage.broker.onSnapshot = (snapshot) => ({
      ...snapshot,
      fills: snapshot.fills.filter((f) => f.clientOrderId !== null),
    });
  };

  it('larger than expected halt, lock the instrument and name the choices', async () => {
    const { stage } = await long();
    await byHand(stage, 1, 1);
    await compare(stage);
    await stage.pass(1_000);
    const [difference] = view(stage).reconciliation.differences;
    expect(difference).toMatchObject({
      kind: 'position',
      severity: 'halt',
      brokerQuantity: 4,
      journalQuantity: 3,
      choices: ['adopt', 'balance', 'ignore'],
    });
    expect(stage.assembly.ledger.state().state).toBe('halted');
    expect(stage.assembly.execution.lock(NQ)).toMatch(/the broker holds 4, the journal 3/);
    expect(stage.notices.all().some((n) => n.detail.includes('the broker holds 4'))).toBe(true);
    const error = await errorOf(() => stage.assembly.pipeline.resume('go on', 'trader'));
    expect(error.message).toMatch(/do not agree/);
  });

  it('smaller than expected only reduce', async () => {
    const { stage } = await long();
    await byHand(stage, -1, 1);
    await compare(stage);
    expect(view(stage).reconciliation.differences[0]).toMatchObject({ severity: 'lock', brokerQuantity: 2 });
    expect(stage.assembly.ledger.state().state).toBe('reducing');
  });

  it('are settled by what the venue has told, even what a comparison under way holds back', async () => {
    const { stage } = await long();
    await byHand(stage, -1, 1);
    await compare(stage);
    const id = view(stage).reconciliation.differences[0]?.id ?? '';
    stage.broker.onSnapshot = () => new Promise<never>(() => undefined);
    void stage.assembly.execution.reconcile('reconnect');
    await settle();
    stage.quote(NQ, 70_000);
    expect(held(stage)).toBe(3);
    void stage.assembly.execution.resolve({ differenceId: id, choice: 'ignore', reason: 'x', actor: 'trader' });
    await settle();
    expect(held(stage)).toBeLessThan(3);
  });

  it('are taken over at the price of the broker, once, with the reason', async () => {
    const { stage } = await long();
    await byHand(stage, -1, 1);
    await compare(stage);
    const id = view(stage).reconciliation.differences[0]?.id ?? '';
    await stage.assembly.execution.resolve({
      differenceId: id,
      choice: 'adopt',
      reason: 'sold one by hand',
      actor: 'trader',
    });
    expect(held(stage)).toBe(2);
    const adjusted = stage.journal.fills({ symbol: NQ }).find((f) => f.execKey.startsWith('adj|'));
    expect(adjusted).toMatchObject({ quantity: 1, direction: -1, clientOrderId: null, price: 80_001 });
    expect(view(stage).reconciliation.differences).toEqual([]);
    expect([...stage.journal.events({ kinds: ['difference-resolved'] })].map(({ event }) => event)).toMatchObject([
      { choice: 'adopt', reason: 'sold one by hand', actor: 'trader', difference: { id } },
    ]);
    await stage.pass(6_000);
    await stage.assembly.pipeline.resume('settled', 'trader');
    expect(stage.assembly.ledger.state().state).toBe('active');
    expect(
      await errorOf(() =>
        stage.assembly.execution.resolve({ differenceId: id, choice: 'adopt', reason: 'x', actor: 'trader' }),
      ),
    ).toMatchObject({ code: 'not-found' });
    // The same difference again is a new one, and is booked again.
    await byHand(stage, 1, 1);
    await compare(stage);
    await byHand(stage, -1, 1);
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('are balanced by an order that brings the broker to the journal, and both agree after', async () => {
    const { stage } = await long();
    await byHand(stage, 1, 2);
    await compare(stage);
    await stage.pass(1_000);
    const id = view(stage).reconciliation.differences[0]?.id ?? '';
    const sent = stage.broker.submitted.length;
    await stage.assembly.execution.resolve({
      differenceId: id,
      choice: 'balance',
      reason: 'not mine',
      actor: 'trader',
    });
    stage.quote(NQ, 80_000);
    await compare(stage);
    expect(stage.broker.submitted.slice(sent).map((g) => [g.entry.role, g.entry.direction, g.entry.quantity])).toEqual([
      ['flatten', -1, 2],
    ]);
    expect(held(stage)).toBe(3);
    expect(view(stage).reconciliation).toMatchObject({ state: 'clean', differences: [] });
    expect(stage.assembly.book.account().equity).toBe(stage.paper.equity());
  });

  it('are not balanced where that would add risk', async () => {
    const { stage } = await long();
    await byHand(stage, -1, 1);
    await compare(stage);
    const id = view(stage).reconciliation.differences[0]?.id ?? '';
    const ask = () =>
      stage.assembly.execution.resolve({ differenceId: id, choice: 'balance', reason: 'x', actor: 'trader' });
    expect(await errorOf(ask)).toMatchObject({
      code: 'refused',
      message: 'balancing this would add risk at the broker',
    });
    expect(stage.broker.submitted).toHaveLength(1);
  });

  it('set aside unlock their instrument for as long as they stay the same, over restarts', async () => {
    const { stage } = await long();
    await byHand(stage, -1, 1);
    await compare(stage);
    const id = view(stage).reconciliation.differences[0]?.id ?? '';
    await stage.assembly.execution.resolve({
      differenceId: id,
      choice: 'ignore',
      reason: 'hedge of another book',
      actor: 'trader',
    });
    expect(stage.assembly.execution.lock(NQ)).toBeNull();
    expect(view(stage).reconciliation.differences.map((d) => d.id)).toEqual([id]);
    await stage.assembly.pipeline.resume('known', 'trader');
    await compare(stage);
    expect(stage.assembly.ledger.state().state).toBe('active');
    await byHand(stage, -1, 1);
    await compare(stage);
    expect(stage.assembly.execution.lock(NQ)).not.toBeNull();
    expect(stage.assembly.ledger.state().state).toBe('reducing');
  });

  it('explained by executions that the venue tells are booked, and only the hand is odd', async () => {
    const { stage } = await long();
    await unheard(stage, () => {
      stage.paper.exchange.placeElsewhere({ symbol: NQ, direction: -1, type: 'market', quantity: 1, price: null });
      stage.quote(NQ, 80_000);
    });
    await compare(stage);
    expect(held(stage)).toBe(2);
    expect(view(stage).reconciliation.differences.filter((d) => d.kind === 'position')).toEqual([]);
    expect(stage.assembly.ledger.state()).toMatchObject({ state: 'reducing' });
    expect(stage.assembly.ledger.state().reason).toMatch(/did not send/);
  });

  it('explained by an execution of long ago that the venue tells only now are booked, not judged', async () => {
    const { stage } = await long();
    stage.assembly.execution.watch();
    await unheard(stage, () => {
      stage.paper.exchange.placeElsewhere({ symbol: NQ, direction: -1, type: 'market', quantity: 1, price: null });
      stage.quote(NQ, 80_000);
    });
    stage.broker.onSnapshot = (snapshot) => ({
      ...snapshot,
      fills: snapshot.fills.filter((f) => f.clientOrderId !== null),
      positions: snapshot.positions.map((position) => ({ ...position, quantity: 3 })),
    });
    await stage.pass(8 * 60_000);
    expect(held(stage)).toBe(3);
    const before = stage.broker.snapshots;
    await stage.pass(60_000);
    expect(stage.broker.snapshots).toBe(before + 1);
    stage.broker.onSnapshot = (snapshot) => snapshot;
    await stage.pass(60_000);
    // The short look of every minute leaves a difference: it is looked for in the whole day.
    expect(stage.broker.snapshots).toBeGreaterThanOrEqual(before + 3);
    expect(held(stage)).toBe(2);
    expect(view(stage).reconciliation.differences.filter((d) => d.kind === 'position')).toEqual([]);
    expect(reconciliations(stage).flatMap((r) => r.differences)).toEqual([]);
    expect(stage.assembly.ledger.state().reason).toMatch(/did not send/);
  });

  it('in a market the desk does not trade are told, and break nothing', async () => {
    const { stage } = await long();
    const other: BrokerEvent = { kind: 'fill', fill: { ...fill(stage, 'zz', 1), symbol: 'HO' } };
    stage.broker.tell(other);
    expect(held(stage)).toBe(3);
    expect(stage.notices.all().some((n) => n.id === 'unknown-symbol HO')).toBe(true);
  });
});

describe('orders that differ', () => {
  it('of another hand are listed, lock their instrument, and can be cancelled', async () => {
    const { stage } = await long();
    const placed = stage.paper.exchange.placeElsewhere({
      symbol: NQ,
      direction: 1,
      type: 'limit',
      quantity: 1,
      price: ticks(70_500),
    });
    if (!('order' in placed)) throw new Error(placed.rejected);
    await settle();
    expect(view(stage).reconciliation.externalOrders).toMatchObject([
      { venueOrderId: placed.order.venueOrderId, quantity: 1 },
    ]);
    expect(stage.assembly.execution.lock(NQ)).toMatch(/was not sent by this desk/);
    await stage.assembly.execution.cancelExternal(placed.order.venueOrderId);
    expect(view(stage).reconciliation.externalOrders).toEqual([]);
    expect(stage.assembly.execution.lock(NQ)).toBeNull();
  });

  it('confirmed once and gone are in doubt and named; the trader says what became of them', async () => {
    const { stage, id } = await long();
    stage.broker.onSnapshot = (s) => ({ ...s, orders: s.orders.filter((o) => o.clientOrderId !== `${id}T`) });
    stage.broker.beforeFind = (one) => (one === `${id}T` ? { kind: 'absent' } : null);
    await compare(stage);
    expect(stage.journal.order(`${id}T`)).toMatchObject({ life: 'working', certainty: { kind: 'in-doubt' } });
    const [difference] = view(stage).reconciliation.differences;
    expect(difference).toMatchObject({ kind: 'missing-order', clientOrderId: `${id}T`, choices: ['adopt', 'ignore'] });
    await stage.assembly.execution.resolve({
      differenceId: difference?.id ?? '',
      choice: 'adopt',
      reason: 'phone',
      actor: 'trader',
    });
    expect(stage.journal.order(`${id}T`)).toMatchObject({ life: 'canceled' });
    expect(view(stage).reconciliation.differences).toEqual([]);
  });

  it('that a stop is missing is named, and one click puts one in', async () => {
    const { stage, id } = await long();
    await stage.assembly.execution.cancel(`${id}S`);
    await compare(stage);
    expect(view(stage).reconciliation.differences).toMatchObject([
      { kind: 'missing-stop', severity: 'lock', symbol: NQ },
    ]);
    expect(stage.notices.all().some((n) => n.title === 'NQ has no stop')).toBe(true);
    const [stop] = await stage.assembly.execution.protect(NQ, ticks(79_000));
    expect(stop).toMatchObject({ role: 'stop', quantity: 3, price: 79_000, life: 'working' });
    await compare(stage);
    expect(view(stage).reconciliation.differences).toEqual([]);
    // It is of the same family: filled, it takes the target with it.
    stage.quote(NQ, 78_000);
    await stage.pass(3_000);
    expect([held(stage), stage.assembly.book.orders()]).toEqual([0, []]);
  });
});

describe('executions that do not add up', () => {
  it('told twice with other values are not booked twice: the trader decides', async () => {
    const { stage, id } = await long();
    const [real] = stage.journal.fills({ symbol: NQ }).filter((f) => f.clientOrderId === id);
    if (real === undefined) throw new Error('one was filled');
    for (let n = 0; n < 3; n += 1) stage.broker.report({ ...real, price: ticks(80_500) });
    expect(held(stage)).toBe(3);
    expect(stage.assembly.ledger.state().state).toBe('reducing');
    const [difference] = view(stage).reconciliation.differences;
    expect(difference).toMatchObject({ kind: 'fill-conflict', choices: ['adopt', 'ignore'] });
    await stage.assembly.execution.resolve({
      differenceId: difference?.id ?? '',
      choice: 'adopt',
      reason: 'statement',
      actor: 'trader',
    });
    expect(stage.assembly.book.positions()).toMatchObject([{ quantity: 3, averagePrice: 80_500 }]);
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('corrected by the venue replace what was booked', async () => {
    const { stage, id } = await long();
    const [real] = stage.journal.fills({ symbol: NQ }).filter((f) => f.clientOrderId === id);
    stage.paper.exchange.correct(real?.execKey ?? '', { price: ticks(80_010) }, 'price adjusted');
    await settle();
    expect(stage.assembly.book.positions()).toMatchObject([{ quantity: 3, averagePrice: 80_010 }]);
    await compare(stage);
    expect(stage.assembly.book.account().equity).toBe(stage.paper.equity());
    expect([...stage.journal.events({ kinds: ['fill-correction'] })]).toHaveLength(1);
  });

  it('corrected by the venue change the row of losses, with as many trades as before', async () => {
    const { stage } = await long();
    const { guard } = stage.assembly.execution;
    stage.quote(NQ, 70_000);
    expect(stage.assembly.book.positions()).toEqual([]);
    expect(guard.consecutiveLosses()).toBe(1);
    const trades = stage.journal.tradeCount({});
    for (const { execKey, direction } of stage.journal.fills({ symbol: NQ }))
      if (direction < 0) stage.paper.exchange.correct(execKey, { price: ticks(90_000) }, 'price adjusted');
    await stage.pass(1_000);
    expect(stage.journal.tradeCount({})).toBe(trades);
    expect(guard.consecutiveLosses()).toBe(0);
  });

  it('corrected before they were told are corrected when they come', async () => {
    const { stage, id } = await long();
    const [real] = stage.journal.fills({ symbol: NQ }).filter((f) => f.clientOrderId === id);
    if (real === undefined) throw new Error('one was filled');
    const late = { ...real, execKey: 'late', quantity: 1, clientOrderId: null, at: epochMs(stage.clock.now()) };
    const { venue, account, direction, price, fee, at } = late;
    stage.broker.tell({
      kind: 'fill-correction',
      correction: {
        venue,
        account,
        execKey: 'late',
        version: 1,
        corrected: { direction, quantity: 2, price, fee, at },
        reason: 'c',
      },
    });
    stage.broker.report(late);
    await stage.pass(6_000);
    expect(held(stage)).toBe(5);
  });
});
