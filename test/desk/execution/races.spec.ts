import { describe, expect, it, vi } from 'vitest';
import { epochMs, money, ticks } from '#shared/units.ts';
import { JournalWriteError } from '#desk/journal/errors.ts';
import { ACCOUNT, errorOf, newStage, settle, type Stage, type StageOptions } from '#test/desk/stage.ts';

const NQ = 'NQ';

async function approved(options: StageOptions = {}, rests = false): Promise<{ stage: Stage; id: string }> {
  const stage = await newStage(options);
  stage.say(NQ, { direction: 1, confidence: 0.75 });
  const { id, decision } = await stage.proposal(NQ);
  if (rests) stage.paper.setFillSource('bars');
  const request = { id, contracts: decision.contracts, reason: null };
  const { clientOrderId } = await stage.assembly.pipeline.approve(request, 'trader');
  return { stage, id: clientOrderId ?? '' };
}
const held = (stage: Stage): number => stage.assembly.book.positions()[0]?.quantity ?? 0;
const partOf = (stage: Stage, id: string, quantity: number): void => {
  const order = stage.journal.order(id);
  const at = epochMs(stage.clock.now());
  stage.broker.report({
    ...{ execKey: `part-${stage.journal.lastSeq()}`, venue: 'paper', account: ACCOUNT, clientOrderId: id },
    ...{ symbol: NQ, direction: order?.direction ?? 1, quantity, price: ticks(80_000), fee: money(0) },
    ...{ at, receivedAt: at },
  });
};

describe('an order made smaller while it fills', () => {
  // The venue takes an order that is made as small as what it filled for filled; the desk must too, or it never ends.
  it('to what it has filled by then is filled', async () => {
    const { stage, id } = await approved({}, true);
    stage.broker.replace = (order, terms) => {
      partOf(stage, id, 2);
      stage.broker.tell({
        ...{ kind: 'order', clientOrderId: order.clientOrderId },
        ...{ event: { kind: 'replaced', venueOrderId: order.venueOrderId, ...terms }, at: stage.clock.now() },
      });
      return Promise.resolve({ kind: 'accepted' });
    };
    await stage.assembly.execution.replace({ clientOrderId: id, price: null, quantity: 2 });
    expect(stage.journal.order(id)).toMatchObject({
      life: 'filled',
      filled: 2,
      quantity: 2,
      pending: { kind: 'none' },
    });
  });

  it('and of which the answer was lost is filled when the venue says so', async () => {
    const { stage, id } = await approved({}, true);
    stage.broker.replace = () => {
      partOf(stage, id, 2);
      return Promise.resolve({ kind: 'unknown', why: 'timeout' });
    };
    stage.broker.beforeFind = (clientOrderId) => {
      const order = stage.journal.order(clientOrderId);
      if (clientOrderId !== id || order === null) return null;
      const { venueOrderId, symbol, direction, type, price } = order;
      return {
        kind: 'found',
        order: {
          ...{ clientOrderId, venueOrderId: venueOrderId ?? '', symbol, direction, type, price },
          ...{ quantity: 2, filled: 2, state: 'filled', reason: null },
        },
        fills: [],
      };
    };
    await stage.assembly.execution.replace({ clientOrderId: id, price: null, quantity: 2 });
    await stage.pass(2_000);
    expect(stage.journal.order(id)).toMatchObject({
      life: 'filled',
      filled: 2,
      quantity: 2,
      pending: { kind: 'none' },
    });
  });
});

describe('closing what broker and journal do not agree on', () => {
  async function different(atBroker: number): Promise<Stage> {
    const { stage } = await approved();
    expect(held(stage)).toBe(3);
    await stage.pass(6_000);
    stage.quote(NQ, 80_000);
    stage.broker.onSnapshot = (snapshot) => ({
      ...snapshot,
      positions: snapshot.positions.map((position) => ({ ...position, quantity: atBroker })),
    });
    await stage.assembly.execution.reconcile('asked');
    expect(stage.assembly.execution.lock(NQ)).not.toBeNull();
    // From here on the broker does not say what it holds any more.
    stage.broker.onSnapshot = () => Promise.reject(new Error('busy'));
    return stage;
  }
  const closings = (stage: Stage) =>
    stage.broker.submitted.filter(({ entry }) => entry.role === 'flatten').map(({ entry }) => entry.quantity);

  it('closes no more than the broker was last known to hold', async () => {
    const stage = await different(1);
    await stage.assembly.execution.flatten(NQ);
    expect(closings(stage)).toEqual([1]);
  });

  it('sends nothing where the broker was last known to hold the other side, and says so', async () => {
    const stage = await different(-2);
    const error = await errorOf(() => stage.assembly.execution.flatten(NQ));
    expect(error).toMatchObject({ code: 'refused' });
    expect(closings(stage)).toEqual([]);
  });
});

describe('an order that was moved', () => {
  it('counts with the risk it has now: limits of other entries see it', async () => {
    const { stage, id } = await approved({}, true);
    const { book, execution } = stage.assembly;
    const before = book.reservedRisk();
    const stop = stage.journal.order(`${id}S`)?.price ?? ticks(0);
    await execution.replace({ clientOrderId: `${id}S`, price: ticks(stop - 400), quantity: null });
    const { tickValue = 0 } = stage.instruments.get(NQ) ?? {};
    expect(book.reservedRisk()).toBe(before + 3 * 400 * tickValue);
  });

  it('may not take correlated exposure over its limit', async () => {
    const stage = await newStage({ roots: ['NQ', 'ES'], config: { maxCluster: 0.06, maxRiskPerTrade: 0.1 } });
    for (const symbol of ['NQ', 'ES']) stage.say(symbol, { direction: 1, confidence: 0.75 });
    const approve = async (symbol: string): Promise<string> => {
      const { id } = await stage.proposal(symbol);
      const request = { id, contracts: 1, reason: { code: 'size', text: 'a little' } as const };
      const { clientOrderId } = await stage.assembly.pipeline.approve(request, 'trader');
      return clientOrderId ?? '';
    };
    const [nq] = [await approve('NQ'), await approve('ES')];
    expect(stage.assembly.book.positions()).toHaveLength(2);
    const risk = () => stage.assembly.pipeline.risk();
    expect(risk().cluster).toBeGreaterThan(0);
    const { tickValue = 1 } = stage.instruments.get('NQ') ?? {};
    const stop = stage.journal.order(`${nq}S`)?.price ?? 0;
    const move = (by: number) =>
      stage.assembly.execution.replace({ clientOrderId: `${nq}S`, price: ticks(stop - by), quantity: null });
    // Within what one trade may lose, and within the heat.
    const error = await errorOf(() => move(Math.floor((0.065 * risk().sizingEquity) / tickValue)));
    expect(error).toMatchObject({ code: 'refused', remedy: 'move it less far' });
    expect(error.message).toContain('in correlated markets: 6.00 % is allowed');
    await move(Math.floor((0.01 * risk().sizingEquity) / tickValue));
    expect(risk().cluster).toBeLessThanOrEqual(0.06);
  });
});

describe('what the broker tells while broker and journal are compared', () => {
  it('is heard before a stop is put in: what is closed needs none', async () => {
    const { stage, id } = await approved();
    await stage.assembly.execution.cancel(`${id}S`);
    await stage.assembly.execution.cancel(`${id}T`);
    let answer: () => void = () => undefined;
    stage.broker.onSnapshot = (snapshot) => new Promise((resolve) => (answer = () => resolve(snapshot)));
    const comparing = stage.assembly.execution.reconcile('asked');
    await settle();
    const at = epochMs(stage.clock.now());
    stage.broker.report({
      ...{ execKey: 'X-9', venue: 'paper', account: ACCOUNT, clientOrderId: null, symbol: NQ, direction: -1 },
      ...{ quantity: 3, price: ticks(80_000), fee: money(0), at, receivedAt: at },
    });
    const error = await errorOf(() => stage.assembly.execution.protect(NQ, ticks(79_000)));
    expect(error.message).toContain('no position');
    expect(stage.broker.submitted.filter(({ entry }) => entry.role === 'stop')).toEqual([]);
    answer();
    await comparing;
  });
});

describe('a disk that takes nothing', () => {
  it('keeps no order at the broker that the trader cancels', async () => {
    const { stage, id } = await approved({}, true);
    stage.journal.append = () => {
      throw new JournalWriteError('disk-full', stage.path);
    };
    await expect(stage.assembly.execution.cancel(id)).rejects.toThrow(JournalWriteError);
    expect(stage.broker.cancelled).toEqual([id]);
  });

  it('loses no execution: it is told, blocks entries, and is booked as soon as there is room', async () => {
    const { stage, id } = await approved({}, true);
    const full = vi.spyOn(stage.journal, 'append').mockImplementation(() => {
      throw new JournalWriteError('disk-full', stage.path);
    });
    stage.paper.setFillSource('quotes');
    stage.quote(NQ, 79_990);
    expect(held(stage)).toBe(0);
    expect(stage.notices.all().map((notice) => notice.title)).toContain(
      'The desk could not record what the broker told',
    );
    await stage.pass(1_000);
    expect(stage.assembly.execution.brokerState()).toBe('syncing');
    full.mockRestore();
    await stage.pass(40_000);
    expect(held(stage)).toBe(3);
    expect(stage.journal.order(id)).toMatchObject({ life: 'filled', filled: 3 });
    expect(stage.assembly.execution.brokerState()).toBe('live');
  });
});
