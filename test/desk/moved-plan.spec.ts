import { describe, expect, it } from 'vitest';
import type { PlanChange, Recommendation } from '#shared/domain/recommendation.ts';
import { money, ticks } from '#shared/units.ts';
import { decide } from '#desk/engine/decide.ts';
import { errorOf, newStage, raiseStage, type Stage } from './stage.ts';

const NQ = 'NQ';
const WHY = { code: 'range', text: 'behind the low' } as const;

async function longNq(): Promise<{ stage: Stage; r: Recommendation; stop: number; target: number }> {
  // Sized on the stop alone, so that a wider one must cost contracts.
  const stage = await newStage({ config: { basis: 'stop' } });
  stage.say(NQ, { direction: 1, confidence: 0.75 });
  const r = await stage.proposal(NQ);
  return { stage, r, stop: r.stop ?? 0, target: r.target ?? 0 };
}

const approve = (
  stage: Stage,
  r: Recommendation,
  asked: { readonly contracts: number; readonly plan: PlanChange; readonly reason?: typeof WHY | null },
) => stage.assembly.pipeline.approve({ id: r.id, reason: WHY, ...asked }, 'trader');

describe('a plan the trader moved', () => {
  it('shows its size before, and goes out with its own prices and at that size', async () => {
    const { stage, r, stop } = await longNq();
    const plan = { stop: ticks(stop - 900) };
    const shown = stage.assembly.pipeline.preview(r.id, { plan });
    expect(shown.stop).toBe(stop - 900);
    expect(shown.decision.contracts).toBeLessThan(r.decision.contracts);
    const { contracts } = shown.decision;
    const { recommendation, clientOrderId } = await approve(stage, r, { contracts, plan });
    expect(recommendation).toMatchObject({ state: 'overridden', approvedContracts: contracts, stop: stop - 900 });
    expect(stage.assembly.book.positions()[0]).toMatchObject({
      quantity: contracts,
      stop: stop - 900,
      target: r.target,
    });
    const planned = [...stage.journal.events({ kinds: ['intent'] })].find(
      ({ event }) => event.terms.clientOrderId === clientOrderId,
    )?.event.plannedRiskPerContract;
    expect(planned).toBe(shown.decision.riskPerContract);
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });

  it('is remembered with all three prices over a restart', async () => {
    const { stage, r, stop, target } = await longNq();
    const plan = { stop: ticks(stop - 8), target: ticks(target + 20) };
    await approve(stage, r, { contracts: 1, plan });
    const status = stage.journal.decision(r.id)?.status?.event;
    expect(status?.plan).toEqual({ entry: 80_001, stop: stop - 8, target: target + 20 });
    stage.journal.close();
    const again = await raiseStage(stage.path);
    expect(again.assembly.recommendations.get(r.id)).toMatchObject({ stop: stop - 8, target: target + 20 });
  });

  it('rests as a limit where the trader put the entry', async () => {
    const { stage, r } = await longNq();
    await approve(stage, r, { contracts: 1, plan: { entry: ticks(79_990) } });
    const entry = stage.assembly.book.orders().find((order) => order.role === 'entry');
    expect(entry).toMatchObject({ life: 'working', price: 79_990, filled: 0 });
    stage.quote(NQ, 79_980);
    expect(stage.assembly.book.positions()[0]).toMatchObject({ quantity: 1 });
  });

  it('is refused without a reason, and above what its own stop allows', async () => {
    const { stage, r, stop } = await longNq();
    const plan = { stop: ticks(stop - 900) };
    const bare = await errorOf(() => approve(stage, r, { contracts: 1, plan, reason: null }));
    expect(bare).toMatchObject({ code: 'invalid-input', message: 'moving the plan needs a reason' });
    const far = { stop: ticks(stop - 12_000) };
    const { decision } = stage.assembly.pipeline.preview(r.id, { plan: far });
    const over = await errorOf(() => approve(stage, r, { contracts: r.decision.contracts + 2, plan: far }));
    expect(over.code).toBe('refused');
    expect(decision.contracts).toBeLessThan(r.decision.contracts);
    expect(stage.broker.submitted).toEqual([]);
  });

  it('is refused where its lines are out of order, and names them', async () => {
    const { stage, r, target } = await longNq();
    const crossed: readonly PlanChange[] = [
      { stop: ticks(80_010) },
      { target: ticks(79_990) },
      { entry: ticks(target + 1) },
    ];
    for (const plan of crossed) {
      const told = await errorOf(() => approve(stage, r, { contracts: 1, plan }));
      expect(told.message).toMatch(/(price has passed|entry is beyond) the (stop|target)/);
      expect(await errorOf(() => stage.assembly.pipeline.preview(r.id, { plan }))).toMatchObject({ code: 'refused' });
    }
    expect(stage.broker.submitted).toEqual([]);
  });
});

describe('a what-if', () => {
  it('moves the ladder by what is assumed, and writes nothing', async () => {
    const { stage, r } = await longNq();
    const before = stage.journal.lastSeq();
    const ask = (assume: Parameters<typeof stage.assembly.pipeline.preview>[1]['assume']) =>
      stage.assembly.pipeline.preview(r.id, { assume }).decision;
    expect(ask({ winProbability: 0.62 }).winProbability).toBeCloseTo(0.62, 12);
    expect(ask({ payoffRatio: 1.8 }).winLossRatio).toBe(1.8);
    expect(ask({ multiplier: 0.05 }).ladder.find((step) => step.code === 'multiplier')).toMatchObject({ factor: 0.05 });
    expect(ask({ equity: money(400_000_000_000) }).riskFraction).not.toBe(r.decision.riskFraction);
    expect(ask({ winProbability: 0.55 })).toMatchObject({ contracts: 0, status: 'low-confidence' });
    expect(stage.journal.lastSeq()).toBe(before);
  });

  it('keeps every limit whatever is assumed', async () => {
    const { stage, r } = await longNq();
    const { decision } = stage.assembly.pipeline.preview(r.id, {
      assume: { winProbability: 0.99, payoffRatio: 50, multiplier: 1, equity: money(10_000_000_000_000) },
    });
    expect(decision.contracts).toBe(r.decision.walls.find((wall) => wall.code === 'max-contracts')?.limit);
    expect(decision.walls.find((wall) => wall.binds)?.code).toBe('max-contracts');
  });
});
