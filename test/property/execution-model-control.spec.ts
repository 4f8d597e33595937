import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROUGH } from '#desk/adapters/brokers/fault-plan.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import { type Step, live, sequences } from '#test/support/venue/commands.ts';
import { World, type WorldOptions, makeTemplate } from '#test/support/venue/world.ts';
import { memoryFolder } from '#test/support/venue/folder.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';

/** Runs that a fault may take to be found at most, and runs that are lived through twice. */
const SEARCHED = 80;
const TWICE = 12;
/** Half of all answers are lost: what is sent again meets what is there already. */
const DEAF = { ...ROUGH, loseAnswer: 0.5 };

type Broken = Pick<WorldOptions, 'broker' | 'journal' | 'lax'>;

/** Sends again when it has not heard: the fault that must never be. */
const resends = (broker: Broker): Broker => ({
  ...broker,
  submit: async (group) => {
    const outcome = await broker.submit(group);
    return outcome.kind === 'unknown' ? broker.submit(group) : outcome;
  },
});

/** Sends one contract more than was approved. */
const sendsMore = (broker: Broker): Broker => ({
  ...broker,
  submit: ({ entry, stop, target }) =>
    broker.submit({
      entry: { ...entry, quantity: entry.quantity + 1 },
      stop: stop === null ? null : { ...stop, quantity: stop.quantity + 1 },
      target: target === null ? null : { ...target, quantity: target.quantity + 1 },
    }),
});

const writing = (
  journal: SqliteJournal,
  change: (events: readonly NewEvent[]) => readonly NewEvent[],
): SqliteJournal => ({
  ...journal,
  append: (events) => journal.append(change(events)),
});

/** Never writes an execution of one contract down. */
const losesFills = (journal: SqliteJournal): SqliteJournal =>
  writing(journal, (events) => events.filter(({ event }) => event.kind !== 'fill' || event.fill.quantity !== 1));

/** Sends orders and forgets that it has tried to. */
const forgetsAttempts = (journal: SqliteJournal): SqliteJournal =>
  writing(journal, (events) =>
    events.filter(({ event }) => event.kind !== 'order' || event.event.kind !== 'send-attempt'),
  );

/** Never writes down that trading was armed again: what is sent then is sent while the journal says it is stopped. */
const losesResumes = (journal: SqliteJournal): SqliteJournal =>
  writing(journal, (events) =>
    events.filter(({ event }) => event.kind !== 'trading-state' || event.state !== 'active'),
  );

/** Writes every approval down as one of a single contract. */
const approvesLess = (journal: SqliteJournal): SqliteJournal =>
  writing(journal, (events) =>
    events.map((one) =>
      one.event.kind === 'recommendation' && one.event.state === 'approved'
        ? { ...one, event: { ...one.event, contracts: 1 } }
        : one,
    ),
  );

/** What the suite says of a run; null when it finds nothing. */
async function verdict(world: World, steps: readonly Step[]): Promise<string | null> {
  try {
    await live(world, steps);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    world.close();
  }
}

const sequenceOf = (seed: number): readonly Step[] => fc.sample(sequences, { seed, numRuns: 1 })[0] ?? [];

describe('the checks themselves', () => {
  it.each<[string, Broken, RegExp]>([
    ['a broker that sends again what it has not heard of', { broker: resends }, /reached the venue a second time/],
    ['a broker that sends more than was approved', { broker: sendsMore }, /reached the venue with \d/],
    ['a journal that an execution is not written to', { journal: losesFills }, /execution \S+ of 1 is lost/],
    ['a journal that attempts are not written to', { journal: forgetsAttempts }, /no intent and attempt on disk/],
    [
      'orders that leave while trading is stopped',
      { journal: losesResumes },
      /leaves while trading is (halted|reducing)/,
    ],
    ['an approval of less than is sent', { journal: approvesLess }, /contracts, approved are 1/],
    ['a desk that lets correlated exposure grow', { lax: { maxCluster: 0.15 } }, /correlated exposure: \d+ of \d+/],
    [
      'a desk that takes more margin than it may',
      { lax: { maxMarginShare: 0.5, maxCluster: 0.15 } },
      /margin: \d+ of \d+/,
    ],
  ])(
    'find %s',
    async (_, broken, what) => {
      const folder = memoryFolder();
      const template = await makeTemplate(folder);
      let said: string | null = null;
      for (let seed = 1; said?.match(what) == null && seed <= SEARCHED; seed += 1) {
        said = await verdict(new World(seed, { template, folder, plan: DEAF, ...broken }), sequenceOf(seed));
      }
      expect(said).toMatch(what);
    },
    timeLimit(120_000),
  );

  it(
    'live through the same seed twice in the same way, to the last bit of the journal',
    async () => {
      const folder = memoryFolder();
      const template = await makeTemplate(folder);
      for (let seed = 1; seed <= rounds(TWICE); seed += 1) {
        const heads: string[] = [];
        for (let time = 0; time < 2; time += 1) {
          const world = new World(seed, { template, folder, plan: ROUGH });
          await live(world, sequenceOf(seed));
          heads.push(`${world.close()} ${JSON.stringify(world.rig.link.trace())}`);
        }
        expect(heads[1], `seed ${seed}`).toBe(heads[0]);
        expect(heads[0]).toMatch(/^[0-9a-f]{64} /);
      }
    },
    timeLimit(120_000),
  );
});
