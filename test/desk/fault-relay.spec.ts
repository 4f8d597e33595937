import { describe, expect, it } from 'vitest';
import { type Fault, NO_FAULTS } from '#desk/adapters/brokers/fault-plan.ts';
import { memoryFolder } from '#test/support/venue/folder.ts';
import { SYMBOLS, World, makeTemplate } from '#test/support/venue/world.ts';
import { seedsOf, timeLimit } from '#test/support/scale.ts';

const [ON = ''] = SYMBOLS;
const SEEDS = 4;

const FAULTS: readonly Fault[] = [
  ...(['lose-submit', 'lose-answer', 'drop-before', 'drop-after', 'half-open', 'duplicate-request'] as const),
  ...(['duplicate-event', 'lose-event', 'reject-late', 'late-fill', 'fail-snapshot', 'partial-snapshot'] as const),
  ...(['cannot-tell', 'refuse-connect', 'restate'] as const),
];

describe('one fault of the line at every step of a trade', () => {
  it.each(FAULTS)(
    '%s: nothing is sent twice, and in the end everything is known',
    async (fault) => {
      const folder = memoryFolder();
      const template = await makeTemplate(folder);
      for (const seed of seedsOf(SEEDS)) {
        const world = new World(seed, { template, folder, plan: NO_FAULTS });
        const { rig } = world;
        await rig.advance(61_500);
        await world.propose(ON, 1, 0.85);
        rig.link.force(fault);
        await world.approve(1);
        // What is about snapshots and logons meets the reconnect.
        await rig.advance(500 * (seed % 7));
        rig.link.drop();
        await rig.advance(20_000);
        world.check();
        rig.link.force(fault);
        world.watch(world.desk.assembly.execution.flatten(ON));
        await rig.advance(10_000);
        await world.crash();
        await world.settle();
        const { book } = world.desk.assembly;
        expect(book.orders().filter(({ certainty }) => certainty.kind === 'in-doubt')).toEqual([]);
        expect(world.auditor.position(ON)).toBe(world.atVenue(ON));
        world.close();
      }
    },
    timeLimit(60_000),
  );
});
