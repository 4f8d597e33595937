import { describe, expect, it } from 'vitest';
import { epochMs, ticks } from '#shared/units.ts';
import { MINUTE, newStage, raiseStage, type Stage } from '#test/desk/stage.ts';

const DAY = 86_400_000;
const SYMBOL = 'NQ';

/** Two contracts held, bought at the market of the first session. */
async function holding(): Promise<Stage> {
  const stage = await newStage({ config: { maxHeat: 0.9, maxCluster: 0.9 } });
  stage.say(SYMBOL, { direction: 1, confidence: 0.75 });
  const { id } = await stage.proposal(SYMBOL);
  await stage.assembly.pipeline.approve({ id, contracts: 2, reason: { code: 'size', text: 'two' } }, 'trader');
  expect(stage.assembly.book.positions()).toMatchObject([{ symbol: SYMBOL, quantity: 2 }]);
  return stage;
}

const dayPnl = ({ assembly }: Stage): number => assembly.pipeline.risk().dayPnl;
const lastPrice = ({ assembly }: Stage): number => assembly.book.positions()[0]?.last ?? NaN;
/** What two contracts make of a move in ticks. */
const worth = ({ instruments }: Stage, moved: number): number =>
  2 * moved * (instruments.get(SYMBOL)?.tickValue ?? NaN);

describe('the profit and loss of a session day', () => {
  it('begins with what happened over the break: a gap is a loss of the day it opens', async () => {
    const stage = await holding();
    stage.quote(SYMBOL, lastPrice(stage) + 60);
    const evening = lastPrice(stage);
    expect(dayPnl(stage)).not.toBe(0);
    stage.clock.advanceTo(epochMs(stage.clock.now() + DAY));
    stage.quote(SYMBOL, evening - 40);
    expect(dayPnl(stage)).toBe(worth(stage, -40));
    stage.quote(SYMBOL, evening - 25);
    expect(dayPnl(stage)).toBe(worth(stage, -25));
  });

  it('does so for the first bar as for the first quote', async () => {
    const stage = await holding();
    const evening = lastPrice(stage);
    stage.clock.advanceTo(epochMs(stage.clock.now() + DAY));
    const closeAt = stage.clock.now();
    const [last, opening] = [ticks(evening - 50), epochMs(closeAt - MINUTE)];
    const prices = { open: last, high: last, low: last, close: last, volume: 10 };
    stage.assembly.pipeline.onMarket({
      kind: 'bar',
      bar: { symbol: SYMBOL, timeframe: '1m', openAt: opening, closeAt, ...prices },
    });
    expect(dayPnl(stage)).toBe(worth(stage, -50));
  });

  it('after a night in which the desk was closed counts from the last price it knew', async () => {
    const stage = await holding();
    const evening = stage.journal.bars({ symbol: SYMBOL, timeframe: '1m', limit: 1 }).at(-1)?.close ?? NaN;
    const entry = stage.assembly.book.positions()[0]?.averagePrice ?? NaN;
    stage.assembly.execution.stop();
    stage.journal.close();
    const next = await raiseStage(stage.path, {}, stage.clock.now() + DAY);
    next.quote(SYMBOL, evening - 80);
    // Without the mark the day would open as if the position had just been entered.
    expect(evening).not.toBe(entry);
    expect(dayPnl(next)).toBe(worth(next, -80));
  });
});
