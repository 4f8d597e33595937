import { describe, expect, it } from 'vitest';
import type { FindAnswer } from '#desk/ports/broker.ts';
import { decide } from '#desk/engine/decide.ts';
import { errorOf, newStage, settle, type Stage, type StageOptions } from '#test/desk/stage.ts';

const NQ = 'NQ';
const LOOKS = { absence: { looks: 2, apartMs: 10_000 } } as const;

/** An entry whose sending nobody answered for. */
async function doubtful(options: StageOptions = {}): Promise<{ stage: Stage; id: string }> {
  const stage = await newStage({ capabilities: LOOKS, ...options });
  stage.say(NQ, { direction: 1, confidence: 0.75 });
  const r = await stage.proposal(NQ);
  stage.broker.beforeSubmit = () => ({ kind: 'unknown', why: 'timeout' });
  const { clientOrderId } = await stage.assembly.pipeline.approve(
    { id: r.id, contracts: r.decision.contracts, reason: null },
    'trader',
  );
  return { stage, id: clientOrderId ?? '' };
}
const orderOf = (stage: Stage, id: string) => stage.journal.order(id);
const isDoubtful = (stage: Stage, id: string): boolean => orderOf(stage, id)?.certainty.kind === 'in-doubt';
const cannotTell: FindAnswer = { kind: 'cannot-tell', why: 'the lists are being rebuilt' };

describe('an order in doubt', () => {
  it('is asked for after 0.5, 1, 2, 4 … 30 s, and never sent again', async () => {
    const { stage, id } = await doubtful();
    const asked: number[] = [];
    const from = stage.clock.now();
    stage.broker.beforeFind = (one) => {
      if (one === id) asked.push(stage.clock.now() - from);
      return cannotTell;
    };
    await stage.pass(130_000);
    expect(asked.map((ms) => Math.round(ms / 500) / 2)).toEqual([0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5, 121.5]);
    expect(stage.broker.submitted).toHaveLength(1);
    expect(isDoubtful(stage, id)).toBe(true);
    expect(stage.notices.all().some((n) => n.id === `in-doubt ${id}` && n.level === 'error')).toBe(true);
    expect(stage.assembly.execution.view().doubtRisk).toBeGreaterThan(0);
    expect(stage.assembly.pipeline.risk().reservedRisk).toBe(stage.assembly.execution.view().doubtRisk);
  });

  it('that the venue has is taken over with its executions, and the notice goes', async () => {
    const { stage, id } = await doubtful();
    stage.broker.hears = () => false;
    const group = stage.broker.submitted[0];
    if (group === undefined) throw new Error('one was sent');
    await stage.paper.submit(group);
    stage.broker.hears = () => true;
    await stage.pass(1_000);
    expect(orderOf(stage, id)).toMatchObject({ life: 'filled', filled: 3, certainty: { kind: 'known' } });
    expect(orderOf(stage, `${id}S`)).toMatchObject({ life: 'working', certainty: { kind: 'known' } });
    expect(stage.assembly.book.positions()).toMatchObject([{ quantity: 3 }]);
    expect(stage.assembly.book.positions()[0]?.riskAtStop).not.toBeNull();
    expect(stage.notices.all().filter((n) => n.id.startsWith('in-doubt'))).toEqual([]);
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('never arrived only after two looks ten seconds apart, the first ten seconds after', async () => {
    const { stage, id } = await doubtful();
    await stage.pass(15_000);
    expect(isDoubtful(stage, id)).toBe(true);
    await stage.pass(20_000);
    for (const suffix of ['', 'S', 'T'])
      expect(orderOf(stage, `${id}${suffix}`)).toMatchObject({ life: 'rejected', reason: 'never reached the broker' });
    expect(stage.assembly.pipeline.risk()).toMatchObject({ reservedRisk: 0, heat: 0 });
    expect(stage.broker.submitted).toHaveLength(1);
  });

  it('is not proven absent over a connection that was lost in between', async () => {
    const { stage, id } = await doubtful();
    await stage.pass(16_000);
    stage.broker.setLink(false);
    await stage.pass(1_000);
    stage.broker.setLink(true);
    await stage.pass(14_000);
    // One look before and one after the loss are not two looks.
    expect(isDoubtful(stage, id)).toBe(true);
    await stage.pass(60_000);
    expect(orderOf(stage, id)?.life).toBe('rejected');
  });

  it('is not proven absent while the call that sends it is under way', async () => {
    const stage = await newStage();
    stage.say(NQ, { direction: 1, confidence: 0.75 });
    const r = await stage.proposal(NQ);
    stage.broker.beforeSubmit = () => new Promise(() => undefined);
    const approved = stage.assembly.pipeline.approve({ id: r.id, contracts: 3, reason: null }, 'trader');
    await stage.pass(60_000);
    const { clientOrderId } = await approved;
    expect(orderOf(stage, clientOrderId ?? '')).toMatchObject({
      life: 'sent',
      certainty: { kind: 'in-doubt', why: 'no answer for 5 s' },
    });
  });

  it('stays in doubt at a venue that cannot prove absence, until the trader says what became of it', async () => {
    const { stage, id } = await doubtful({ capabilities: { absence: null } });
    await stage.pass(120_000);
    expect(isDoubtful(stage, id)).toBe(true);
    const settled = stage.assembly.execution.settle(id, 'never-arrived', 'called the desk, they have nothing');
    expect(settled).toMatchObject({
      life: 'rejected',
      reason: 'settled by the trader: called the desk, they have nothing',
    });
    expect(stage.assembly.book.orders()).toEqual([]);
    expect(await errorOf(() => stage.assembly.execution.settle(id, 'canceled', 'again'))).toMatchObject({
      code: 'refused',
    });
  });

  it('that was settled and then fills is booked all the same, and stops new entries', async () => {
    const { stage, id } = await doubtful({ capabilities: { absence: null } });
    stage.assembly.execution.settle(id, 'never-arrived', 'they have nothing');
    const group = stage.broker.submitted[0];
    if (group === undefined) throw new Error('one was sent');
    await stage.paper.submit(group);
    await settle();
    expect(stage.assembly.book.positions()).toMatchObject([{ quantity: 3 }]);
    expect(stage.assembly.ledger.state()).toMatchObject({ state: 'reducing' });
  });

  it('is asked about at once when the trader asks', async () => {
    const { stage, id } = await doubtful();
    const group = stage.broker.submitted[0];
    if (group === undefined) throw new Error('one was sent');
    stage.broker.hears = () => false;
    await stage.paper.submit(group);
    stage.broker.hears = () => true;
    expect(await stage.assembly.execution.query(id)).toMatchObject({ life: 'filled', certainty: { kind: 'known' } });
  });

  it('goes on being asked for after a restart', async () => {
    const { stage, id } = await doubtful({ capabilities: { absence: null } });
    const { path } = stage;
    const now = stage.clock.now();
    stage.assembly.execution.stop();
    stage.journal.close();
    const { raiseStage } = await import('#test/desk/stage.ts');
    const again = await raiseStage(path, { capabilities: LOOKS }, now);
    expect(isDoubtful(again, id)).toBe(true);
    await again.pass(40_000);
    expect(orderOf(again, id)).toMatchObject({ life: 'rejected', reason: 'never reached the broker' });
    expect(again.broker.submitted).toEqual([]);
  });
});

describe('a cancel', () => {
  const held = async (): Promise<{ stage: Stage; stop: string }> => {
    const stage = await newStage();
    stage.say(NQ, { direction: 1, confidence: 0.75 });
    const r = await stage.proposal(NQ);
    const { clientOrderId } = await stage.assembly.pipeline.approve({ id: r.id, contracts: 3, reason: null }, 'trader');
    return { stage, stop: `${clientOrderId ?? ''}S` };
  };

  it('without an answer is in doubt after five seconds, and the order works on', async () => {
    const { stage, stop } = await held();
    stage.broker.beforeCancel = () => new Promise(() => undefined);
    stage.broker.beforeFind = () => cannotTell;
    void stage.assembly.execution.cancel(stop);
    await stage.pass(4_750);
    expect(orderOf(stage, stop)).toMatchObject({
      life: 'working',
      pending: { kind: 'cancel' },
      certainty: { kind: 'known' },
    });
    await stage.pass(500);
    expect(orderOf(stage, stop)).toMatchObject({
      life: 'working',
      pending: { kind: 'cancel' },
      certainty: { kind: 'in-doubt', why: 'the cancel had no answer for 5 s' },
    });
    stage.broker.beforeFind = () => null;
    await stage.pass(2_000);
    expect(orderOf(stage, stop)).toMatchObject({
      life: 'working',
      pending: { kind: 'none' },
      certainty: { kind: 'known' },
    });
  });

  it('refused as too late finds out what was filled', async () => {
    const { stage, stop } = await held();
    stage.broker.hears = () => false;
    stage.quote(NQ, 70_000);
    stage.broker.hears = () => true;
    expect(stage.assembly.book.positions()).toMatchObject([{ quantity: 3 }]);
    expect(await stage.assembly.execution.cancel(stop)).toMatchObject({ life: 'filled', filled: 3 });
    expect(stage.assembly.book.positions()).toEqual([]);
  });

  it('refused as unknown does not end the order: it is in doubt', async () => {
    const { stage, stop } = await held();
    stage.broker.beforeCancel = () => ({ kind: 'refused', reason: 'unknown order' });
    stage.broker.beforeFind = () => ({ kind: 'absent' });
    expect(await stage.assembly.execution.cancel(stop)).toMatchObject({
      life: 'working',
      certainty: { kind: 'in-doubt' },
    });
    await stage.pass(120_000);
    // The venue had confirmed it once: that it is gone does not say how it ended.
    expect(isDoubtful(stage, stop)).toBe(true);
  });
});
