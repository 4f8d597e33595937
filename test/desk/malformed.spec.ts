import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDesk } from '#desk/desk.ts';
import { linkClient } from '#desk/serve.ts';
import { contract, isOperation } from '#shared/contract/index.ts';
import { rounds } from '#test/support/scale.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const MESSAGES = 10_000;
const OPERATIONS = Object.keys(contract).filter(isOperation);

const hostile = fc.oneof(
  fc.anything(),
  fc.constantFrom(NaN, Infinity, -0, 1e308, '__proto__', 'constructor', { toString: null }, [], [[]]),
  fc.string({ maxLength: 2_000, unit: 'binary' }),
);
/** Frames that look like ours more or less: the nearer, the deeper they get. */
const frame = fc.oneof(
  hostile,
  fc.record({ kind: fc.constant('call'), id: hostile, op: fc.constantFrom(...OPERATIONS), input: hostile }),
  fc.record({
    kind: fc.constant('call'),
    id: fc.nat(),
    op: fc.oneof(fc.constantFrom(...OPERATIONS), fc.constantFrom('__proto__', 'toString', 'constructor', '')),
    input: fc.dictionary(
      fc.constantFrom('id', 'contracts', 'reason', 'symbol', 'clientOrderId', 'limit', 'filter', '__proto__'),
      hostile,
    ),
  }),
  fc.record({ kind: fc.constant('subscribe'), after: hostile }),
  fc.record({ kind: hostile, id: hostile, op: hostile, input: hostile, extra: hostile }),
);

describe('10,000 malformed messages', () => {
  it('leave a whole desk alive and as it was', async () => {
    const desk = await openDesk({ dataFolder: temporaryFolder(), profile: 'simulation', seed: 7, warmUpSessions: 3 });
    await desk.ready();
    const incidents: unknown[] = [];
    const sent: string[] = [];
    const door = {
      handlers: desk.handlers,
      stream: desk.stream,
      onIncident: (one: unknown) => void incidents.push(one),
    };
    const link = linkClient(door, { send: (reply) => void sent.push(JSON.stringify(reply)) });
    const stateOf = async () => {
      const { risk, orders, positions, execution } = await desk.handlers['desk.snapshot']({});
      const own = orders.filter(({ role }) => role === 'flatten' || role === 'entry').map((o) => o.clientOrderId);
      return { state: risk.tradingState, own: own.sort(), positions: positions.length, kill: execution.kill.step };
    };
    const before = await stateOf();
    const prototype = Object.getOwnPropertyNames(Object.prototype).sort();
    let given = 0;
    for (const message of fc.sample(frame, { numRuns: rounds(MESSAGES), seed: 20_261_129 })) {
      // A valid halt is not malformed: it is what it says.
      if (isValid(message)) continue;
      link.receive(message);
      given += 1;
      if (given % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    link.close();
    expect(given).toBeGreaterThan(rounds(MESSAGES) * 0.95);
    expect(sent.length).toBeGreaterThan(100);
    expect(sent.filter((text) => /\.ts:|node_modules|    at /.test(text))).toEqual([]);
    expect(incidents).toEqual([]);
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(await stateOf()).toEqual(before);
    await desk.close();
  });
});

/** Whether a message is one the desk should act on. */
function isValid(message: unknown): boolean {
  if (typeof message !== 'object' || message === null || !('op' in message) || !('input' in message)) return false;
  const { op, input } = message;
  if (typeof op !== 'string' || !isOperation(op) || contract[op].kind !== 'command') return false;
  return contract[op].input.safeParse(input).success;
}
