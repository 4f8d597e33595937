import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FAULTS, ROUGH } from '#desk/adapters/brokers/fault-plan.ts';
import { live, sequences, type Step } from '#test/support/venue/commands.ts';
import { memoryFolder } from '#test/support/venue/folder.ts';
import { World, makeTemplate } from '#test/support/venue/world.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';

/** What every line must meet in its runs, so that the checks have something to check. */
const MET = [
  ...['entries', 'approvals', 'crashes', 'died at a write', 'refused', 'executions', 'halted', 'resumed'],
  'flattened',
];
/** What one run in ten comes up against: asked of so many that one without is a matter of once in ten million. */
const NEAR = ['cancelled', 'margin near its limit', 'correlated exposure near its limit'];

const FILE = 'test/property/execution-model.spec.ts';

/**
 * A deterministic simulation (R14): virtual time, network, venue, prices, models and the moments at which the desk's
 * process dies all by seed. A failure says with what command it is lived through again, to the last bit of the journal
 * (`execution-model-control.spec.ts` proves that). DURABILITY_SCALE=5 makes a thousand sequences of two hundred.
 */
const fromEnvironment = (): { seed?: number; path?: string; endOnFailure: boolean } => {
  const { MODEL_SEED, MODEL_PATH, MODEL_SHRINK } = process.env;
  return {
    // Looking for a shorter one takes minutes, which a run in which something has failed does not have.
    endOnFailure: MODEL_SHRINK === undefined,
    ...(MODEL_SEED === undefined ? {} : { seed: Number(MODEL_SEED) }),
    ...(MODEL_PATH === undefined ? {} : { path: MODEL_PATH }),
  };
};

/** Says how a failed run is lived through again, before everything else. */
function assertReplayable(outcome: fc.RunDetails<[number, readonly Step[]]>, line: string): void {
  if (!outcome.failed) return;
  const { seed, counterexamplePath, counterexample, errorInstance } = outcome;
  const again = `MODEL_SEED=${seed} MODEL_PATH=${counterexamplePath ?? ''} npx vitest run ${FILE} -t '${line}'`;
  const steps = counterexample === null ? '' : fc.stringify(counterexample[1]);
  const said = errorInstance instanceof Error ? errorInstance.message : 'it was interrupted';
  throw new Error(`${said}\n\nAgain: ${again}\n(with MODEL_SHRINK=1 for a shorter one)\n${steps}`, {
    cause: errorInstance,
  });
}

describe('a desk on a venue, whatever happens', () => {
  it.each([
    ['a good line', NO_FAULTS, rounds(40)],
    ['a bad line', ROUGH, rounds(160)],
  ])(
    'on %s: one approved intent one order, fills are the position, limits hold, a halt holds, the journal is the state',
    async (line, plan, numRuns) => {
      const folder = memoryFolder();
      const template = await makeTemplate(folder);
      const met = new Map<string, number>();
      const outcome = await fc.check(
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
      assertReplayable(outcome, line);
      // A short run, or one that is lived through again, need not meet everything.
      if (numRuns < 40 || process.env['MODEL_PATH'] !== undefined) return;
      for (const what of [...MET, ...(numRuns < 160 ? [] : NEAR)]) expect(met.get(what) ?? 0, what).toBeGreaterThan(0);
    },
    timeLimit(300_000),
  );
});
