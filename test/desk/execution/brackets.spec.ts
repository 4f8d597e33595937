import { describe, expect, it } from 'vitest';
import type { Order } from '#shared/domain/order.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { decide } from '#desk/engine/decide.ts';
import { newStage, raiseStage, settle, type Stage, type StageOptions } from '#test/desk/stage.ts';

const NQ = 'NQ';
const EMULATED: StageOptions = { capabilities: { brackets: 'emulated' } };

/** A stage whose orders fill in parts of one contract a quote. */
async function approved(options: StageOptions = EMULATED): Promise<{ stage: Stage; id: string }> {
  const stage = await newStage(options);
  stage.say(NQ, { direction: 1, confidence: 0.75 });
  const r = await stage.proposal(NQ);
  stage.paper.setFillSource('bars');
  const { clientOrderId } = await stage.assembly.pipeline.approve({ id: r.id, contracts: 3, reason: null }, 'trader');
  stage.paper.setFillSource('quotes');
  await settle();
  return { stage, id: clientOrderId ?? '' };
}
const order = (stage: Stage, id: string): Order => {
  const found = stage.journal.order(id);
  if (found === null) throw new Error(`no order ${id}`);
  return found;
};
const exitsOf = (stage: Stage) =>
  stage.assembly.book
    .orders()
    .filter((o) => o.role === 'stop' || o.role === 'target')
    .map((o) => [o.role, o.life, o.quantity - o.filled])
    .sort();
const held = (stage: Stage): number => stage.assembly.book.positions()[0]?.quantity ?? 0;
/** The venue executes a part of an order. */
const fillPart = async (stage: Stage, id: string, quantity: number): Promise<void> => {
  const { symbol, direction } = order(stage, id);
  stage.broker.report({
    ...{ execKey: `part-${stage.journal.lastSeq()}`, venue: 'paper', account: 'SIM-TEST', clientOrderId: id, symbol },
    ...{ direction, quantity, price: ticks(80_000), fee: money(0) },
    ...{ at: epochMs(stage.clock.now()), receivedAt: epochMs(stage.clock.now()) },
  });
  for (let n = 0; n < 4; n += 1) await settle();
};

describe('stops and targets that the desk sends itself', () => {
  it('wait, on disk, for their entry, which is sent alone', async () => {
    const { stage, id } = await approved();
    expect(stage.broker.submitted).toMatchObject([{ entry: { clientOrderId: id }, stop: null, target: null }]);
    expect(order(stage, id).life).toBe('working');
    expect([order(stage, `${id}S`).life, order(stage, `${id}T`).life]).toEqual(['created', 'created']);
    expect(stage.assembly.execution.view().brackets).toBe('emulated');
  });

  it('are sent when it fills, for what it filled', async () => {
    const { stage, id } = await approved();
    await fillPart(stage, id, 1);
    expect(exitsOf(stage)).toEqual([
      ['stop', 'working', 1],
      ['target', 'working', 1],
    ]);
    expect(stage.broker.submitted.slice(1).map((g) => [g.entry.clientOrderId, g.entry.quantity, g.entry.type])).toEqual(
      [
        [`${id}S`, 1, 'stop'],
        [`${id}T`, 1, 'limit'],
      ],
    );
    expect(stage.assembly.book.positions()[0]?.riskAtStop).not.toBeNull();
  });

  it('grow with every further part, by a change where the venue can, else beside the first', async () => {
    const { stage, id } = await approved();
    await fillPart(stage, id, 1);
    await fillPart(stage, id, 2);
    expect(order(stage, `${id}S`)).toMatchObject({ quantity: 3, life: 'working' });
    expect(exitsOf(stage)).toEqual([
      ['stop', 'working', 3],
      ['target', 'working', 3],
    ]);
    const without = await approved({ capabilities: { brackets: 'emulated', replace: false } });
    await fillPart(without.stage, without.id, 1);
    await fillPart(without.stage, without.id, 2);
    expect(exitsOf(without.stage)).toEqual([
      ['stop', 'working', 1],
      ['stop', 'working', 2],
      ['target', 'working', 1],
      ['target', 'working', 2],
    ]);
  });

  it('cancel each other: what one closed the other does not close again', async () => {
    const { stage, id } = await approved();
    await fillPart(stage, id, 3);
    await fillPart(stage, `${id}T`, 1);
    expect(held(stage)).toBe(2);
    expect(order(stage, `${id}S`)).toMatchObject({ quantity: 2 });
    await fillPart(stage, `${id}T`, 2);
    expect(held(stage)).toBe(0);
    await settle();
    expect(order(stage, `${id}S`).life).toBe('canceled');
    expect(stage.assembly.book.orders()).toEqual([]);
  });

  it('that were cancelled or refused are not sent again by themselves', async () => {
    const { stage, id } = await approved();
    await fillPart(stage, id, 3);
    const sent = stage.broker.submitted.length;
    await stage.assembly.execution.cancel(`${id}S`);
    await stage.pass(6_000);
    await stage.assembly.execution.reconcile('asked');
    expect(stage.broker.submitted).toHaveLength(sent);
    expect(stage.assembly.execution.view().reconciliation.differences.map((d) => d.kind)).toContain('missing-stop');
  });

  it('go when the position is flattened, and nothing is turned round', async () => {
    const { stage, id } = await approved();
    stage.quote(NQ, 79_990);
    for (let n = 0; n < 4; n += 1) await settle();
    expect(held(stage)).toBe(3);
    await stage.assembly.execution.flatten(NQ);
    for (let n = 0; n < 4; n += 1) await settle();
    expect([held(stage), stage.assembly.book.orders()]).toEqual([0, []]);
    expect(order(stage, id).life).toBe('filled');
    for (const price of [79_000, 77_000, 85_000, 80_000]) stage.quote(NQ, price);
    expect(held(stage)).toBe(0);
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('that were never needed are denied, and never sent', async () => {
    const { stage, id } = await approved();
    await stage.assembly.execution.cancel(id);
    for (let n = 0; n < 4; n += 1) await settle();
    expect([order(stage, id).life, order(stage, `${id}S`).life, order(stage, `${id}T`).life]).toEqual([
      'canceled',
      'denied',
      'denied',
    ]);
    expect(stage.broker.submitted).toHaveLength(1);
  });

  it('are sent after a restart when the entry filled in between', async () => {
    const { stage, id } = await approved();
    const now = stage.clock.now();
    stage.broker.hears = () => false;
    stage.quote(NQ, 79_990);
    stage.assembly.execution.stop();
    stage.journal.close();
    const next = await raiseStage(
      stage.path,
      { ...EMULATED, prepare: ({ paper }) => paper.setFillSource('quotes') },
      now,
    );
    // The exchange of the test begins where the journal ended: the entry still rests there, and fills now.
    next.quote(NQ, 79_990);
    for (let n = 0; n < 6; n += 1) await settle();
    expect(held(next)).toBe(3);
    expect(exitsOf(next)).toEqual([
      ['stop', 'working', 3],
      ['target', 'working', 3],
    ]);
    expect(order(next, `${id}S`).life).toBe('working');
  });
});

describe('exits without a position', () => {
  it('that the venue leaves behind are cancelled by the desk', async () => {
    const stage = await newStage();
    stage.say(NQ, { direction: 1, confidence: 0.75 });
    const r = await stage.proposal(NQ);
    const { clientOrderId } = await stage.assembly.pipeline.approve({ id: r.id, contracts: 3, reason: null }, 'trader');
    const id = clientOrderId ?? '';
    // The venue closes the position by a hand of its own and leaves the bracket where it was.
    stage.paper.exchange.placeElsewhere({ symbol: NQ, direction: -1, type: 'market', quantity: 3, price: null });
    stage.quote(NQ, 80_000);
    expect(held(stage)).toBe(0);
    await stage.pass(3_000);
    expect([order(stage, `${id}S`).life, order(stage, `${id}T`).life]).toEqual(['canceled', 'canceled']);
  });
});
