import { afterEach, describe, expect, it, vi } from 'vitest';
import { ageText } from '#shared/format/numbers.ts';
import { epochMs } from '#shared/units.ts';
import { NO_FAULTS } from '#desk/adapters/brokers/fault-plan.ts';
import { isSessionOpen, sessionDay } from '#desk/engine/session.ts';
import type { Broker } from '#desk/ports/broker.ts';
import { createClock } from '#desk/profiles/clocks.ts';
import { memoryFolder } from '#test/support/venue/folder.ts';
import { SYMBOLS, World, type WorldOptions, makeTemplate } from '#test/support/venue/world.ts';

const [ON = ''] = SYMBOLS;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** What the order path tolerates: prices that look this old, or this far ahead, are not taken for prices of now. */
const TOLERATED = { older: 15 * SECOND, ahead: 5 * SECOND };
const JUMPS = [SECOND, 6 * SECOND, 30 * SECOND, MINUTE, HOUR, 8 * HOUR, DAY].flatMap((ms) => [ms, -ms]);
const named = (ms: number): string => `${ms > 0 ? 'forward' : 'back'} ${Math.abs(ms) / SECOND} s`;
const every = JUMPS.map((ms) => [named(ms), ms] as const);
const big = JUMPS.filter((ms) => ms > TOLERATED.older || ms < -TOLERATED.ahead).map((ms) => [named(ms), ms] as const);

async function newWorld(options: Pick<WorldOptions, 'broker'> = {}): Promise<World> {
  const folder = memoryFolder();
  const world = new World(1, { template: await makeTemplate(folder), folder, plan: NO_FAULTS, ...options });
  await world.rig.advance(61_500);
  return world;
}
const newest = (world: World) => {
  const found = world.desk.assembly.recommendations.current().find(({ symbol }) => symbol === ON);
  if (found === undefined) throw new Error(`nothing was decided for ${ON}`);
  return found;
};
/** One proposal that stands. */
async function proposed(): Promise<World> {
  const world = await newWorld();
  await world.propose(ON, 1, 0.85);
  expect(newest(world).state).toBe('proposed');
  return world;
}
/** A reading of the venue's clock may be off by half the time to it and back. */
const WIRE = 20;
const told = ({ desk }: World) => desk.notices.all().find(({ id }) => id === 'clock-skew');
/** Every age that decisions and checks have recorded, in ms. */
function recordedAges({ desk: { journal } }: World): readonly number[] {
  return [...journal.events({ kinds: ['risk-check', 'decision'] })].flatMap(({ event }) =>
    event.kind === 'risk-check'
      ? event.rules.flatMap(({ unit, value }) => (unit === 'ms' && value !== null ? [value] : []))
      : [],
  );
}

describe('a wall clock that is set while the desk runs', () => {
  it.each(big)('%s: what was proposed before is not sent', async (_, ms) => {
    const world = await proposed();
    world.desk.end.clock.jump(ms);
    await world.approve(1);
    await world.rig.advance(5 * SECOND);
    expect(world.rig.arrivals()).toEqual([]);
    expect(world.desk.assembly.book.orders()).toEqual([]);
    world.check();
    world.close();
  });

  it.each(big)('%s: nothing new is proposed from prices of another time', async (_, ms) => {
    const world = await newWorld();
    world.desk.end.clock.jump(ms);
    await world.rig.advance(10 * SECOND);
    await world.propose(ON, 1, 0.85);
    await world.approve(1);
    await world.rig.advance(5 * SECOND);
    expect(world.rig.arrivals()).toEqual([]);
    world.check();
    world.close();
  });

  it.each(every)('%s: a proposal expires within its minute all the same', async (_, ms) => {
    const world = await proposed();
    world.desk.end.clock.jump(ms);
    await world.rig.advance(MINUTE + SECOND);
    expect(newest(world).state).toBe('expired');
    world.close();
  });

  it.each(every)('%s: what is held can be closed at once', async (_, ms) => {
    const world = await proposed();
    await world.approve(1);
    await world.rig.advance(20 * SECOND);
    const held = world.atVenue(ON);
    expect(held).toBeGreaterThan(0);
    world.desk.end.clock.jump(ms);
    world.watch(world.desk.assembly.execution.flatten(ON));
    await world.rig.advance(30 * SECOND);
    expect(world.atVenue(ON)).toBe(0);
    world.check();
    world.close();
  });

  it.each(every)('%s: broker and journal are still compared each minute', async (_, ms) => {
    const world = await proposed();
    world.desk.end.clock.jump(ms);
    world.rig.exchange.placeElsewhere({ symbol: ON, direction: 1, type: 'market', quantity: 1, price: null });
    await world.rig.advance(3 * MINUTE);
    expect(world.desk.assembly.book.positions()).toMatchObject([{ symbol: ON, quantity: 1 }]);
    expect(world.desk.assembly.execution.view().locks).toMatchObject([{ symbol: ON }]);
    world.close();
  });

  it.each([-MINUTE, -HOUR, -DAY].map((ms) => [named(ms), ms] as const))(
    '%s: a market in which something had just happened is compared all the same',
    async (_, ms) => {
      let isDifferent = false;
      const world = await newWorld({
        broker: (broker) => ({
          ...broker,
          snapshot: async (since, signal) => {
            const taken = await broker.snapshot(since, signal);
            const positions = taken.positions.map((one) => ({
              ...one,
              quantity: one.quantity + (isDifferent ? 1 : 0),
            }));
            return { ...taken, positions };
          },
        }),
      });
      await world.propose(ON, 1, 0.85);
      await world.approve(1);
      await world.rig.advance(2 * SECOND);
      expect(world.atVenue(ON)).toBeGreaterThan(0);
      world.rig.feed.stop();
      isDifferent = true;
      world.desk.end.clock.jump(ms);
      await world.rig.advance(20 * SECOND);
      expect(world.desk.assembly.execution.lock(ON)).toContain('the broker holds');
      world.close();
    },
  );

  it('back: a cancel that nobody answers is in doubt after its time', async () => {
    const world = await newWorld({ broker: (broker) => ({ ...broker, cancel: () => new Promise(() => undefined) }) });
    await world.propose(ON, 1, 0.85);
    await world.approve(1);
    await world.rig.advance(20 * SECOND);
    const stop = world.desk.assembly.book.workingOrders(ON).find(({ role }) => role === 'stop');
    void world.desk.assembly.execution.cancel(stop?.clientOrderId ?? '');
    await world.rig.advance(SECOND);
    world.desk.end.clock.jump(-HOUR);
    await world.rig.advance(5 * SECOND);
    const doubts = [...world.desk.journal.events({ kinds: ['order'] })].filter(
      ({ event }) => event.clientOrderId === stop?.clientOrderId && event.event.kind === 'in-doubt',
    );
    expect(doubts).toHaveLength(1);
    world.close();
  });

  it('forward: absence is proven by time that has passed, not by the clock', async () => {
    const deaf = (broker: Broker): Broker => ({
      ...broker,
      submit: () => Promise.resolve({ kind: 'unknown', why: 'timeout' }),
      find: () => Promise.resolve({ kind: 'absent' }),
    });
    const world = await newWorld({ broker: deaf });
    await world.propose(ON, 1, 0.85);
    await world.approve(1);
    world.desk.end.clock.jump(MINUTE);
    await world.rig.advance(20 * SECOND);
    expect(world.desk.assembly.book.orders().map(({ certainty }) => certainty.kind)).toContain('in-doubt');
    await world.rig.advance(30 * SECOND);
    expect(world.desk.assembly.book.orders()).toEqual([]);
    world.close();
  });

  it.each([-4 * SECOND, -2 * SECOND, -1_001 - WIRE, 1_001 + WIRE, 2 * SECOND, 6 * SECOND])(
    'set by %d ms sends nothing: the clock is off by more than a second',
    async (ms) => {
      const world = await proposed();
      world.desk.end.clock.jump(ms);
      await world.approve(1);
      await world.rig.advance(5 * SECOND);
      expect(world.rig.arrivals()).toEqual([]);
      expect(told(world)).toMatchObject({ level: 'error' });
      world.check();
      // Set right again, nothing stands in the way of the next one.
      world.desk.end.clock.jump(-ms);
      await world.rig.advance(61 * SECOND);
      expect(told(world)).toBeUndefined();
      await world.propose(ON, 1, 0.85);
      await world.approve(1);
      await world.rig.advance(5 * SECOND);
      expect(world.rig.arrivals()).toHaveLength(1);
      world.close();
    },
  );

  it.each([-900, -600, 600, 900])('set by %d ms warns, and sends', async (ms) => {
    const world = await proposed();
    world.desk.end.clock.jump(ms);
    await world.rig.advance(2 * SECOND);
    expect(told(world)).toMatchObject({ level: 'warn' });
    await world.approve(1);
    await world.rig.advance(5 * SECOND);
    expect(world.rig.arrivals()).toHaveLength(1);
    world.close();
  });

  it.each([-400, 400])('set by %d ms is nothing to speak of', async (ms) => {
    const world = await proposed();
    world.desk.end.clock.jump(ms);
    await world.rig.advance(2 * SECOND);
    expect(told(world)).toBeUndefined();
    world.close();
  });

  it('set by more than half a second has broker and journal compared at once', async () => {
    const world = await newWorld();
    await world.rig.advance(5 * SECOND);
    const compared = () => world.desk.assembly.execution.view().reconciliation.at;
    const before = compared();
    await world.rig.advance(3 * SECOND);
    expect(compared()).toBe(before);
    world.desk.end.clock.jump(600);
    await world.rig.advance(3 * SECOND);
    expect(compared()).not.toBe(before);
    world.close();
  });

  it.each([-2 * SECOND, -900])('set by %d ms records no age below zero', async (ms) => {
    const world = await proposed();
    world.desk.end.clock.jump(ms);
    await world.approve(1);
    await world.rig.advance(5 * SECOND);
    const ages = recordedAges(world);
    expect(ages.length).toBeGreaterThan(0);
    expect(ages.filter((age) => age < 0)).toEqual([]);
    world.close();
  });
});

describe('a machine that slept eight hours', () => {
  it('wakes to an expired proposal and sends nothing of before', async () => {
    const world = await proposed();
    world.desk.end.clock.sleep();
    world.rig.feed.stop();
    await world.rig.advance(8 * HOUR);
    world.desk.end.clock.wake();
    await world.approve(1);
    await world.rig.advance(5 * SECOND);
    expect(world.rig.arrivals()).toEqual([]);
    expect(newest(world).state).toBe('expired');
    world.check();
    world.close();
  });

  it('finds out what its orders became meanwhile', async () => {
    const world = await proposed();
    await world.approve(1);
    await world.rig.advance(20 * SECOND);
    expect(world.atVenue(ON)).toBeGreaterThan(0);
    world.desk.end.clock.sleep();
    world.rig.link.drop();
    world.rig.feed.move(ON, 60_000);
    await world.rig.advance(10 * SECOND);
    world.rig.feed.stop();
    await world.rig.advance(8 * HOUR);
    expect(world.atVenue(ON)).toBe(0);
    world.desk.end.clock.wake();
    await world.rig.advance(3 * MINUTE);
    expect(world.desk.assembly.book.positions()).toEqual([]);
    world.check();
    world.close();
  });
});

describe('the clock of a live desk', () => {
  afterEach(() => void vi.useRealTimers());

  /** A clock that is live on fake machine time, and the times its task of each second ran. */
  const live = (): { readonly ticks: () => number; readonly stop: () => void; readonly at: number } => {
    const at = Date.UTC(2026, 0, 15, 14);
    vi.useFakeTimers({ now: at });
    const clock = createClock(epochMs(at));
    let ticks = 0;
    clock.every(SECOND, () => (ticks += 1));
    clock.goLive();
    vi.advanceTimersByTime(10 * SECOND);
    return { ticks: () => ticks, stop: () => clock.stop(), at };
  };

  it.each([SECOND, MINUTE, HOUR, DAY])('set forward by %d ms goes on with what it does each second', (ms) => {
    const { ticks, stop, at } = live();
    const before = ticks();
    vi.setSystemTime(at + 10 * SECOND + ms);
    vi.advanceTimersByTime(10 * SECOND);
    expect(ticks() - before).toBeGreaterThanOrEqual(9);
    expect(ticks() - before).toBeLessThanOrEqual(12);
    stop();
  });

  it.each([MINUTE, HOUR, DAY])('set back by %d ms goes on with what it does each second', (ms) => {
    const { ticks, stop, at } = live();
    const before = ticks();
    vi.setSystemTime(at + 10 * SECOND - ms);
    vi.advanceTimersByTime(10 * SECOND);
    stop();
    expect(ticks() - before).toBeGreaterThanOrEqual(9);
  });
});

describe('ages and days around a change of the clock', () => {
  it.each([-1, -SECOND, -DAY])('an age of %d ms is shown without a sign', (ms) => {
    expect(ageText(epochMs(1_768_489_200_000 - ms), epochMs(1_768_489_200_000))).not.toMatch(/[-−]/);
  });

  it('a session day holds every instant once, over both changes to and from summer time', () => {
    for (const change of [Date.UTC(2026, 2, 8), Date.UTC(2026, 10, 1)]) {
      let before = '';
      for (let at = change - 2 * DAY; at < change + 3 * DAY; at += 10 * MINUTE) {
        const day = sessionDay(epochMs(at), 'cme');
        expect(day >= before, `${new Date(at).toISOString()}: ${day} after ${before}`).toBe(true);
        before = day;
      }
    }
  });

  it('the session opens and closes at the exchange’s own hour on both sides of the change', () => {
    // Globex opens at 17:00 in Chicago: 23:00 UTC in winter, 22:00 UTC in summer.
    const opens = (day: number, hour: number): boolean =>
      !isSessionOpen(epochMs(Date.UTC(2026, 2, day, hour, -1)), 'cme') &&
      isSessionOpen(epochMs(Date.UTC(2026, 2, day, hour, 1)), 'cme');
    expect(opens(4, 23)).toBe(true);
    expect(opens(11, 22)).toBe(true);
  });
});
