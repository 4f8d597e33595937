import { expect, it } from 'vitest';
import { NO_FAULTS } from '#desk/adapters/brokers/fault-plan.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { seedsOf, timeLimit } from '#test/support/scale.ts';
import { memoryFolder } from '#test/support/venue/folder.ts';
import { SYMBOLS, World, makeTemplate } from '#test/support/venue/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const SEEDS = 8;
const ACTS = 40;
/** No entry leaves while the clock is off by more; a reading of the venue's clock is off by the wire at most. */
const TOLERATED_MS = SECOND + 20;

/** A trader at a desk whose wall clock is set, put right, and stopped with the machine, at random. */
class Storm {
  readonly world: World;
  private readonly random: () => number;
  /** What the wall clock is off by, in ms. */
  private skew = 0;
  /** Arrivals at the venue that were looked at. */
  private seen = 0;
  jumps = 0;

  constructor(world: World, random: () => number) {
    this.world = world;
    this.random = random;
  }

  private pick<T>(of: readonly [T, ...T[]]): T {
    return of[Math.floor(this.random() * of.length)] ?? of[0];
  }

  /** From a second to a day with equal chance for each order of magnitude; forward or back. */
  private async jump(): Promise<void> {
    const by = Math.round(SECOND * (DAY / SECOND) ** this.random()) * this.pick([1, -1]);
    await this.set(this.skew + by);
  }

  async set(skew: number): Promise<void> {
    // What left before has arrived: all that comes now left under the new time.
    await this.advance(5 * SECOND);
    this.world.desk.end.clock.jump(skew - this.skew);
    this.skew = skew;
    this.jumps += 1;
  }

  private async sleep(): Promise<void> {
    const { world } = this;
    world.desk.end.clock.sleep();
    world.rig.feed.stop();
    await world.rig.advance(Math.round(this.random() * 8 * 60 * MINUTE));
    world.desk.end.clock.wake();
    world.rig.feed.start();
  }

  /** A proposal and its approval; the clock may be set between the two. */
  private async trade(): Promise<void> {
    await this.world.propose(this.symbol(), this.pick([1, -1]), 0.85);
    await this.advance(this.random() * 5 * SECOND);
    if (this.random() < 0.25) await this.jump();
    await this.world.approve(this.pick([1, 2]));
  }

  private symbol(): string {
    return SYMBOLS[Math.floor(this.random() * SYMBOLS.length)] ?? '';
  }

  private async crash(): Promise<void> {
    await this.world.crash();
    // Another process on the same machine: its clock is off as much.
    this.world.desk.end.clock.jump(this.skew);
  }

  async act(): Promise<void> {
    const { world } = this;
    const chance = this.random();
    if (chance < 0.4) await this.trade();
    else if (chance < 0.52) await this.jump();
    else if (chance < 0.75) await this.set(0);
    else if (chance < 0.79) await this.sleep();
    else if (chance < 0.93) world.watch(world.desk.assembly.execution.flatten(this.symbol()));
    else if (chance < 0.96) await this.crash();
    await this.advance(this.random() < 0.2 ? MINUTE + SECOND : this.random() * 8 * SECOND);
  }

  /** Time passes; an entry that arrives while the clock is off has left a desk that did not look. */
  async advance(ms: number): Promise<void> {
    const { rig } = this.world;
    await rig.advance(Math.round(ms));
    const arrivals = rig.arrivals();
    const entries = arrivals.slice(this.seen).filter(({ group }) => group.entry.role === 'entry');
    this.seen = arrivals.length;
    if (Math.abs(this.skew) > TOLERATED_MS) expect(entries, `sent ${this.skew} ms off`).toEqual([]);
  }

  /** Every age that checks have recorded, in ms. */
  ages(): readonly number[] {
    return [...this.world.desk.journal.events({ kinds: ['risk-check'] })]
      .flatMap(({ event }) => event.rules)
      .flatMap(({ unit, value }) => (unit === 'ms' && value !== null ? [value] : []));
  }

  proposed(): readonly string[] {
    const { recommendations } = this.world.desk.assembly;
    return recommendations.current().flatMap(({ id, state }) => (state === 'proposed' ? [id] : []));
  }
}

it(
  'whatever the wall clock does: nothing leaves while it is off, every proposal ends, and all is known in the end',
  async () => {
    const folder = memoryFolder();
    const template = await makeTemplate(folder);
    let [jumps, sent, aged] = [0, 0, 0];
    for (const seed of seedsOf(SEEDS)) {
      const prng = createPrng(seed);
      const world = new World(seed, { template, folder, plan: NO_FAULTS });
      const storm = new Storm(world, () => prng.nextDouble());
      await world.rig.advance(61_500);
      for (let act = 0; act < ACTS; act += 1) await storm.act();
      const old = storm.proposed();
      await storm.advance(MINUTE + SECOND);
      expect(
        storm.proposed().filter((id) => old.includes(id)),
        `SEED=${seed}: proposals that never end`,
      ).toEqual([]);
      await storm.set(0);
      await world.settle();
      const { book } = world.desk.assembly;
      expect(book.orders().filter(({ certainty }) => certainty.kind === 'in-doubt')).toEqual([]);
      for (const symbol of SYMBOLS) expect(world.auditor.position(symbol), symbol).toBe(world.atVenue(symbol));
      const ages = storm.ages();
      expect(ages.filter((age) => age < 0)).toEqual([]);
      jumps += storm.jumps;
      sent += world.rig.arrivals().length;
      aged += ages.length;
      world.check();
      world.close();
    }
    // A storm in which nothing is traded proves nothing.
    expect(Math.min(jumps, sent, aged)).toBeGreaterThan(0);
  },
  timeLimit(120_000),
);
