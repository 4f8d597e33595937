import fc from 'fast-check';
import { SYMBOLS, type World } from './world.ts';

/** One thing that happens in a world. */
export type Step = { readonly text: string; readonly run: (world: World) => Promise<void> };

const step = (text: string, run: (world: World) => Promise<void>): Step => ({ text, run });
const symbol = fc.constantFrom(...SYMBOLS);
const side = fc.constantFrom(1 as const, -1 as const);
const confidence = fc.constantFrom(0.65, 0.75, 0.85);
const clicks = fc.constantFrom(1, 1, 2);
const pick = fc.nat(50);

const signal = fc
  .tuple(symbol, side, confidence)
  .map(([on, direction, p]) => step(`signal ${on} ${direction} ${p}`, (world) => world.propose(on, direction, p)));
const approve = clicks.map((n) => step(`approve, clicks ${n}`, (world) => world.approve(n)));
const trade = fc.tuple(symbol, side, confidence, clicks).map(([on, direction, p, n]) =>
  step(`signal ${on} ${direction} ${p} and approve, clicks ${n}`, async (world) => {
    await world.propose(on, direction, p);
    await world.approve(n);
  }),
);
const second = fc.tuple(symbol, fc.boolean(), fc.integer({ min: 3_000, max: 20_000 })).map(([on, isWith, later]) =>
  step(`a second signal ${isWith ? 'with' : 'against'} what is held of ${on}, ${later} ms later`, async (world) => {
    await world.rig.advance(later);
    const held = world.auditor.position(on);
    const direction = (isWith ? held : -held) < 0 ? -1 : 1;
    await world.propose(on, direction, 0.85);
    await world.approve(1);
  }),
);
const wait = fc.integer({ min: 50, max: 30_000 }).map((ms) => step(`wait ${ms}`, (world) => world.rig.advance(ms)));
const move = fc.tuple(symbol, fc.integer({ min: -4_000, max: 4_000 })).map(([on, by]) =>
  step(`move ${on} by ${by}`, async (world) => {
    world.rig.feed.move(on, Math.max(1_000, world.rig.feed.bid(on) + by));
    await world.rig.advance(1);
  }),
);
const cancel = pick.map((n) =>
  step(`cancel entry ${n}`, async (world) => {
    const order = world.pickOrder(n, ({ role }) => role === 'entry');
    if (order !== null) world.watch(world.desk.assembly.execution.cancel(order.clientOrderId), 'cancelled');
    await world.rig.advance(1);
  }),
);
const replace = fc.tuple(pick, fc.integer({ min: -800, max: 800 }), fc.boolean()).map(([n, by, isSmaller]) =>
  step(`replace ${n} by ${by}${isSmaller ? ', one contract less' : ''}`, async (world) => {
    const order = world.pickOrder(n);
    if (order === null) return;
    const { clientOrderId, price, quantity } = order;
    // While trading is stopped a stop goes nearer to the market and no further.
    const isFree = world.auditor.tradingState() === 'active' || order.role !== 'stop';
    const moved = isFree ? by : Math.abs(by) * -order.direction;
    const change = {
      clientOrderId,
      price: price === null ? null : world.near(order.symbol, price + moved - world.rig.feed.bid(order.symbol)),
      quantity: isSmaller ? Math.max(1, quantity - 1) : null,
    };
    world.watch(world.desk.assembly.execution.replace(change), `replaced ${order.role}`);
    await world.rig.advance(1);
  }),
);
const protect = fc.tuple(symbol, fc.integer({ min: 100, max: 1_500 })).map(([on, away]) =>
  step(`protect ${on} ${away} away`, async (world) => {
    const stop = world.near(on, world.auditor.position(on) > 0 ? -away : away);
    world.watch(world.desk.assembly.execution.protect(on, stop), 'protected');
    await world.rig.advance(1);
  }),
);
const flatten = symbol.map((on) =>
  step(`flatten ${on}`, async (world) => {
    world.watch(world.desk.assembly.execution.flatten(on), 'flattened');
    await world.rig.advance(1);
  }),
);
const halt = fc.constant(
  step('halt', async (world) => {
    world.watch(world.desk.assembly.pipeline.halt('the trader said so', 'trader'), 'halted');
    await world.rig.advance(1);
  }),
);
const kill = fc.integer({ min: 1, max: 5_000 }).map((later) =>
  step(`halt, and close everything ${later} ms later`, async (world) => {
    world.watch(world.desk.assembly.pipeline.halt('the trader said so', 'trader'), 'halted');
    await world.rig.advance(later);
    world.attempt(() => world.desk.assembly.execution.kill.flattenAll('all of it', 'trader'), 'closed everything');
    await world.rig.advance(1);
  }),
);
const resume = fc.constant(
  step('resume', async (world) => {
    world.watch(world.desk.assembly.pipeline.resume('looked at', 'trader'), 'resumed');
    await world.rig.advance(1_000);
  }),
);
const rearm = fc.constant(step('re-arm', (world) => world.rearm()));
const recover = fc.nat(5).map((choice) =>
  step(`put everything right by choice ${choice}, and resume`, async (world) => {
    for (let n = world.differences().length; n > 0; n -= 1) await world.resolve(0, choice);
    await world.rearm();
    await world.rig.advance(6_000);
    world.watch(world.desk.assembly.pipeline.resume('put right', 'trader'), 'resumed');
    await world.rig.advance(1_000);
  }),
);
const elsewhere = fc
  .tuple(symbol, fc.constantFrom(-2, -1, 1, 2), fc.constantFrom(null, null, 200))
  .map(([on, quantity, away]) =>
    step(`elsewhere ${quantity} ${on} ${away === null ? 'at the market' : `${away} away`}`, (world) =>
      world.elsewhere(on, quantity, away),
    ),
  );
const cancelElsewhere = pick.map((n) =>
  step(`cancel order ${n} from elsewhere`, async (world) => {
    const { execution } = world.desk.assembly;
    const orders = execution.view().reconciliation.externalOrders;
    const order = orders[n % Math.max(1, orders.length)];
    if (order !== undefined) world.watch(execution.cancelExternal(order.venueOrderId), 'cancelled elsewhere');
    await world.rig.advance(1);
  }),
);
const bust = pick.map((n) => step(`bust ${n}`, (world) => world.correct(n, null)));
const correct = fc
  .tuple(pick, fc.integer({ min: -40, max: 40 }), fc.constantFrom(undefined, 1, 2))
  .map(([n, by, quantity]) =>
    step(`correct ${n} by ${by}${quantity === undefined ? '' : ` to ${quantity}`}`, (world) =>
      world.correct(n, { by, ...(quantity === undefined ? {} : { quantity }) }),
    ),
  );
const resolve = fc
  .tuple(pick, fc.nat(5))
  .map(([n, choice]) => step(`resolve ${n} by choice ${choice}`, (world) => world.resolve(n, choice)));
const compare = fc.constant(
  step('compare', async (world) => {
    world.watch(world.desk.assembly.execution.reconcile('asked'), 'compared');
    await world.rig.advance(1);
  }),
);
const settle = pick.map((n) => step(`settle doubt ${n}`, (world) => world.settleDoubt(n)));
const query = pick.map((n) =>
  step(`query ${n}`, async (world) => {
    const order = world.pickOrder(n);
    if (order !== null) world.watch(world.desk.assembly.execution.query(order.clientOrderId), 'asked about');
    await world.rig.advance(1);
  }),
);
const drop = fc.constant(
  step('drop', async (world) => {
    world.rig.link.drop();
    await world.rig.advance(1);
  }),
);
const crash = fc.constant(step('crash', (world) => world.crash()));
const dieAtWrite = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean()).map(([writes, isWritten]) =>
  step(`die at write ${writes} from now, ${isWritten ? 'after' : 'before'} it is on disk`, (world) => {
    world.dieAtWrite(writes, isWritten);
    return Promise.resolve();
  }),
);

const weigh = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<T> => ({ weight, arbitrary });
const one = fc.oneof(
  ...[weigh(12, trade), weigh(4, second), weigh(1, signal), weigh(1, approve), weigh(6, wait), weigh(3, move)],
  ...[weigh(2, cancel), weigh(4, replace), weigh(1, protect), weigh(2, flatten), weigh(1, halt), weigh(1, kill)],
  ...[weigh(2, resume), weigh(1, rearm), weigh(6, recover), weigh(1, elsewhere), weigh(1, cancelElsewhere)],
  ...[weigh(1, bust), weigh(1, correct), weigh(1, resolve), weigh(1, compare), weigh(1, settle), weigh(1, query)],
  ...[weigh(1, drop), weigh(2, crash), weigh(2, dieAtWrite)],
);

/** Up to forty things that happen, one after the other. */
export const sequences: fc.Arbitrary<readonly Step[]> = fc.array(one, { maxLength: 40, size: 'max' }).map((steps) =>
  // A counterexample is printed as what happened, one thing to a line.
  Object.assign(steps, { [fc.toStringMethod]: () => `\n${steps.map(({ text }) => `  ${text}`).join('\n')}\n` }),
);

/** Lets a world live through a sequence, with every check after every step, and at the end. */
export async function live(world: World, steps: readonly Step[]): Promise<void> {
  // Until the first bar of this market has closed there is nothing to size.
  await world.rig.advance(61_500);
  for (const { run } of steps) {
    try {
      await run(world);
    } catch (error) {
      // A step that talks to a desk that has just died gets no answer.
      if (!world.isDead()) throw error;
    }
    await world.revive();
    world.check();
  }
  await world.settle();
}
