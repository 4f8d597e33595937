import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { passTime, TCP_FAULTS } from './relay-line.ts';
import { createVirtualClock } from './virtual-clock.ts';
import { lengthPrefixed } from '#test/support/fault-relay-plan.ts';
import { startFaultRelay } from '#test/support/fault-relay.ts';
import { seedsOf } from '#test/support/scale.ts';
import { ACCOUNT, bracket, deskSide, until } from '#test/support/ib/desk-side.ts';

const signal = new AbortController().signal;

/** In every run; `DURABILITY_SCALE=50` makes two hundred of four, `SEED=n` is that one alone. */
const SEEDS = 4;

/** A bracket is sent and fills while the line is spoiled; then the line is honest again. */
async function sendThrough(fault: (typeof TCP_FAULTS)[number], seed: number) {
  const clock = createVirtualClock(Date.now());
  const behind = await deskSide();
  const relay = await startFaultRelay({ port: behind.tws.port, seed, frames: lengthPrefixed() });
  onTestFinished(() => relay.close());
  const { broker, tws, events } = await deskSide({ parts: { clock }, behind: { tws: behind.tws, port: relay.port } });
  tws.setNow(() => clock.now());
  passTime(clock);
  await broker.connect(signal);
  const nq = tws.contract('NQZ6');
  relay.begin(fault);
  const group = bracket();
  const outcome = await broker.submit(group);
  tws.exchange.setOffer(1);
  for (let n = 0; n < 2; n += 1) tws.move(nq, { bid: 19_999.75, ask: 20_000, last: 20_000 });
  if (seed % 2 === 0) tws.move(nq, { bid: 19_989, ask: 19_989.25, last: 19_989 });
  relay.calm();
  return { broker, tws, events, group, outcome, nq, relay };
}

describe('a line that is spoiled while a bracket is sent and fills', () => {
  const seeds = seedsOf(SEEDS);
  it.each(TCP_FAULTS.flatMap((fault) => seeds.map((seed) => [fault, seed] as const)))(
    '%s, seed %i: no ghost, no double, no lost fill, a clear state',
    async (fault, seed) => {
      const { broker, tws, events, group, outcome, nq, relay } = await sendThrough(fault, seed);
      const whole = async () => {
        for (let n = 0; n < 20; n += 1) {
          try {
            if (broker.connection().state === 'disconnected') await broker.connect(signal);
            return await broker.snapshot(epochMs(0), signal);
          } catch {
            // Until TWS has noticed too that the line before is dead, it says that the client is connected.
            relay.reset();
            await until(() => tws.clients().length === 0);
          }
        }
        throw new Error(`it never came back: ${broker.connection().detail ?? ''}`);
      };
      const held = await whole();
      const ids = [group.entry, group.stop, group.target].map((leg) => leg.clientOrderId);
      const there = tws.exchange.orders.filter(({ orderRef }) => ids.includes(orderRef));
      expect(new Set(there.map(({ orderRef }) => orderRef)).size).toBe(there.length);
      if (outcome.kind === 'rejected') expect(there).toEqual([]);
      if (outcome.kind === 'accepted') expect(there).toHaveLength(3);
      // Every execution of the venue is known, once, whichever way it came.
      const told = events.flatMap((event) => (event.kind === 'fill' ? [event.fill] : []));
      const keys = new Set([...told, ...held.fills].map(({ execKey }) => execKey));
      expect(keys.size).toBe(tws.exchange.executions.length);
      expect(new Set(told.map(({ execKey }) => execKey)).size).toBe(told.length);
      const position = tws.exchange.positions().find((p) => p.account === ACCOUNT && p.contract === nq)?.quantity ?? 0;
      expect(held.positions[0]?.quantity ?? 0).toBe(position);
      expect(held.fills.reduce((sum, fill) => sum + fill.direction * fill.quantity, 0)).toBe(position);
      expect(broker.connection().state).toBe('live');
    },
  );
});
