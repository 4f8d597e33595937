import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FAULTS, ROUGH } from '#desk/adapters/brokers/fault-plan.ts';
import { live, sequences } from '#test/support/venue/commands.ts';
import { memoryFolder } from '#test/support/venue/folder.ts';
import { World, makeTemplate } from '#test/support/venue/world.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';

/** What every line must meet in its runs, so that the checks have something to check. */
const MET = [
  ...['entries', 'approvals', 'crashes', 'died at a write', 'refused', 'executions', 'halted', 'resumed'],
  ...['flattened', 'cancelled'],
];
/** What enough runs come up against, so that the limits on them have something to hold. */
const NEAR = ['margin near its limit', 'correlated exposure near its limit'];

/**
 * A failure prints its seed and path: MODEL_SEED=… MODEL_PATH=… lives through that one again. DURABILITY_SCALE=10 makes
 * two thousand sequences of two hundred.
 */
const fromEnvironment = (): { seed?: number; path?: string } => {
  const { MODEL_SEED, MODEL_PATH } = process.env;
  return {
    ...(MODEL_SEED === undefined ? {} : { seed: Number(MODEL_SEED) }),
    ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
  };
};

describe('a desk on a venue, whatever happens', () => {
  it.each([
    ['a good line', NO_FAULTS, rounds(40)],
    ['a bad line', ROUGH, rounds(160)],
  ])(
    'on %s: one approved intent one order, fills are the position, limits hold, a halt holds, the journal is the state',
    async (_, plan, numRuns) => {
      const folder = memoryFolder();
      const template = await makeTemplate(folder);
      const met = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(fc.nat(), sequences, async (seed, steps) => {
          const world = new World(seed, { template, folder, plan });
          try {
            await live(world, steps);
          } finally {
            for (const [what, times] of world.met) met.set(what, (met.get(what) ?? 0) + times);
            world.close();
          }
        }),
        { numRuns, ...fromEnvironment() },
      );
      // A short run, or one that is lived through again, need not meet everything.
      if (numRuns < 40 || process.env['MODEL_PATH'] !== undefined) return;
      for (const what of [...MET, ...(numRuns < 160 ? [] : NEAR)]) expect(met.get(what) ?? 0, what).toBeGreaterThan(0);
    },
    timeLimit(300_000),
  );
});
