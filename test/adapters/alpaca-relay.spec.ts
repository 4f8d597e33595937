import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs, ticks } from '#shared/units.ts';
import { passTime, TCP_FAULTS } from './relay-line.ts';
import { createVirtualClock } from './virtual-clock.ts';
import { ACCOUNT, brokerParts, deskSide } from '#test/support/alpaca/desk-side.ts';
import { startAlpaca } from '#test/support/alpaca-server/server.ts';
import { bracketGroup, contractTerms, foldOf } from '#test/support/broker-contract.ts';
import { startFaultRelay } from '#test/support/fault-relay.ts';
import { seedsOf } from '#test/support/scale.ts';

const signal = new AbortController().signal;
/** In every run; `DURABILITY_SCALE=50` makes two hundred of four, `SEED=n` is that one alone. */
const SEEDS = 4;

describe('a line that is spoiled while a bracket is sent and fills', () => {
  const seeds = seedsOf(SEEDS);
  it.each(TCP_FAULTS.flatMap((fault) => seeds.map((seed) => [fault, seed] as const)))(
    '%s, seed %i: no ghost, no double, no lost fill, a clear state',
    async (fault, seed) => {
      const clock = createVirtualClock(Date.now());
      const server = await startAlpaca();
      const relay = await startFaultRelay({ port: server.port, seed });
      onTestFinished(() => relay.close());
      const rest = `http://127.0.0.1:${relay.port}`;
      const { broker } = await deskSide({
        ...{ server, parts: { ...brokerParts({ clock }) } },
        config: { tradingUrl: rest, streamUrl: `ws://127.0.0.1:${relay.port}/stream` },
      });
      server.exchange.now = () => clock.now();
      passTime(clock);
      await broker.connect(signal);
      const fold = foldOf(broker);
      relay.begin(fault);
      const entry = contractTerms('QQQ', ACCOUNT, { type: 'limit', price: ticks(48_000) });
      const group = bracketGroup(entry, 47_000, 49_000);
      const outcome = await fold.submit(group);
      server.exchange.setOffer(1);
      for (let n = 0; n < 2; n += 1) server.exchange.move('QQQ', { bid: '479.99', ask: '480.00' });
      relay.calm();

      const whole = async () => {
        for (let n = 0; n < 20; n += 1) {
          try {
            if (broker.connection().state === 'disconnected') await broker.connect(signal);
            return await broker.snapshot(epochMs(0), signal);
          } catch {
            relay.reset();
          }
        }
        throw new Error(`it never came back: ${broker.connection().detail ?? ''}`);
      };
      const held = await whole();
      const { orders, executions } = server.exchange;
      const there = orders.filter(({ clientOrderId }) => clientOrderId === entry.clientOrderId);
      expect(there.length).toBeLessThanOrEqual(1);
      expect(server.posted(entry.clientOrderId)).toBeLessThanOrEqual(1);
      if (outcome.kind === 'rejected') expect(there).toEqual([]);
      if (outcome.kind === 'accepted') expect(orders).toHaveLength(3);
      // Every execution of the venue is known, once, whichever way it came.
      const told = [...fold.fills.values()];
      expect(new Set([...told, ...held.fills].map(({ execKey }) => execKey)).size).toBe(executions.length);
      const position = server.exchange.position('QQQ');
      expect(held.positions[0]?.quantity ?? 0).toBe(position);
      expect(held.fills.reduce((sum, fill) => sum + fill.direction * fill.quantity, 0)).toBe(position);
      for (const fill of held.fills) expect(fill.clientOrderId).toBe(entry.clientOrderId);
      expect((await broker.find(entry.clientOrderId)).kind).toBe(there.length === 0 ? 'absent' : 'found');
      expect(broker.connection().state).toBe('live');
    },
    60_000,
  );
});
