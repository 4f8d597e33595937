import { describe, expect, it, vi } from 'vitest';
import { ticks } from '#shared/units.ts';
import { decide } from '#desk/engine/decide.ts';
import { JournalWriteError } from '#desk/journal/errors.ts';
import { errorOf, newStage, raiseStage, readAside, settle, type Stage, type StageOptions } from '#test/desk/stage.ts';

const LONG = { direction: 1, confidence: 0.75 } as const;
const SMALL = { code: 'size', text: 'small' } as const;
const WIDE: StageOptions = { roots: ['NQ', 'GC'], config: { maxHeat: 0.9, maxCluster: 0.9 } };

async function enter(stage: Stage, symbol: string, contracts = 1): Promise<string> {
  stage.say(symbol, LONG);
  const r = await stage.proposal(symbol);
  const reason = contracts === r.decision.contracts ? null : SMALL;
  return (await stage.assembly.pipeline.approve({ id: r.id, contracts, reason }, 'trader')).clientOrderId ?? '';
}
/** A long NQ with its stop and target, and a GC entry that rests. */
async function heldAndResting(options: StageOptions = {}): Promise<{ stage: Stage; nq: string; gc: string }> {
  const stage = await newStage({ ...WIDE, ...options });
  const nq = await enter(stage, 'NQ', 2);
  stage.paper.setFillSource('bars');
  const gc = await enter(stage, 'GC');
  stage.paper.setFillSource('quotes');
  // The price runs away from the entry.
  stage.quote('GC', 40_500);
  expect([stage.journal.order(nq)?.life, stage.journal.order(gc)?.life]).toEqual(['filled', 'working']);
  return { stage, nq, gc };
}
const kill = (stage: Stage) => stage.assembly.execution.view().kill;
const halt = (stage: Stage) => stage.assembly.pipeline.halt('enough', 'trader');
const life = (stage: Stage, id: string) => stage.journal.order(id)?.life;
const held = (stage: Stage, symbol: string): number =>
  stage.assembly.book.positions().find((p) => p.symbol === symbol)?.quantity ?? 0;
const atVenue = async (stage: Stage, symbol: string): Promise<number> => {
  const { positions } = await stage.paper.snapshot(stage.clock.now(), new AbortController().signal);
  return positions.find((p) => p.symbol === symbol)?.quantity ?? 0;
};
const restart = async (stage: Stage, options: StageOptions = WIDE): Promise<Stage> => {
  const now = stage.clock.now();
  stage.assembly.execution.stop();
  stage.journal.close();
  return raiseStage(stage.path, options, now);
};
const steps = (stage: Stage) =>
  [...stage.journal.events({ kinds: ['kill'], after: stage.startSeq })].map(({ event }) => event.kill.step);

describe('halting', () => {
  it('is on disk before the first cancel leaves', async () => {
    const { stage } = await heldAndResting();
    const seen: unknown[] = [];
    stage.broker.beforeCancel = () => {
      readAside(stage.path, (aside) => {
        const states = [...aside.events({ kinds: ['trading-state', 'kill'] })].map(({ event }) => event);
        seen.push(states.map((e) => (e.kind === 'kill' ? e.kill.step : e.state)));
      });
      return null;
    };
    await halt(stage);
    expect(seen[0]).toEqual(['halted', 'cancelling']);
  });

  it('takes entries with their children, keeps the stop and target of what is held, and says so', async () => {
    const { stage, nq, gc } = await heldAndResting();
    await halt(stage);
    await stage.assembly.execution.kill.settled();
    for (const suffix of ['', 'S', 'T']) expect(life(stage, `${gc}${suffix}`)).toBe('canceled');
    for (const suffix of ['S', 'T']) expect(life(stage, `${nq}${suffix}`)).toBe('working');
    expect(stage.broker.cancelled).toEqual([gc]);
    expect(kill(stage)).toMatchObject({
      step: 'cancelled',
      openOrders: 2,
      openPositions: 1,
      unknown: [],
      remaining: [],
    });
    stage.quote('NQ', 70_000);
    expect(held(stage, 'NQ')).toBe(0);
  });

  it('books a fill that comes between the cancel and its answer, with its protection', async () => {
    const { stage, gc } = await heldAndResting();
    stage.broker.beforeCancel = (id) => {
      if (id === gc) stage.quote('GC', 39_990);
      return null;
    };
    await halt(stage);
    await stage.pass(1_000);
    expect(life(stage, gc)).toBe('filled');
    expect(held(stage, 'GC')).toBe(1);
    expect(life(stage, `${gc}S`)).toBe('working');
    expect(kill(stage)).toMatchObject({ step: 'cancelled', openPositions: 2 });
    expect(stage.assembly.ledger.state().state).toBe('halted');
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('books a child that fills after its parent was cancelled', async () => {
    const { stage, gc } = await heldAndResting();
    await halt(stage);
    const [real] = stage.journal.fills({ symbol: 'NQ' }).slice(-1);
    if (real === undefined) throw new Error('one was filled');
    stage.broker.report({
      ...real,
      execKey: 'oco',
      symbol: 'GC',
      clientOrderId: `${gc}S`,
      direction: -1,
      quantity: 1,
      price: ticks(40_000),
    });
    expect(held(stage, 'GC')).toBe(-1);
    expect(stage.assembly.ledger.state().state).toBe('halted');
    expect([...stage.journal.events({ kinds: ['notice'] })].at(-1)?.event.detail).toMatch(
      /after its order was canceled/,
    );
  });

  it('works while broker and journal are being compared', async () => {
    const { stage, gc } = await heldAndResting();
    const answers: (() => void)[] = [];
    stage.broker.onSnapshot = (snapshot) => new Promise((resolve) => answers.push(() => resolve(snapshot)));
    void stage.assembly.execution.reconcile('asked');
    await settle();
    await halt(stage);
    expect(life(stage, gc)).toBe('canceled');
    stage.broker.onSnapshot = (snapshot) => snapshot;
    for (const answer of answers) answer();
    await stage.pass(16_000);
    expect(kill(stage)).toMatchObject({ step: 'cancelled' });
    expect(stage.assembly.execution.brokerState()).toBe('live');
  });

  it('keeps an entry in doubt in sight until it is known, and cancels it when it turns up', async () => {
    const stage = await newStage({ ...WIDE, capabilities: { absence: null } });
    stage.broker.beforeSubmit = () => ({ kind: 'unknown', why: 'timeout' });
    const gc = await enter(stage, 'GC');
    await halt(stage);
    await stage.pass(16_000);
    expect(kill(stage)).toMatchObject({ step: 'cancel-incomplete', unknown: ['GC: entry of 1, in doubt'] });
    expect(stage.notices.all().some((n) => n.id === 'kill')).toBe(true);
    expect(await errorOf(() => stage.assembly.pipeline.resume('now', 'trader'))).toMatchObject({ code: 'refused' });
    // It had arrived after all, and nobody said so.
    stage.paper.setFillSource('bars');
    stage.broker.hears = () => false;
    const [group] = stage.broker.submitted;
    if (group !== undefined) await stage.paper.submit(group);
    stage.broker.hears = () => true;
    await stage.pass(31_000);
    await stage.assembly.execution.reconcile('asked');
    await stage.pass(1_000);
    expect(life(stage, gc)).toBe('canceled');
    expect(kill(stage)).toMatchObject({ step: 'cancelled' });
    expect(stage.notices.all().some((n) => n.id === 'kill')).toBe(false);
  });

  it('cancels what the broker works although the journal has ended it', async () => {
    const { stage, gc } = await heldAndResting();
    // Told as cancelled, and working all the same.
    stage.broker.tell({
      kind: 'order',
      clientOrderId: gc,
      event: { kind: 'canceled', reason: null },
      at: stage.clock.now(),
    });
    for (const suffix of ['S', 'T'])
      stage.broker.tell({
        kind: 'order',
        clientOrderId: `${gc}${suffix}`,
        event: { kind: 'canceled', reason: null },
        at: stage.clock.now(),
      });
    await halt(stage);
    await stage.pass(2_000);
    expect(stage.broker.cancelled).toEqual([gc]);
    const { orders } = await stage.paper.snapshot(stage.clock.now(), new AbortController().signal);
    expect(orders.map((o) => o.symbol)).toEqual(['NQ', 'NQ']);
    expect(kill(stage)).toMatchObject({ step: 'cancelled', openOrders: 2 });
  });

  it('twice is as once', async () => {
    const { stage, gc } = await heldAndResting();
    await Promise.all([halt(stage), halt(stage)]);
    await halt(stage);
    await stage.pass(16_000);
    expect(kill(stage)).toMatchObject({ step: 'cancelled' });
    expect(life(stage, gc)).toBe('canceled');
    expect([...stage.journal.events({ kinds: ['trading-state'], after: stage.startSeq })]).toHaveLength(1);
    expect(stage.broker.submitted).toHaveLength(2);
  });

  it('without a connection says what is not known, and cancels when there is one again', async () => {
    const { stage, gc } = await heldAndResting();
    stage.broker.setLink(false);
    await halt(stage);
    await stage.pass(16_000);
    expect(kill(stage)).toMatchObject({ step: 'cancel-incomplete', openOrders: null, openPositions: null });
    expect(kill(stage).unknown[0]).toMatch(/not connected/);
    expect(stage.assembly.ledger.state().state).toBe('halted');
    stage.broker.setLink(true);
    await stage.pass(20_000);
    expect(life(stage, gc)).toBe('canceled');
    expect(kill(stage)).toMatchObject({ step: 'cancelled', openPositions: 1 });
    // It never closes by itself.
    expect(held(stage, 'NQ')).toBe(2);
  });

  it('that cannot be written down still takes the entries from the broker, and says that it was not written', async () => {
    const { stage, gc } = await heldAndResting();
    const full = vi.spyOn(stage.journal, 'append').mockImplementation(() => {
      throw new JournalWriteError('disk-full', stage.path);
    });
    const error = await errorOf(() => halt(stage));
    expect(error).toMatchObject({ code: 'refused' });
    expect(error.message).toMatch(/could not be written down.*told to cancel/);
    expect(stage.broker.cancelled).toEqual([gc]);
    full.mockRestore();
    await stage.assembly.execution.reconcile('asked');
    expect(life(stage, gc)).toBe('canceled');
    expect(held(stage, 'NQ')).toBe(2);
    await halt(stage);
    await stage.pass(1_000);
    expect(kill(stage).step).toBe('cancelled');
  });

  it('goes on cancelling after a crash in the middle, still halted, and closes nothing', async () => {
    const { stage, gc } = await heldAndResting();
    stage.broker.beforeCancel = () => new Promise(() => undefined);
    void halt(stage);
    await settle();
    expect(kill(stage).step).toBe('cancelling');
    const next = await restart(stage);
    expect(next.assembly.ledger.state()).toMatchObject({ state: 'halted', reason: 'enough' });
    await next.pass(2_000);
    expect(life(next, gc)).toBe('canceled');
    expect(kill(next)).toMatchObject({ step: 'cancelled' });
    expect(held(next, 'NQ')).toBe(2);
    expect(next.broker.submitted).toEqual([]);
  });
});

describe('closing everything', () => {
  it('is only a second step', async () => {
    const { stage } = await heldAndResting();
    const ask = () => stage.assembly.execution.kill.flattenAll('now', 'trader');
    expect(await errorOf(ask)).toMatchObject({ code: 'refused', remedy: 'halt first, then close' });
    stage.broker.beforeCancel = () => new Promise(() => undefined);
    void halt(stage);
    await settle();
    expect(await errorOf(ask)).toMatchObject({ code: 'refused' });
    expect(stage.broker.submitted).toHaveLength(2);
  });

  it('takes stops and targets away, closes what the broker holds, and sees it flat twice', async () => {
    const { stage, nq } = await heldAndResting();
    await halt(stage);
    await stage.assembly.execution.kill.settled();
    stage.quote('NQ', 80_000);
    stage.assembly.execution.kill.flattenAll('out', 'trader');
    await stage.pass(8_000);
    expect(kill(stage)).toMatchObject({ step: 'flat', openPositions: 0, remaining: [], unknown: [] });
    expect([held(stage, 'NQ'), await atVenue(stage, 'NQ')]).toEqual([0, 0]);
    for (const suffix of ['S', 'T']) expect(life(stage, `${nq}${suffix}`)).toBe('canceled');
    expect(stage.broker.submitted.slice(2).map((g) => [g.entry.role, g.entry.direction, g.entry.quantity])).toEqual([
      ['flatten', -1, 2],
    ]);
    expect(steps(stage)).toEqual(['cancelling', 'cancelled', 'flattening', 'flat']);
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('asked for twice, or beside a flatten of one symbol, closes once', async () => {
    const { stage } = await heldAndResting();
    await halt(stage);
    await stage.assembly.execution.kill.settled();
    stage.quote('NQ', 80_000);
    stage.assembly.execution.kill.flattenAll('out', 'trader');
    stage.assembly.execution.kill.flattenAll('out', 'trader');
    void stage.assembly.execution.flatten('NQ');
    await stage.pass(8_000);
    expect(await atVenue(stage, 'NQ')).toBe(0);
    expect(stage.broker.submitted.filter((g) => g.entry.role === 'flatten')).toHaveLength(1);
  });

  it("goes by the broker's position, never beyond it", async () => {
    const { stage } = await heldAndResting();
    await halt(stage);
    await stage.assembly.execution.kill.settled();
    // One contract went by another hand, and nobody told.
    stage.broker.hears = () => false;
    stage.paper.exchange.placeElsewhere({ symbol: 'NQ', direction: -1, type: 'market', quantity: 1, price: null });
    stage.quote('NQ', 80_000);
    stage.broker.hears = () => true;
    stage.assembly.execution.kill.flattenAll('out', 'trader');
    await stage.pass(8_000);
    expect(stage.broker.submitted.at(-1)?.entry).toMatchObject({ role: 'flatten', quantity: 1 });
    expect(await atVenue(stage, 'NQ')).toBe(0);
  });

  it('tries twice at most, and then calls for a human', async () => {
    const { stage } = await heldAndResting();
    await halt(stage);
    await stage.assembly.execution.kill.settled();
    stage.broker.beforeSubmit = () => ({ kind: 'rejected', reason: 'market closed' });
    stage.assembly.execution.kill.flattenAll('out', 'trader');
    await stage.pass(30_000);
    expect(stage.broker.submitted.filter((g) => g.entry.role === 'flatten')).toHaveLength(2);
    expect(kill(stage)).toMatchObject({ step: 'flatten-incomplete', openPositions: 1 });
    expect(kill(stage).remaining.join()).toMatch(/NQ: 2 still held/);
    expect(stage.notices.all().find((n) => n.id === 'kill')).toMatchObject({
      level: 'error',
      title: 'The account is not known to be flat',
    });
    await stage.pass(60_000);
    expect(stage.broker.submitted.filter((g) => g.entry.role === 'flatten')).toHaveLength(2);
  });

  it('never sends a second order beside one in doubt', async () => {
    const { stage } = await heldAndResting({ capabilities: { absence: null } });
    await halt(stage);
    await stage.assembly.execution.kill.settled();
    stage.broker.beforeSubmit = () => ({ kind: 'unknown', why: 'timeout' });
    stage.assembly.execution.kill.flattenAll('out', 'trader');
    await stage.pass(60_000);
    expect(stage.broker.submitted.filter((g) => g.entry.role === 'flatten')).toHaveLength(1);
    expect(kill(stage)).toMatchObject({ step: 'flatten-incomplete' });
    stage.assembly.execution.kill.flattenAll('again', 'trader');
    await stage.pass(60_000);
    expect(stage.broker.submitted.filter((g) => g.entry.role === 'flatten')).toHaveLength(1);
    expect(kill(stage).remaining.join()).toMatch(/a closing order is on its way/);
  });

  it('keeps the stop of a position whose target cannot be cancelled', async () => {
    const { stage, nq } = await heldAndResting();
    await halt(stage);
    await stage.assembly.execution.kill.settled();
    stage.broker.beforeCancel = (id) => (id.endsWith('T') ? { kind: 'unknown', why: 'no answer' } : null);
    stage.broker.beforeFind = (id) => (id.endsWith('T') ? { kind: 'cannot-tell', why: 'busy' } : null);
    stage.assembly.execution.kill.flattenAll('out', 'trader');
    await stage.pass(30_000);
    expect(life(stage, `${nq}S`)).toBe('working');
    expect(kill(stage)).toMatchObject({ step: 'flatten-incomplete' });
    expect(stage.broker.submitted.filter((g) => g.entry.role === 'flatten')).toEqual([]);
  });

  it('that a crash cut short is not gone on with: it asks to be confirmed again', async () => {
    const { stage, nq } = await heldAndResting();
    await halt(stage);
    await stage.assembly.execution.kill.settled();
    stage.broker.onSnapshot = () => new Promise(() => undefined);
    stage.assembly.execution.kill.flattenAll('out', 'trader');
    await settle();
    expect(kill(stage).step).toBe('flattening');
    const next = await restart(stage);
    await next.pass(20_000);
    expect(kill(next)).toMatchObject({ step: 'flatten-incomplete' });
    expect([held(next, 'NQ'), life(next, `${nq}S`), next.broker.submitted]).toEqual([2, 'working', []]);
    expect(next.notices.all().some((n) => n.id === 'kill')).toBe(true);
    next.quote('NQ', 80_000);
    next.assembly.execution.kill.flattenAll('out', 'trader');
    await next.pass(8_000);
    expect(kill(next).step).toBe('flat');
  });
});

describe('arming again', () => {
  it('needs a clean comparison, and switches the kill switch off', async () => {
    const { stage } = await heldAndResting();
    await halt(stage);
    await stage.assembly.execution.kill.settled();
    stage.broker.onSnapshot = (snapshot) => ({ ...snapshot, isComplete: false });
    expect(await errorOf(() => stage.assembly.pipeline.resume('again', 'trader'))).toMatchObject({ code: 'refused' });
    expect(stage.assembly.ledger.state().state).toBe('halted');
    stage.broker.onSnapshot = (snapshot) => snapshot;
    await stage.pass(10_000);
    await stage.assembly.pipeline.resume('again', 'trader');
    expect(stage.assembly.ledger.state().state).toBe('active');
    expect(kill(stage)).toMatchObject({ step: 'idle' });
    const next = await restart(stage);
    expect([next.assembly.ledger.state().state, kill(next).step]).toEqual(['active', 'idle']);
  });

  it('needs every breaker that tripped to be armed first', async () => {
    const stage = await newStage(WIDE);
    await enter(stage, 'NQ', 3);
    // Three contracts at 5 USD a tick: deep enough for the day's limit of 3 %, not for the stop.
    stage.quote('NQ', 77_100);
    stage.assembly.execution.guard.check();
    expect(stage.assembly.execution.view().latches.map((l) => l.code)).toEqual(['day-loss']);
    expect(stage.assembly.ledger.state()).toMatchObject({ state: 'reducing', reason: 'Day loss passed its limit' });
    await stage.pass(6_000);
    expect((await errorOf(() => stage.assembly.pipeline.resume('again', 'trader'))).message).toMatch(
      /day-loss has tripped/,
    );
    stage.assembly.execution.guard.rearm('day-loss', 'I have seen it', 'trader');
    await stage.assembly.pipeline.resume('again', 'trader');
    stage.assembly.execution.guard.check();
    expect(stage.assembly.ledger.state().state).toBe('active');
  });
});
