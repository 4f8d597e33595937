import { describe, expect, it } from 'vitest';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import type { SubmitOutcome } from '#desk/ports/broker.ts';
import { decide } from '#desk/engine/decide.ts';
import { ACCOUNT, errorOf, newStage, raiseStage, readAside, settle, type Stage } from './stage.ts';

const NQ = 'NQ';
const LONG = { direction: 1, confidence: 0.75 } as const;
const WHY = { code: 'size', text: 'too much for today' } as const;

const approve = (stage: Stage, r: Recommendation, contracts = r.decision.contracts, reason: typeof WHY | null = null) =>
  stage.assembly.pipeline.approve({ id: r.id, contracts, reason }, 'trader');

async function longNq(options: Parameters<typeof newStage>[0] = {}): Promise<{ stage: Stage; r: Recommendation }> {
  const stage = await newStage(options);
  stage.say(NQ, LONG);
  return { stage, r: await stage.proposal(NQ) };
}

const eventsOf = (
  stage: Stage,
  kinds: readonly ('intent' | 'fill' | 'recommendation' | 'trading-state' | 'notice')[],
) => [...stage.journal.events({ kinds, after: stage.startSeq })].map(({ event }) => event);
const position = (stage: Stage, symbol = NQ) => stage.assembly.book.positions().find((p) => p.symbol === symbol);
const intentsOf = (stage: Stage) =>
  eventsOf(stage, ['intent']).flatMap((e) =>
    e.kind === 'intent' && e.terms.recommendationId !== null ? [e.terms] : [],
  );
const expectSound = (stage: Stage): void => {
  expect(stage.journal.verify(decide).findings).toEqual([]);
};

describe('an approval', () => {
  it('is on disk with its intents before the broker is asked, and ends as a trade with its R', async () => {
    const { stage, r } = await longNq();
    expect(r.decision).toMatchObject({ status: 'sized', contracts: 3 });
    const seen: unknown[] = [];
    stage.broker.beforeSubmit = (group) => {
      // Another connection sees only what is committed.
      readAside(stage.path, (aside) => {
        const orders = aside.orders({ openOnly: true });
        seen.push(
          aside.decision(r.id)?.status?.event.state,
          orders.map((o) => [o.role, o.life, o.quantity]).sort(),
          orders.find((o) => o.role === 'entry')?.clientOrderId === group.entry.clientOrderId,
        );
      });
      return null;
    };
    const { recommendation, clientOrderId } = await approve(stage, r);
    expect(seen).toEqual([
      'approved',
      [
        ['entry', 'sent', 3],
        ['stop', 'sent', 3],
        ['target', 'sent', 3],
      ],
      true,
    ]);
    expect(recommendation).toMatchObject({ state: 'approved', approvedContracts: 3, actor: 'trader' });
    expect(stage.journal.order(clientOrderId ?? '')).toMatchObject({ life: 'filled', filled: 3, averagePrice: 80_001 });
    expect(position(stage)).toMatchObject({ quantity: 3, averagePrice: 80_001, stop: r.stop, target: r.target });

    const planned = readAside(stage.path, (aside) =>
      [...aside.events({ kinds: ['intent'] })].find(({ event }) => event.terms.clientOrderId === clientOrderId),
    )?.event.plannedRiskPerContract;
    // One tick above the planned entry, so one tick more to the stop than at the decision.
    expect(planned).toBe((r.decision.riskPerContract ?? 0) + 50_000);
    stage.quote(NQ, (r.target ?? 0) + 5);
    expect(position(stage)).toBeUndefined();
    const [trade] = stage.journal.trades({ limit: 1 });
    const gross = 3 * ((r.target ?? 0) - 80_001) * 50_000;
    const fees = 3 * 46_000;
    expect(trade).toMatchObject({
      quantity: 3,
      entryPrice: 80_001,
      exitPrice: r.target,
      gross,
      fees,
      net: gross - fees,
    });
    expect(trade?.plannedRisk).toBe(3 * (planned ?? 0));
    expect(trade?.r).toBe((gross - fees) / (3 * (planned ?? 0)));
    expect(trade?.recommendationId).toBe(r.id);
    const { realised, equity, openPnl } = stage.assembly.book.account();
    expect([realised, equity, openPnl]).toEqual([
      stage.startEquity + gross - fees,
      stage.startEquity + gross - fees,
      0,
    ]);
    expect(stage.paper.equity()).toBe(realised);
    expect(stage.assembly.book.orders().filter((o) => o.life === 'working')).toEqual([]);
    expectSound(stage);
  });

  it('marks what is open: realised is less by the fees paid, sizing spends no open profit', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r);
    stage.quote(NQ, 80_101);
    const up = stage.assembly.book.account();
    expect(up.realised).toBe(stage.startEquity - 3 * 23_000);
    expect(up.openPnl).toBe(3 * 100 * 50_000);
    expect(up.sizing).toBe(up.realised);
    expect(stage.paper.equity()).toBe(up.equity);
    stage.quote(NQ, 79_901);
    const down = stage.assembly.book.account();
    expect(down.sizing).toBe(down.realised - 3 * 100 * 50_000);
  });

  it('takes a smaller number with a reason, journaled as such', async () => {
    const { stage, r } = await longNq();
    const { recommendation } = await approve(stage, r, 2, WHY);
    expect(recommendation).toMatchObject({ state: 'overridden', approvedContracts: 2, reason: WHY });
    expect(stage.journal.decision(r.id)?.status?.event).toMatchObject({
      state: 'overridden',
      actor: 'trader',
      contracts: 2,
      reason: WHY,
      allowedContracts: 3,
    });
    expect(position(stage)?.quantity).toBe(2);
  });

  it('is refused when the number was changed without a reason', async () => {
    const { stage, r } = await longNq();
    expect(await errorOf(() => approve(stage, r, 2))).toMatchObject({ code: 'invalid-input', field: 'reason' });
    expect(stage.assembly.recommendations.get(r.id).state).toBe('proposed');
    expect(stage.broker.submitted).toEqual([]);
    expect(intentsOf(stage)).toEqual([]);
  });

  it('is refused above a limit, which it names with the number allowed', async () => {
    const { stage, r } = await longNq();
    const error = await errorOf(() => approve(stage, r, 6, WHY));
    expect(error).toMatchObject({ code: 'refused', remedy: 'set 5 or fewer' });
    expect(error.message).toMatch(/^6 would break .*max.*contracts.*: 5 allowed now$/i);
    expect(stage.broker.submitted).toEqual([]);
  });

  it('may go above Kelly under the limits, with a reason', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r, 5, WHY);
    expect(position(stage)?.quantity).toBe(5);
    expect(stage.journal.decision(r.id)?.status?.event).toMatchObject({ state: 'overridden', contracts: 5 });
  });

  it('is held to one contract in evaluation, reason or not', async () => {
    const { stage, r } = await longNq({
      history: { wins: 0, losses: 0 },
      config: { evaluation: { contracts: 1, maxRisk: 0.02 } },
    });
    expect(r.decision).toMatchObject({ status: 'evaluation', contracts: 1 });
    expect(await errorOf(() => approve(stage, r, 2, WHY))).toMatchObject({ code: 'refused' });
    await approve(stage, r);
    expect(position(stage)?.quantity).toBe(1);
  });

  it('sends one order for a double click, one after the other or at once', async () => {
    const { stage, r } = await longNq();
    const answers = await Promise.all([approve(stage, r), approve(stage, r), approve(stage, r)]);
    answers.push(await approve(stage, r));
    expect(answers.map((a) => a.clientOrderId !== null)).toEqual([true, false, false, false]);
    expect(stage.broker.submitted).toHaveLength(1);
    expect(intentsOf(stage)).toHaveLength(3);
    expect(position(stage)?.quantity).toBe(3);
    const error = await errorOf(() => approve(stage, r, 2, WHY));
    expect(error).toMatchObject({ code: 'refused' });
    expect(error.message).toMatch(/approved with 3 contracts already; nothing more was sent/);
  });

  it('sends one order when the broker is slow to answer', async () => {
    const { stage, r } = await longNq();
    const release: (() => void)[] = [];
    stage.broker.beforeSubmit = () => new Promise((resolve) => release.push(() => resolve(null)));
    const first = approve(stage, r);
    const second = await approve(stage, r);
    expect(second.clientOrderId).toBeNull();
    for (const go of release) go();
    await first;
    expect(stage.broker.submitted).toHaveLength(1);
    expect(position(stage)?.quantity).toBe(3);
  });

  it('never lets two approvals spend the same heat', async () => {
    const stage = await newStage({
      roots: ['NQ', 'GC'],
      config: { maxHeat: 0.075, maxCluster: 0.075, fractionCap: 0.25 },
    });
    stage.say('NQ', LONG);
    stage.say('GC', LONG);
    const proposals = (await stage.propose()).filter((r) => r.state === 'proposed');
    expect(proposals).toHaveLength(2);
    const most = (r: Recommendation): number =>
      Math.min(...r.decision.walls.filter((w) => w.code !== 'kelly').map((w) => w.allowed));
    const tries = await Promise.allSettled(
      proposals.flatMap((r) => [5, 4, 3, 2, 1, most(r)].map((contracts) => approve(stage, r, contracts, WHY))),
    );
    expect(tries.filter((t) => t.status === 'rejected').length).toBeGreaterThan(0);
    const { heat, heatLimit, heatRisk, sizingEquity } = stage.assembly.pipeline.risk();
    expect(heatRisk).toBeGreaterThan(0);
    // Open positions are marked at the bid, one tick nearer to the stop than the entry; planned risk is the measure.
    const planned = stage.assembly.book.positions().reduce((sum, p) => sum + (p.plannedRisk ?? Infinity), 0);
    expect(planned / sizingEquity).toBeLessThanOrEqual(0.075);
    expect(heat).toBeLessThanOrEqual(heatLimit);
    expectSound(stage);
  });

  it('counts what is sent and not yet answered as exposure', async () => {
    const stage = await newStage({ roots: ['NQ', 'GC'], config: { maxHeat: 0.05 } });
    stage.say('NQ', LONG);
    stage.say('GC', LONG);
    const [nq, gc] = await stage.propose();
    if (nq === undefined || gc === undefined) throw new Error('two were asked');
    stage.broker.beforeSubmit = () => new Promise<SubmitOutcome | null>(() => undefined);
    const contracts = Math.min(3, ...nq.decision.walls.filter((w) => w.code !== 'kelly').map((w) => w.allowed));
    void approve(stage, nq, contracts, WHY);
    const { reservedRisk } = stage.assembly.pipeline.risk();
    expect(reservedRisk).toBe(contracts * ((nq.decision.riskPerContract ?? 0) + 50_000));
    expect(await errorOf(() => approve(stage, gc, 5, WHY))).toMatchObject({ code: 'refused' });
    const again = await stage.propose('NQ');
    expect(again[0]?.decision.status).toBe('order-working');
  });

  it('is refused when the price has passed the stop, or the target', async () => {
    const { stage, r } = await longNq();
    stage.quote(NQ, (r.stop ?? 0) - 1);
    expect((await errorOf(() => approve(stage, r))).message).toMatch(/passed the stop/);
    stage.quote(NQ, r.target ?? 0);
    expect((await errorOf(() => approve(stage, r))).message).toMatch(/passed the target/);
    expect(stage.broker.submitted).toEqual([]);
  });

  it('is re-sized at the price of the click', async () => {
    const { stage, r } = await longNq();
    // A third nearer to the target: more to lose, fewer contracts.
    stage.quote(NQ, 81_500);
    const error = await errorOf(() => approve(stage, r));
    expect(error).toMatchObject({ code: 'refused', remedy: 'set 2' });
    await approve(stage, r, 2, WHY);
    expect(position(stage)).toMatchObject({ quantity: 2, averagePrice: 81_501, stop: r.stop });
  });

  it('is refused on a price too old to be one', async () => {
    const { stage, r } = await longNq();
    stage.clock.advanceTo(epochMs(stage.clock.now() + 30_000));
    expect(await errorOf(() => approve(stage, r))).toMatchObject({ code: 'refused' });
    expect(stage.broker.submitted).toEqual([]);
  });

  it('is refused while the desk blocks entries, in the words of the block', async () => {
    const { stage, r } = await longNq();
    stage.block('The settings file has an error: sizing.maxHeat is 2');
    expect(await errorOf(() => approve(stage, r))).toMatchObject({
      code: 'refused',
      message: 'The settings file has an error: sizing.maxHeat is 2',
    });
    const [next] = await stage.propose(NQ);
    expect(next?.decision.status).toBe('reducing');
    expect(stage.assembly.pipeline.risk()).toMatchObject({ tradingState: 'reducing' });
  });

  it('is refused for an id nobody knows', async () => {
    const { stage } = await longNq();
    const work = (): unknown => stage.assembly.pipeline.approve({ id: 'nobody', contracts: 1, reason: null }, 'trader');
    expect(await errorOf(work)).toMatchObject({ code: 'not-found', field: 'id', value: 'nobody' });
  });
});

describe('a proposal', () => {
  it('expires on its minute and can no longer be approved', async () => {
    const { stage, r } = await longNq();
    stage.clock.advanceTo(epochMs(r.expiresAt - 1));
    expect(stage.assembly.recommendations.get(r.id).state).toBe('proposed');
    stage.clock.advanceTo(r.expiresAt);
    expect(stage.journal.decision(r.id)?.status).toMatchObject({
      at: r.expiresAt,
      event: { state: 'expired', actor: 'desk' },
    });
    stage.quote(NQ, 80_000);
    expect((await errorOf(() => approve(stage, r))).message).toMatch(/is expired; nothing was sent/);
    expect(await errorOf(() => stage.assembly.pipeline.reject(r.id, WHY, 'trader'))).toMatchObject({ code: 'refused' });
  });

  it('is superseded by the next of its symbol, and only that one can be approved', async () => {
    const { stage, r } = await longNq();
    const toldBefore = stage.published.length;
    const [next] = await stage.assembly.pipeline.evaluate([NQ]);
    if (next === undefined) throw new Error('one was asked');
    expect(stage.assembly.recommendations.get(r.id)).toMatchObject({ state: 'superseded' });
    // A page never sees the row closed in between.
    const told = stage.published.slice(toldBefore).filter(({ topic }) => topic === 'recommendation.changed');
    expect(told.map(({ payload }) => payload)).toEqual([next]);
    expect(await errorOf(() => approve(stage, r))).toMatchObject({ code: 'refused' });
    await approve(stage, next);
    expect(stage.broker.submitted).toHaveLength(1);
  });

  it('is rejected with its reason, once', async () => {
    const { stage, r } = await longNq();
    expect(stage.assembly.pipeline.reject(r.id, WHY, 'trader')).toMatchObject({ state: 'rejected', reason: WHY });
    expect(await errorOf(() => stage.assembly.pipeline.reject(r.id, WHY, 'trader'))).toMatchObject({ code: 'refused' });
    expect(await errorOf(() => approve(stage, r))).toMatchObject({ code: 'refused' });
    expect(stage.broker.submitted).toEqual([]);
  });

  it('is not made for a market that is held or about to be', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r);
    const [next] = await stage.propose(NQ);
    expect(next).toMatchObject({ state: 'blocked', decision: { status: 'at-target', contracts: 0 } });
  });
});

describe('halting', () => {
  it('refuses approvals until it is resumed', async () => {
    const { stage, r } = await longNq();
    await stage.assembly.pipeline.halt('enough', 'trader');
    expect(await errorOf(() => approve(stage, r))).toMatchObject({ code: 'refused' });
    expect(stage.broker.submitted).toEqual([]);
    await stage.assembly.pipeline.resume('again', 'trader');
    await approve(stage, r);
    expect(position(stage)?.quantity).toBe(3);
  });

  it('cancels entries that have not filled and leaves stops and targets alone', async () => {
    const stage = await newStage({ roots: ['NQ', 'GC'] });
    stage.say('NQ', LONG);
    const nq = await stage.proposal('NQ');
    await approve(stage, nq);
    stage.say('GC', LONG);
    const [gc] = await stage.propose('GC');
    if (gc === undefined) throw new Error('one was asked');
    // The price runs away between the click and the venue: the limit rests.
    stage.broker.beforeSubmit = () => {
      stage.paper.onMarket({
        kind: 'quote',
        quote: {
          symbol: 'GC',
          bid: ticks(40_010),
          ask: ticks(40_011),
          last: ticks(40_010),
          asOf: stage.clock.now(),
          receivedAt: stage.clock.now(),
        },
      });
      return null;
    };
    const { clientOrderId } = await approve(stage, gc);
    expect(stage.journal.order(clientOrderId ?? '')?.life).toBe('working');
    expect(stage.assembly.pipeline.risk().reservedRisk).toBeGreaterThan(0);
    const risk = await stage.assembly.pipeline.halt('enough', 'trader');
    expect(risk).toMatchObject({ tradingState: 'halted', tradingStateReason: 'enough', reservedRisk: 0 });
    expect(stage.journal.order(clientOrderId ?? '')?.life).toBe('canceled');
    expect(stage.assembly.book.orders().map((o) => [o.symbol, o.role, o.life])).toEqual(
      expect.arrayContaining([
        ['NQ', 'stop', 'working'],
        ['NQ', 'target', 'working'],
      ]),
    );
    stage.quote('NQ', (nq.stop ?? 0) - 4);
    expect(position(stage)).toBeUndefined();
    expect(stage.journal.trades({ limit: 1 })[0]?.exitPrice).toBeLessThanOrEqual(nq.stop ?? 0);
    expectSound(stage);
  });

  it('catches an entry that was on its way to the broker', async () => {
    const { stage, r } = await longNq();
    let release: () => void = () => undefined;
    stage.broker.beforeSubmit = () => new Promise((resolve) => (release = () => resolve(null)));
    const sent = approve(stage, r);
    await settle();
    const halted = stage.assembly.pipeline.halt('enough', 'trader');
    await stage.pass(2_000);
    await halted;
    // It arrives after the cancel found nothing, and rests.
    stage.paper.onMarket({
      kind: 'quote',
      quote: {
        symbol: NQ,
        bid: ticks(80_100),
        ask: ticks(80_101),
        last: ticks(80_100),
        asOf: stage.clock.now(),
        receivedAt: stage.clock.now(),
      },
    });
    release();
    const { clientOrderId } = await sent;
    expect(stage.journal.order(clientOrderId ?? '')?.life).toBe('working');
    await stage.pass(8_000);
    expect(stage.journal.order(clientOrderId ?? '')?.life).toBe('canceled');
    expect(stage.assembly.execution.view().kill).toMatchObject({ step: 'cancelled', openOrders: 0, remaining: [] });
  });

  it('cancels the others when one cancel hangs', async () => {
    const stage = await newStage({ roots: ['NQ', 'GC', 'ZN'] });
    const ids: string[] = [];
    stage.broker.beforeSubmit = () => {
      stage.paper.setFillSource('bars');
      return null;
    };
    for (const symbol of ['NQ', 'GC']) {
      stage.say(symbol, LONG);
      const r = await stage.proposal(symbol);
      ids.push((await approve(stage, r)).clientOrderId ?? '');
    }
    stage.broker.beforeCancel = (id) => (id === ids[0] ? new Promise(() => undefined) : null);
    void stage.assembly.pipeline.halt('enough', 'trader');
    await new Promise((resolve) => setImmediate(resolve));
    expect(stage.journal.order(ids[1] ?? '')?.life).toBe('canceled');
    expect(stage.journal.order(ids[0] ?? '')).toMatchObject({ life: 'working', pending: { kind: 'cancel' } });
    expect(stage.assembly.ledger.state().state).toBe('halted');
  });

  it('survives a restart', async () => {
    const { stage } = await longNq();
    await stage.assembly.pipeline.halt('enough', 'trader');
    stage.journal.close();
    const again = await raiseStage(stage.path, {}, stage.clock.now());
    expect(again.assembly.pipeline.risk()).toMatchObject({ tradingState: 'halted', tradingStateReason: 'enough' });
    again.say(NQ, LONG);
    const [next] = await again.propose(NQ);
    expect(next?.decision.status).toBe('halted');
  });
});

describe('flattening', () => {
  it('closes once when asked twice at once, and never turns the position round', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r);
    const { execution } = stage.assembly;
    await Promise.all([execution.flatten(NQ), execution.flatten(NQ), execution.flatten(NQ)]);
    await execution.flatten(NQ);
    expect(position(stage)).toBeUndefined();
    expect(stage.paper.equity()).toBe(stage.assembly.book.account().realised);
    expect(stage.broker.submitted).toHaveLength(2);
    expect(stage.assembly.book.orders().filter((o) => o.life === 'working')).toEqual([]);
    expectSound(stage);
  });

  it('keeps the stop when the target cannot be cancelled', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r);
    stage.broker.beforeCancel = (id) => (id.endsWith('T') ? { kind: 'unknown', why: 'no answer' } : null);
    expect(await errorOf(() => stage.assembly.execution.flatten(NQ))).toMatchObject({ code: 'refused' });
    expect(position(stage)).toMatchObject({ quantity: 3, stop: r.stop });
    expect(stage.broker.cancelled.every((id) => id.endsWith('T'))).toBe(true);
  });

  it('waits for a closing order that is under way instead of sending another', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r);
    stage.broker.beforeSubmit = () => ({ kind: 'unknown', why: 'timeout' });
    await stage.assembly.execution.flatten(NQ);
    const second = await stage.assembly.execution.flatten(NQ);
    expect(stage.broker.submitted).toHaveLength(2);
    expect(second.map((o) => [o.role, o.certainty.kind])).toEqual([['flatten', 'in-doubt']]);
    expect(position(stage)?.quantity).toBe(3);
  });

  it('closes what is held beside an entry in doubt, which could only open anew', async () => {
    const { stage, r } = await longNq({ capabilities: { absence: null } });
    await approve(stage, r, 2, WHY);
    await stage.pass(5_000);
    stage.broker.beforeSubmit = (group) => (group.entry.role === 'entry' ? { kind: 'unknown', why: 'timeout' } : null);
    const [more] = await stage.propose(NQ);
    expect(more).toMatchObject({ state: 'proposed', decision: { contracts: 1 } });
    if (more !== undefined) await approve(stage, more);
    stage.quote(NQ, 80_000);
    const flattened = stage.assembly.execution.flatten(NQ);
    await stage.pass(1_000);
    await flattened;
    expect(position(stage)).toBeUndefined();
    expect(stage.broker.submitted.at(-1)?.entry).toMatchObject({ role: 'flatten', quantity: 2 });
  });

  it('closes what the broker holds where the journal is known to hold something else', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r);
    stage.broker.hears = () => false;
    stage.paper.exchange.placeElsewhere({ symbol: NQ, direction: -1, type: 'market', quantity: 1, price: null });
    stage.quote(NQ, 80_000);
    stage.broker.hears = () => true;
    stage.broker.onSnapshot = (s) => ({ ...s, fills: s.fills.filter((f) => f.clientOrderId !== null) });
    await stage.pass(6_000);
    await stage.assembly.execution.reconcile('asked');
    stage.quote(NQ, 80_000);
    await stage.assembly.execution.flatten(NQ);
    expect(stage.broker.submitted.at(-1)?.entry).toMatchObject({ role: 'flatten', quantity: 2 });
    const { positions } = await stage.paper.snapshot(stage.clock.now(), new AbortController().signal);
    expect(positions.filter((p) => p.quantity !== 0)).toEqual([]);
  });

  it('closes what the stop left when the stop fills on the way', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r);
    stage.broker.beforeCancel = (id) => {
      // The stop is hit in the instant it is being cancelled.
      if (id.endsWith('S')) stage.quote(NQ, (r.stop ?? 0) - 10);
      return null;
    };
    await stage.assembly.execution.flatten(NQ);
    expect(position(stage)).toBeUndefined();
    expect(stage.broker.submitted).toHaveLength(1);
    expect(stage.paper.equity()).toBe(stage.assembly.book.account().realised);
  });
});

describe('what the broker answers', () => {
  it('unknown leaves the order in doubt: exposure, never sent again', async () => {
    const { stage, r } = await longNq();
    stage.broker.beforeSubmit = () => ({ kind: 'unknown', why: 'timeout' });
    const { clientOrderId } = await approve(stage, r);
    const order = stage.journal.order(clientOrderId ?? '');
    expect(order).toMatchObject({ life: 'sent', certainty: { kind: 'in-doubt', why: 'timeout' } });
    expect(stage.assembly.pipeline.risk().reservedRisk).toBe(3 * ((r.decision.riskPerContract ?? 0) + 50_000));
    expect((await approve(stage, r)).clientOrderId).toBeNull();
    const [next] = await stage.propose(NQ);
    expect(next?.decision.status).toBe('order-working');
    stage.clock.advanceTo(epochMs(stage.clock.now() + 3_600_000));
    expect(stage.broker.submitted).toHaveLength(1);
    expectSound(stage);
  });

  it('a call that breaks off is doubt as well', async () => {
    const { stage, r } = await longNq();
    stage.broker.beforeSubmit = () => Promise.reject(new Error('socket hang up'));
    const { clientOrderId } = await approve(stage, r);
    expect(stage.journal.order(clientOrderId ?? '')?.certainty).toMatchObject({
      kind: 'in-doubt',
      why: 'socket hang up',
    });
    expect(stage.assembly.pipeline.risk().reservedRisk).toBeGreaterThan(0);
  });

  it('a late acknowledgement ends the doubt', async () => {
    const { stage, r } = await longNq();
    stage.broker.beforeSubmit = async (group) => {
      await stage.paper.submit(group);
      return { kind: 'unknown', why: 'timeout' };
    };
    const { clientOrderId } = await approve(stage, r);
    expect(stage.journal.order(clientOrderId ?? '')).toMatchObject({ life: 'filled', certainty: { kind: 'known' } });
    for (const suffix of ['S', 'T'])
      expect(stage.journal.order(`${clientOrderId ?? ''}${suffix}`)).toMatchObject({
        life: 'working',
        certainty: { kind: 'known' },
      });
  });

  it('rejected ends the order, its stop and its target, and frees what it reserved', async () => {
    const { stage, r } = await longNq();
    stage.broker.beforeSubmit = () => ({ kind: 'rejected', reason: 'no such account' });
    const { clientOrderId } = await approve(stage, r);
    for (const suffix of ['', 'S', 'T'])
      expect(stage.journal.order(`${clientOrderId ?? ''}${suffix}`)).toMatchObject({
        life: 'rejected',
        reason: 'no such account',
      });
    expect(stage.assembly.pipeline.risk()).toMatchObject({ reservedRisk: 0, heat: 0 });
    expect(stage.assembly.book.orders()).toEqual([]);
  });

  it('a cancel is journaled before it is sent, and a refused one leaves the order as it was', async () => {
    const { stage, r } = await longNq();
    const { clientOrderId } = await approve(stage, r);
    const stop = `${clientOrderId ?? ''}S`;
    stage.broker.beforeCancel = (id) => {
      readAside(stage.path, (aside) => expect(aside.order(id)?.pending.kind).toBe('cancel'));
      return { kind: 'refused', reason: 'too late' };
    };
    expect(await stage.assembly.execution.cancel(stop)).toMatchObject({ life: 'working', pending: { kind: 'none' } });
    stage.broker.beforeCancel = () => null;
    expect(await stage.assembly.execution.cancel(stop)).toMatchObject({ life: 'canceled' });
    expect(await stage.assembly.execution.cancel(stop)).toMatchObject({ life: 'canceled' });
    // Without a stop the loss is not known; what was planned stands for it.
    const [held] = stage.assembly.book.positions();
    expect(held?.riskAtStop).toBeNull();
    expect(stage.assembly.pipeline.risk().heatRisk).toBe(held?.plannedRisk);
    expect(await errorOf(() => stage.assembly.execution.cancel('D1-none'))).toMatchObject({ code: 'not-found' });
  });
});

describe('a fill', () => {
  const aFill = (stage: Stage, clientOrderId: string | null, execKey = 'late-1') => ({
    ...{ execKey, venue: 'paper', account: ACCOUNT, clientOrderId, symbol: NQ, direction: 1 as const, quantity: 1 },
    ...{ price: ticks(80_000), fee: money(23_000), at: stage.clock.now(), receivedAt: stage.clock.now() },
  });

  it('is booked after its order was cancelled, and stops new entries', async () => {
    const { stage, r } = await longNq();
    stage.paper.setFillSource('bars');
    const { clientOrderId } = await approve(stage, r);
    await stage.assembly.execution.cancel(clientOrderId ?? '');
    stage.broker.report(aFill(stage, clientOrderId));
    expect(position(stage)).toMatchObject({ quantity: 1, averagePrice: 80_000 });
    expect(stage.journal.order(clientOrderId ?? '')).toMatchObject({ life: 'canceled', filled: 1 });
    expect(stage.assembly.ledger.state()).toMatchObject({ state: 'reducing' });
    expect(stage.assembly.ledger.state().reason).toMatch(/filled after its order was canceled/);
    expect(eventsOf(stage, ['notice'])).toHaveLength(1);
    expectSound(stage);
  });

  it('is booked when nobody knows its order', async () => {
    const { stage } = await longNq();
    stage.broker.report(aFill(stage, null));
    stage.broker.report(aFill(stage, 'D1-01ARZ3NDEKTSV4RRFFQ69G5FAV', 'late-2'));
    expect(position(stage)?.quantity).toBe(2);
    expect(stage.assembly.ledger.state().state).toBe('reducing');
    expect(stage.assembly.pipeline.risk().openPnl).toBe(0);
    expectSound(stage);
  });

  it('is booked once however often it is told', async () => {
    const { stage } = await longNq();
    for (let n = 0; n < 5; n += 1) stage.broker.report(aFill(stage, null));
    expect(position(stage)?.quantity).toBe(1);
    expect(eventsOf(stage, ['fill'])).toHaveLength(1);
    expect(stage.assembly.book.account().realised).toBe(stage.startEquity - 23_000);
  });

  it('beyond what was ordered is booked, and stops new entries', async () => {
    const { stage, r } = await longNq();
    const { clientOrderId } = await approve(stage, r);
    stage.broker.report(aFill(stage, clientOrderId));
    expect(position(stage)?.quantity).toBe(4);
    expect(stage.assembly.ledger.state().reason).toMatch(/filled beyond the 3 ordered/);
    // The stop covers 3 of 4: the loss at the stop is not known.
    expect(position(stage)?.riskAtStop).toBeNull();
    expect(stage.assembly.pipeline.risk().heatRisk).toBeGreaterThan(0);
    expectSound(stage);
  });
});

describe('a restart', () => {
  it('finds the same account, positions, orders and limits', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r);
    stage.quote(NQ, 80_400);
    const before = stage.assembly.pipeline.risk();
    const orders = stage.assembly.book.orders();
    stage.journal.close();
    const again = await raiseStage(stage.path, {}, stage.clock.now());
    again.quote(NQ, 80_400);
    const after = again.assembly.pipeline.risk();
    expect(again.assembly.book.orders()).toEqual(orders);
    expect(after).toMatchObject({
      equity: before.equity,
      realisedEquity: before.realisedEquity,
      heatRisk: before.heatRisk,
      dayPnl: before.dayPnl,
    });
    expect(again.paper.equity()).toBe(after.equity);
    again.quote(NQ, (r.stop ?? 0) - 2);
    expect(position(again)).toBeUndefined();
    expect(again.assembly.book.orders()).toEqual([]);
    expectSound(again);
  });

  it('remembers the peak the account reached within the day', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r);
    stage.quote(NQ, 84_000);
    await stage.propose(NQ);
    const { peakEquity } = stage.assembly.pipeline.risk();
    expect(peakEquity).toBeGreaterThan(stage.startEquity);
    stage.journal.close();
    const again = await raiseStage(stage.path, {}, stage.clock.now());
    expect(again.assembly.ledger.peak()).toBe(peakEquity);
  });
});
