import { describe, expect, it } from 'vitest';
import { epochMs, money, ticks } from '#shared/units.ts';
import { NO_FAULTS } from '#desk/adapters/brokers/fault-plan.ts';
import { ACCOUNT, type Stage, newStage } from '#test/desk/stage.ts';
import { memoryFolder } from '#test/support/venue/folder.ts';
import { World, makeTemplate } from '#test/support/venue/world.ts';

const NQ = 'NQ';

async function long(): Promise<Stage> {
  const stage = await newStage();
  stage.say(NQ, { direction: 1, confidence: 0.75 });
  const { id } = await stage.proposal(NQ);
  await stage.assembly.pipeline.approve({ id, contracts: 3, reason: null }, 'trader');
  expect(stage.assembly.book.positions()).toMatchObject([{ symbol: NQ, quantity: 3 }]);
  return stage;
}
const view = ({ assembly }: Stage) => assembly.execution.view();
/** Somebody else trades in the account. */
async function elsewhere(stage: Stage, quantity: number): Promise<void> {
  const direction = quantity > 0 ? 1 : -1;
  const placed = stage.paper.exchange.placeElsewhere({
    ...{ symbol: NQ, direction, quantity: Math.abs(quantity), type: 'market', price: null },
  });
  expect(placed).toHaveProperty('order');
  await stage.pass(1_000);
}

describe('what long runs of the model have found', () => {
  // Whatever way round it stands, a stop counts as protection; this one would add to the position.
  it('a stop on the position’s own side protects nothing: it is told, and another may be put in', async () => {
    const stage = await long();
    stage.quote(NQ, 80_000);
    // The venue keeps the bracket of three; what is held is two short, with a sell stop below the market.
    await elsewhere(stage, -5);
    expect(stage.assembly.book.positions()).toMatchObject([{ symbol: NQ, quantity: -2, riskAtStop: null }]);
    await stage.pass(6_000);
    await stage.assembly.execution.reconcile('asked');
    expect(stage.assembly.book.workingOrders(NQ).some(({ role, direction }) => role === 'stop' && direction < 0)).toBe(
      true,
    );
    expect(view(stage).reconciliation.differences.map(({ kind }) => kind)).toContain('missing-stop');
  });

  // What is not judged this time was judged before: it stands until it is judged again.
  it('a position without a stop stays told while something happens in its market', async () => {
    const stage = await newStage();
    stage.quote(NQ, 80_000);
    await elsewhere(stage, 2);
    await stage.pass(6_000);
    await stage.assembly.execution.reconcile('asked');
    expect(view(stage).locks).toMatchObject([{ symbol: NQ }]);
    stage.broker.onSnapshot = (snapshot) => {
      const at = epochMs(stage.clock.now());
      stage.broker.report({
        ...{ execKey: 'X-1', venue: 'paper', account: ACCOUNT, clientOrderId: null, symbol: NQ, direction: 1 },
        ...{ quantity: 1, price: ticks(80_001), fee: money(0), at, receivedAt: at },
      });
      return snapshot;
    };
    await stage.assembly.execution.reconcile('asked');
    expect(view(stage).locks).toMatchObject([{ symbol: NQ }]);
  });

  // The entry waits behind another market's; a flatten under way denies its stop and target, and it leaves with them.
  it('an entry whose stop was denied while it waited does not leave', async () => {
    const folder = memoryFolder();
    const world = new World(0, { template: await makeTemplate(folder), folder, plan: NO_FAULTS });
    await world.rig.advance(61_500);
    await world.propose('NQ', 1, 0.65);
    await world.approve(1);
    await world.rig.advance(7_001);
    world.watch(world.desk.assembly.execution.flatten('NQ'));
    await world.rig.advance(1);
    await world.propose('GC', 1, 0.65);
    await world.approve(1);
    await world.propose('NQ', 1, 0.85);
    await world.approve(1);
    await world.rig.advance(1_000);
    world.check();
  });
});
