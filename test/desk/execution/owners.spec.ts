import { describe, expect, it } from 'vitest';
import type { Fill } from '#shared/domain/order.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { decide } from '#desk/engine/decide.ts';
import { ACCOUNT, newStage, type Stage } from '#test/desk/stage.ts';

const NQ = 'NQ';
const KEY = 'X-1';

const executed = (stage: Stage, given: Partial<Fill> = {}): Fill => ({
  ...{ execKey: KEY, venue: 'paper', account: ACCOUNT, clientOrderId: null, symbol: NQ, direction: 1 },
  ...{ quantity: 1, price: ticks(80_000), fee: money(21_000), at: epochMs(stage.clock.now()) },
  receivedAt: epochMs(stage.clock.now()),
  ...given,
});
const heldOf = ({ assembly }: Stage): number => assembly.book.positions()[0]?.quantity ?? 0;
const ownKeys = ({ journal }: Stage): readonly string[] =>
  journal
    .fills({ symbol: NQ })
    .map(({ execKey }) => execKey)
    .filter((key) => key.startsWith(KEY));
const conflictsOf = ({ assembly }: Stage) =>
  assembly.execution.view().reconciliation.differences.filter(({ kind }) => kind === 'fill-conflict');
/** The word of the venue on what it executed, with other values. */
const correct = (stage: Stage, version: number, price: number | null): void =>
  stage.broker.tell({
    kind: 'fill-correction',
    correction: {
      ...{ venue: 'paper', account: ACCOUNT, execKey: KEY, version, reason: 'ruling' },
      corrected:
        price === null
          ? null
          : { direction: 1, quantity: 1, price: ticks(price), fee: money(21_000), at: epochMs(stage.clock.now()) },
    },
  });

/** An entry of one contract that works at the venue, and is not filled there: what is told of it is told by the test. */
async function working() {
  const stage = await newStage();
  stage.say(NQ, { direction: 1, confidence: 0.75 });
  const { id } = await stage.proposal(NQ);
  stage.paper.setFillSource('bars');
  const reason = { code: 'size', text: 'one' } as const;
  const { clientOrderId } = await stage.assembly.pipeline.approve({ id, contracts: 1, reason }, 'trader');
  if (clientOrderId === null) throw new Error('nothing was sent');
  expect(stage.journal.order(clientOrderId)).toMatchObject({ life: 'working', filled: 0 });
  return { stage, clientOrderId, filled: () => stage.journal.order(clientOrderId)?.filled };
}

describe('an execution that names no order of ours', () => {
  it('is in the position at once, belongs to nobody, and lets no entry out', async () => {
    const stage = await newStage();
    stage.broker.report(executed(stage));
    expect(heldOf(stage)).toBe(1);
    expect(stage.journal.fill('paper', ACCOUNT, KEY)?.clientOrderId).toBeNull();
    expect(stage.assembly.ledger.state().state).toBe('reducing');
  });

  it('told again with its order is taken back and booked for it, in one step, once', async () => {
    const { stage, clientOrderId, filled } = await working();
    stage.broker.report(executed(stage));
    expect([heldOf(stage), filled()]).toEqual([1, 0]);
    const linked = executed(stage, { clientOrderId });
    for (let time = 0; time < 3; time += 1) stage.broker.report(linked);
    // Without its order it is the same one.
    stage.broker.report(executed(stage));
    expect([heldOf(stage), filled()]).toEqual([1, 1]);
    expect(ownKeys(stage)).toEqual([`${KEY}|linked`]);
    expect(conflictsOf(stage)).toEqual([]);
    const steps = [...stage.journal.events({ kinds: ['fill', 'fill-correction'] })].slice(-2);
    expect(steps.map(({ event }) => event.kind)).toEqual(['fill-correction', 'fill']);
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('is not linked to an order this desk does not have', async () => {
    const stage = await newStage();
    stage.broker.report(executed(stage));
    stage.broker.report(executed(stage, { clientOrderId: 'D1-SOMEBODY' }));
    expect(heldOf(stage)).toBe(1);
    expect(ownKeys(stage)).toEqual([KEY]);
  });

  it('that was linked is corrected by the key the venue knows, and once', async () => {
    const { stage, clientOrderId } = await working();
    stage.broker.report(executed(stage));
    correct(stage, 1, 79_995);
    stage.broker.report(executed(stage, { clientOrderId, price: ticks(79_995) }));
    expect(ownKeys(stage)).toEqual([`${KEY}|linked`]);
    const count = (): number => [...stage.journal.events({ kinds: ['fill-correction'] })].length;
    const before = count();
    // What it had been told before it was linked is not news.
    correct(stage, 1, 79_995);
    expect(count()).toBe(before);
    correct(stage, 2, 79_990);
    expect(stage.journal.fills({ symbol: NQ }).at(-1)).toMatchObject({ execKey: `${KEY}|linked`, price: 79_990 });
    expect(heldOf(stage)).toBe(1);
  });

  it('that was linked and never happened is gone, and its order is asked about', async () => {
    const { stage, clientOrderId, filled } = await working();
    stage.broker.report(executed(stage));
    stage.broker.report(executed(stage, { clientOrderId }));
    correct(stage, 1, null);
    expect([heldOf(stage), filled()]).toEqual([0, 0]);
    expect(stage.journal.order(clientOrderId)?.certainty.kind).toBe('in-doubt');
    await stage.pass(2_000);
    expect(stage.journal.order(clientOrderId)).toMatchObject({ life: 'working', certainty: { kind: 'known' } });
    // Busted, it is not brought back by an old word.
    stage.broker.report(executed(stage, { clientOrderId }));
    expect(heldOf(stage)).toBe(0);
  });

  it('that was linked and is told with other values is a difference; taking it over changes the one booking', async () => {
    const { stage, clientOrderId } = await working();
    stage.broker.report(executed(stage));
    stage.broker.report(executed(stage, { clientOrderId }));
    stage.broker.report(executed(stage, { clientOrderId, price: ticks(79_000) }));
    const [conflict] = conflictsOf(stage);
    const resolution = { differenceId: conflict?.id ?? '', choice: 'adopt', reason: 'asked', actor: 'trader' } as const;
    await stage.assembly.execution.resolve(resolution);
    expect(heldOf(stage)).toBe(1);
    expect(stage.journal.fills({ symbol: NQ }).at(-1)).toMatchObject({ execKey: `${KEY}|linked`, price: 79_000 });
  });

  it('is closed with the rest by one who flattens', async () => {
    const { stage } = await working();
    stage.paper.exchange.placeElsewhere({ symbol: NQ, direction: 1, type: 'market', quantity: 2, price: null });
    stage.paper.setFillSource('quotes');
    stage.quote(NQ, 80_000);
    const held = heldOf(stage);
    expect(held).toBeGreaterThanOrEqual(2);
    await stage.assembly.execution.flatten(NQ);
    const closing = stage.broker.submitted.filter(({ entry }) => entry.role === 'flatten');
    expect(closing.map(({ entry }) => entry.quantity)).toEqual([held]);
  });
});
