import { describe, expect, it } from 'vitest';
import { epochMs, ticks } from '#shared/units.ts';
import { MINUTE, newStage, type Stage } from '#test/desk/stage.ts';

const NQ = 'NQ';
const FAR = 20_000;
const MID_NQ = 80_000;

/** A minute that opened after the signal and reached the stop as well as the target. */
function wideBar(stage: Stage): void {
  const openAt = epochMs((Math.floor(stage.clock.now() / MINUTE) + 1) * MINUTE);
  const closeAt = epochMs(openAt + MINUTE);
  stage.clock.advanceTo(closeAt);
  const [open, high, low] = [ticks(MID_NQ), ticks(MID_NQ + FAR), ticks(MID_NQ - FAR)];
  stage.assembly.pipeline.onMarket({
    kind: 'bar',
    bar: { symbol: NQ, timeframe: '1m', openAt, closeAt, open, high, low, close: open, volume: 1_000 },
  });
}

const outcomesOf = (stage: Stage, id: string) =>
  [...stage.journal.events({ kinds: ['outcome'] })].filter(({ event }) => event.recommendationId === id);

type Way = { readonly name: string; readonly lose: (stage: Stage) => Promise<string> };

const WAYS: readonly Way[] = [
  {
    name: 'rejected by the trader',
    lose: async (stage) => {
      const { id } = await stage.proposal(NQ);
      stage.assembly.pipeline.reject(id, { code: 'other', text: 'not this one' }, 'trader');
      return id;
    },
  },
  {
    name: 'expired',
    lose: async (stage) => {
      const { id } = await stage.proposal(NQ);
      await stage.pass(61_000, 1_000);
      expect(stage.assembly.recommendations.get(id).state).toBe('expired');
      return id;
    },
  },
  {
    name: 'blocked, and so of size zero',
    lose: async (stage) => {
      stage.block('the disk is full');
      const made = (await stage.propose(NQ))[0];
      expect(made?.decision.contracts).toBe(0);
      return made?.id ?? '';
    },
  },
];

describe('a signal that was not traded', () => {
  it.each(WAYS)('$name is followed to its stop, which comes first, once', async ({ lose }) => {
    const stage = await newStage();
    stage.say(NQ, { direction: 1, confidence: 0.75 });
    const id = await lose(stage);
    expect(outcomesOf(stage, id)).toEqual([]);
    wideBar(stage);
    wideBar(stage);
    const [outcome, ...more] = outcomesOf(stage, id);
    expect(more).toEqual([]);
    expect(outcome?.event).toMatchObject({
      recommendationId: id,
      exit: 'stop',
      suggested: expect.any(Number) as number,
    });
    expect(outcome?.event.r ?? 0).toBeLessThanOrEqual(-1);
    expect(stage.broker.submitted).toEqual([]);
  });
});
