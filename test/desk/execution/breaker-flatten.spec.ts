import { describe, expect, it } from 'vitest';
import { decide } from '#desk/engine/decide.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { newStage, raiseStage, type Stage, type StageOptions } from '#test/desk/stage.ts';

const LONG = { direction: 1, confidence: 0.75 } as const;
const SMALL = { code: 'size', text: 'small' } as const;
const FLATTENS: StageOptions = {
  ...{ roots: ['NQ', 'GC'], config: { maxHeat: 0.9, maxCluster: 0.9 } },
  limits: { breakerEffects: { ...DEFAULT_RISK_LIMITS.breakerEffects, 'day-loss': 'flatten' } },
};
/** Deep enough for the day's limit of 3 % on three contracts, not for the stop. */
const DEEP = 77_100;

async function enter(stage: Stage, symbol: string, contracts: number): Promise<string> {
  stage.say(symbol, LONG);
  const { id, decision } = await stage.proposal(symbol);
  const reason = contracts === decision.contracts ? null : SMALL;
  return (await stage.assembly.pipeline.approve({ id, contracts, reason }, 'trader')).clientOrderId ?? '';
}
/** Three contracts held, an entry that rests elsewhere, and a day that goes wrong. */
async function heldOnABadDay(): Promise<{ stage: Stage; resting: string }> {
  const stage = await newStage(FLATTENS);
  await enter(stage, 'NQ', 3);
  stage.paper.setFillSource('bars');
  const resting = await enter(stage, 'GC', 1);
  stage.paper.setFillSource('quotes');
  stage.quote('GC', 40_500);
  expect(stage.journal.order(resting)?.life).toBe('working');
  stage.quote('NQ', DEEP);
  stage.assembly.execution.guard.check();
  return { stage, resting };
}
const kill = ({ assembly }: Stage) => assembly.execution.view().kill;
const closings = ({ broker }: Stage) => broker.submitted.filter(({ entry }) => entry.role === 'flatten');
const heldAtVenue = async ({ paper, clock }: Stage) => {
  const { positions } = await paper.snapshot(clock.now(), new AbortController().signal);
  return positions.filter(({ quantity }) => quantity !== 0);
};

describe('a breaker that is set to flatten', () => {
  it('latches, halts, cancels what could add risk, closes what is held once, and sees it flat', async () => {
    const { stage, resting } = await heldOnABadDay();
    await stage.pass(2_000);
    stage.quote('NQ', DEEP);
    await stage.pass(30_000);
    expect(stage.assembly.execution.view().latches).toMatchObject([{ code: 'day-loss', effect: 'flatten' }]);
    expect(stage.assembly.ledger.state()).toMatchObject({ state: 'halted', reason: 'Day loss passed its limit' });
    expect(stage.journal.order(resting)?.life).toBe('canceled');
    expect(closings(stage).map(({ entry }) => [entry.symbol, entry.direction, entry.quantity])).toEqual([
      ['NQ', -1, 3],
    ]);
    expect(kill(stage)).toMatchObject({ step: 'flat', openPositions: 0, openOrders: 0 });
    expect(await heldAtVenue(stage)).toEqual([]);
    expect(stage.assembly.book.positions()).toEqual([]);
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('trips once: further looks at the same reading close nothing more', async () => {
    const { stage } = await heldOnABadDay();
    for (let second = 0; second < 30; second += 1) {
      stage.quote('NQ', DEEP);
      stage.assembly.execution.guard.check();
      await stage.pass(1_000);
    }
    expect(closings(stage)).toHaveLength(1);
    const tripped = [...stage.journal.events({ kinds: ['breaker-tripped'], after: stage.startSeq })];
    expect(tripped).toHaveLength(1);
  });

  it('without a connection closes nothing, says that it is not flat, and closes nothing by itself later', async () => {
    const stage = await newStage(FLATTENS);
    await enter(stage, 'NQ', 3);
    stage.quote('NQ', DEEP);
    stage.broker.setLink(false);
    stage.assembly.execution.guard.check();
    await stage.pass(40_000);
    expect(stage.assembly.ledger.state().state).toBe('halted');
    expect(closings(stage)).toEqual([]);
    expect(stage.notices.all().some(({ id, level }) => id === 'kill' && level === 'error')).toBe(true);
    stage.broker.setLink(true);
    await stage.pass(60_000);
    expect(closings(stage)).toEqual([]);
    expect(await heldAtVenue(stage)).toMatchObject([{ symbol: 'NQ', quantity: 3 }]);
    // The trader confirms it, and it is closed.
    stage.quote('NQ', DEEP);
    stage.assembly.execution.kill.flattenAll('out', 'trader');
    await stage.pass(10_000);
    expect(kill(stage).step).toBe('flat');
  });

  it('holds over a restart, and arms again only by hand', async () => {
    const { stage } = await heldOnABadDay();
    await stage.pass(2_000);
    stage.quote('NQ', DEEP);
    await stage.pass(30_000);
    const now = stage.clock.now();
    stage.assembly.execution.stop();
    stage.journal.close();
    const next = await raiseStage(stage.path, FLATTENS, now);
    next.assembly.execution.guard.check();
    await next.pass(10_000);
    expect(next.assembly.execution.view().latches).toMatchObject([{ code: 'day-loss', effect: 'flatten' }]);
    expect(next.assembly.ledger.state().state).toBe('halted');
    expect(next.broker.submitted).toEqual([]);
  });
});
