import { describe, expect, it } from 'vitest';
import { money, ticks } from '#shared/units.ts';
import { ACCOUNT, errorOf, newStage, readAside, type Stage, type StageOptions } from '#test/desk/stage.ts';

const NQ = 'NQ';

async function held(options: StageOptions = {}): Promise<{ stage: Stage; id: string; stop: number }> {
  const stage = await newStage(options);
  stage.say(NQ, { direction: 1, confidence: 0.75 });
  const r = await stage.proposal(NQ);
  const { clientOrderId } = await stage.assembly.pipeline.approve({ id: r.id, contracts: 3, reason: null }, 'trader');
  return { stage, id: clientOrderId ?? '', stop: r.stop ?? 0 };
}
const move = (stage: Stage, clientOrderId: string, price: number | null, quantity: number | null = null) =>
  stage.assembly.execution.replace({ clientOrderId, price: price === null ? null : ticks(price), quantity });

describe('moving a stop', () => {
  it('nearer to the market is always allowed, and journaled before it is asked for', async () => {
    const { stage, id, stop } = await held();
    const seen: unknown[] = [];
    stage.broker.replace = (order, terms) => {
      readAside(stage.path, (aside) => seen.push(aside.order(order.clientOrderId)?.pending));
      return stage.paper.replace(order, terms);
    };
    const moved = await move(stage, `${id}S`, stop + 500);
    expect(seen).toMatchObject([{ kind: 'replace', price: stop + 500, quantity: 3 }]);
    expect(moved).toMatchObject({ price: stop + 500, pending: { kind: 'none' }, life: 'working' });
    expect(stage.assembly.book.positions()).toMatchObject([{ stop: stop + 500 }]);
    stage.quote(NQ, stop + 499);
    expect(stage.assembly.book.positions()).toEqual([]);
  });

  it('further away is refused beyond the risk of a trade, with the figures', async () => {
    const { stage, id, stop } = await held();
    await move(stage, `${id}S`, stop - 100);
    const error = await errorOf(() => move(stage, `${id}S`, stop - 20_000));
    expect(error).toMatchObject({ code: 'refused', remedy: 'move it less far' });
    expect(error.message).toMatch(/\d+\.\d\d % of equity at risk: 10\.00 % is allowed/);
    expect(stage.journal.order(`${id}S`)).toMatchObject({ price: stop - 100 });
  });

  it('further away is refused without a fresh price, nearer is not', async () => {
    const { stage, id, stop } = await held();
    await stage.pass(20_000, 5_000);
    expect(await errorOf(() => move(stage, `${id}S`, stop - 100))).toMatchObject({ code: 'refused' });
    expect(await move(stage, `${id}S`, stop + 100)).toMatchObject({ price: stop + 100 });
  });

  it('further away is refused while trading is halted, nearer is not', async () => {
    const { stage, id, stop } = await held();
    await stage.assembly.pipeline.halt('enough', 'trader');
    const error = await errorOf(() => move(stage, `${id}S`, stop - 100));
    expect(error).toMatchObject({ code: 'refused', remedy: 'resume trading first' });
    expect(stage.journal.order(`${id}S`)).toMatchObject({ price: stop });
    expect(await move(stage, `${id}S`, stop + 100)).toMatchObject({ price: stop + 100 });
  });

  it('to the wrong side of the market is refused: it would close at once', async () => {
    const { stage, id } = await held();
    expect(await errorOf(() => move(stage, `${id}S`, 80_100))).toMatchObject({ code: 'invalid-input', field: 'price' });
  });

  it('may not leave contracts without one', async () => {
    const { stage, id } = await held();
    expect((await errorOf(() => move(stage, `${id}S`, null, 2))).message).toMatch(/leave 1 without a stop/);
  });

  it('that the venue refuses leaves it where it was', async () => {
    const { stage, id, stop } = await held();
    stage.broker.replace = () => Promise.resolve({ kind: 'refused', reason: 'too close' });
    expect(await move(stage, `${id}S`, stop + 500)).toMatchObject({
      price: stop,
      pending: { kind: 'none' },
      life: 'working',
    });
    stage.broker.replace = () => new Promise(() => undefined);
    stage.broker.beforeFind = () => ({ kind: 'cannot-tell', why: 'busy' });
    void move(stage, `${id}S`, stop + 500);
    await stage.pass(5_500);
    expect(stage.journal.order(`${id}S`)).toMatchObject({ price: stop, certainty: { kind: 'in-doubt' } });
    expect(await errorOf(() => move(stage, `${id}S`, stop + 600))).toMatchObject({ code: 'refused' });
    stage.broker.beforeFind = () => null;
    await stage.pass(2_000);
    expect(stage.journal.order(`${id}S`)).toMatchObject({
      price: stop,
      pending: { kind: 'none' },
      certainty: { kind: 'known' },
    });
  });
});

describe('changing an order', () => {
  it('takes contracts off and never adds any', async () => {
    const stage = await newStage();
    stage.say(NQ, { direction: 1, confidence: 0.75 });
    const r = await stage.proposal(NQ);
    stage.paper.setFillSource('bars');
    const { clientOrderId } = await stage.assembly.pipeline.approve({ id: r.id, contracts: 3, reason: null }, 'trader');
    const id = clientOrderId ?? '';
    expect(await errorOf(() => move(stage, id, null, 4))).toMatchObject({ code: 'invalid-input', field: 'quantity' });
    expect(await move(stage, id, null, 2)).toMatchObject({ quantity: 2, life: 'working' });
    expect(stage.journal.order(`${id}S`)).toMatchObject({ quantity: 2 });
    expect(await errorOf(() => move(stage, id, 80_400))).toMatchObject({ code: 'refused' });
    expect(await move(stage, id, 79_900)).toMatchObject({ price: 79_900 });
  });

  it('is refused for what has ended, and at a venue that cannot', async () => {
    const { stage, id } = await held();
    expect(await errorOf(() => move(stage, id, 1))).toMatchObject({ code: 'refused' });
    expect(await errorOf(() => move(stage, 'D1-none', 1))).toMatchObject({ code: 'not-found' });
    const without = await held({ capabilities: { replace: false } });
    expect(await errorOf(() => move(without.stage, `${without.id}S`, without.stop + 1))).toMatchObject({
      code: 'refused',
    });
  });
});

describe('protecting a position', () => {
  it('puts in what is missing, once, on the losing side', async () => {
    const { stage, id } = await held();
    const protect = (price: number) => stage.assembly.execution.protect(NQ, ticks(price));
    expect(await errorOf(() => protect(79_000))).toMatchObject({ code: 'refused', remedy: 'move the stop instead' });
    await stage.assembly.execution.cancel(`${id}S`);
    expect(await errorOf(() => protect(80_100))).toMatchObject({ code: 'invalid-input' });
    expect(await protect(79_000)).toMatchObject([
      { role: 'stop', quantity: 3, price: 79_000, direction: -1, life: 'working' },
    ]);
    expect(await errorOf(() => protect(79_000))).toMatchObject({ code: 'refused' });
    expect(stage.assembly.book.positions()[0]?.riskAtStop).not.toBeNull();
  });

  it('does not take the stop of an entry that was not filled for its own', async () => {
    const stage = await newStage();
    stage.say(NQ, { direction: 1, confidence: 0.75 });
    const r = await stage.proposal(NQ);
    stage.paper.setFillSource('bars');
    await stage.assembly.pipeline.approve({ id: r.id, contracts: 3, reason: null }, 'trader');
    const at = stage.clock.now();
    stage.broker.report({
      ...{ execKey: 'X-1', venue: 'paper', account: ACCOUNT, clientOrderId: null, symbol: NQ, direction: 1 },
      ...{ quantity: 1, price: ticks(80_000), fee: money(0), at, receivedAt: at },
    });
    expect(stage.assembly.book.positions()).toMatchObject([{ quantity: 1, riskAtStop: null }]);
    expect(await stage.assembly.execution.protect(NQ, ticks(79_000))).toMatchObject([{ role: 'stop', quantity: 1 }]);
    expect(stage.assembly.book.positions()[0]?.riskAtStop).not.toBeNull();
  });

  it('leaves what a closing order at the broker still closes to that order: both would turn the position round', async () => {
    const { stage } = await held();
    stage.paper.setFillSource('bars');
    const closing = stage.assembly.execution.flatten(NQ);
    await closing;
    const open = stage.assembly.book.orders().filter(({ role }) => role === 'flatten');
    expect(open).toMatchObject([{ quantity: 3, filled: 0, life: 'working' }]);
    expect(stage.assembly.book.positions()).toMatchObject([{ quantity: 3 }]);
    expect(await errorOf(() => stage.assembly.execution.protect(NQ, ticks(79_000)))).toMatchObject({
      ...{ code: 'refused', remedy: 'wait until it has filled, or cancel it' },
    });
    expect(stage.assembly.book.orders().filter(({ role, life }) => role === 'stop' && life === 'working')).toEqual([]);
  });

  it('is not done beside a stop in doubt: it could close twice', async () => {
    const { stage, id } = await held();
    stage.broker.beforeCancel = () => ({ kind: 'unknown', why: 'timeout' });
    stage.broker.beforeFind = () => ({ kind: 'cannot-tell', why: 'busy' });
    await stage.assembly.execution.cancel(`${id}S`);
    expect(await errorOf(() => stage.assembly.execution.protect(NQ, ticks(79_000)))).toMatchObject({ code: 'refused' });
  });
});
