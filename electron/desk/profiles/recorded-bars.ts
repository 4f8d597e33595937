import type { Bar } from '#shared/domain/market.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { DeskError } from '#shared/contract/errors.ts';
import type { Assembly } from '#desk/assembly.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { DeskClock } from './clocks.ts';
import type { Settings } from './settings.ts';

const DAY_MS = 86_400_000;

/** Ticks a market order and a hit stop lose to recorded bars. */
export const REPLAY_SLIPPAGE = { market: 1, stop: 1 } as const;

/** What recorded bars are played to. */
export type Stage = {
  readonly assembly: Assembly;
  readonly broker: Broker & { onMarket(event: { kind: 'bar'; bar: Bar }): void };
  readonly clock: DeskClock;
};

/** A daily bar is a signal for a day, and its orders wait for the next open: ages are counted in days. */
export const agesOfDays = (settings: Settings): Settings => ({
  ...settings,
  risk: { ...settings.risk, maxOrderQuoteAgeMs: DAY_MS, maxIntentAgeMs: DAY_MS },
  sizing: { ...settings.sizing, maxPredictionAgeMs: DAY_MS, maxQuoteAgeMs: DAY_MS, expiryMs: DAY_MS },
});

/** Takes every proposal as it is. One that the check at the click refuses ends unapproved. */
async function approveAll(proposals: readonly Recommendation[], { assembly }: Stage): Promise<void> {
  for (const { id, state, decision } of proposals) {
    if (state !== 'proposed') continue;
    try {
      await assembly.pipeline.approve({ id, contracts: decision.contracts, reason: null }, 'auto');
    } catch (error) {
      if (!(error instanceof DeskError) || error.data.code !== 'refused') throw error;
      assembly.recommendations.expire(id);
    }
  }
  const drift = assembly.pipeline.risk().breakers.find((b) => b.code === 'drift');
  if (drift?.level === 'halt')
    assembly.pipeline.acknowledgeDrift('replay: drift acknowledged, the calibration has been refitted', 'auto');
}

/** Plays one recorded bar on virtual time, and returns what was proposed at its close. */
export async function playBar(bar: Bar, stage: Stage, autoApprove: boolean): Promise<readonly Recommendation[]> {
  const { assembly, broker, clock } = stage;
  // Fills of this bar happen inside it; what is decided is decided at its close.
  clock.advanceTo(bar.openAt);
  broker.onMarket({ kind: 'bar', bar });
  clock.advanceTo(bar.closeAt);
  assembly.pipeline.onMarket({ kind: 'bar', bar });
  const proposals = await assembly.pipeline.evaluate([bar.symbol]);
  if (autoApprove) await approveAll(proposals, stage);
  return proposals;
}
