import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_FAULTS } from '#desk/adapters/brokers/fault-plan.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { memoryFolder } from '#test/support/venue/folder.ts';
import { SYMBOLS, World, makeTemplate } from '#test/support/venue/world.ts';

const [ON = ''] = SYMBOLS;
const RUNS = 30;

/** What a trader may try while only what reduces risk may leave; `by` is in ticks or picks an order. */
const attempts = fc.array(
  fc.record({
    what: fc.constantFrom('signal', 'replace', 'protect', 'flatten', 'wait', 'crash', 'move'),
    direction: fc.constantFrom<1 | -1>(1, -1),
    by: fc.integer({ min: 0, max: 400 }),
  }),
  { minLength: 3, maxLength: 10 },
);
type Attempt = typeof attempts extends fc.Arbitrary<(infer T)[]> ? T : never;

async function attempt(world: World, { what, direction, by }: Attempt): Promise<void> {
  const { execution } = world.desk.assembly;
  if (what === 'signal') {
    await world.propose(ON, direction, 0.85);
    await world.approve(2);
  }
  const order = world.pickOrder(by);
  if (what === 'replace' && order?.price != null)
    world.watch(
      execution.replace({ clientOrderId: order.clientOrderId, price: world.near(ON, direction * by), quantity: null }),
    );
  if (what === 'protect') world.watch(execution.protect(ON, world.near(ON, direction * by)));
  if (what === 'flatten') world.watch(execution.flatten(ON));
  if (what === 'crash') await world.crash();
  if (what === 'move') world.rig.feed.move(ON, world.near(ON, direction * 10 * by));
  await world.rig.advance(500 + 10 * by);
}

it(
  'while only reducing is allowed, nothing that is tried raises what is held or turns it round',
  async () => {
    const folder = memoryFolder();
    const template = await makeTemplate(folder);
    let closed = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom<1 | -1>(1, -1), attempts, async (seed, side, all) => {
        const world = new World(seed, { template, folder, plan: NO_FAULTS });
        try {
          await world.rig.advance(61_500);
          await world.propose(ON, side, 0.85);
          await world.approve(1);
          await world.rig.advance(2_000);
          // What of the entry is not filled yet was sent while that was allowed: it is taken back first.
          for (const { role, clientOrderId } of world.desk.assembly.book.orders())
            if (role === 'entry') world.watch(world.desk.assembly.execution.cancel(clientOrderId));
          await world.rig.advance(2_000);
          await world.elsewhere(ON, side, null);
          await world.rig.advance(2_000);
          // The venue rejects one in twenty: then nothing was traded elsewhere, and nothing is wrong.
          if (world.desk.assembly.ledger.state().state === 'active') return;
          let before = world.atVenue(ON);
          for (const one of all) {
            await attempt(world, one);
            const now = world.atVenue(ON);
            expect(now * before, one.what).toBeGreaterThanOrEqual(0);
            expect(Math.abs(now), one.what).toBeLessThanOrEqual(Math.abs(before));
            if (now === 0 && before !== 0) closed += 1;
            before = now;
          }
          world.check();
        } finally {
          world.close();
        }
      }),
      {
        numRuns: rounds(RUNS),
        // Found here: a stop beside a closing order that fills in parts, reached before the last part.
        examples: [
          [
            0,
            -1,
            [
              { what: 'flatten', direction: 1, by: 0 },
              { what: 'protect', direction: 1, by: 1 },
              { what: 'signal', direction: 1, by: 0 },
              { what: 'signal', direction: 1, by: 0 },
              { what: 'signal', direction: 1, by: 99 },
            ],
          ],
        ],
      },
    );
    // Reducing is not standing still: what closes gets out.
    expect(closed).toBeGreaterThan(0);
  },
  timeLimit(120_000),
);
