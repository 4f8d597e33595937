import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { money } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

/**
 * What one contract loses when its stop is hit: distance and slippage in ticks, and fees. Null when the contract's own
 * figures cannot price it (no positive tick value, a negative fee, an amount beyond exact arithmetic).
 * @source quant.md 4.1
 */
export function stopRiskOf({ instrument, plan }: Pick<SizingSnapshot, 'instrument' | 'plan'>): Money | null {
  if (plan === null || instrument.tickValue <= 0 || instrument.roundTurnFee < 0) return null;
  const risk = (plan.stopDistance + instrument.slippageTicks) * instrument.tickValue + instrument.roundTurnFee;
  return Number.isSafeInteger(risk) ? money(risk) : null;
}

/** A stated margin; a margin of 0 or less says nothing and counts as unknown. */
export const statedMargin = (margin: Money | null): Money | null => (margin === null || margin <= 0 ? null : margin);

/** What one contract stands for when a fraction of equity becomes contracts, and the basis it was taken on. */
export type CapitalInput = {
  readonly snapshot: Pick<SizingSnapshot, 'instrument' | 'plan' | 'config'>;
  /** What the stop loses per contract. */
  readonly stopRisk: Money;
  /** Average net loss per contract of the sample in use; null without one. */
  readonly averageLoss: Money | null;
};

const notionalOf = ({ instrument, plan }: CapitalInput['snapshot']): Money | null => {
  const notional = Math.abs(plan?.entry ?? 0) * instrument.tickValue;
  return Number.isSafeInteger(notional) && notional > 0 ? money(notional) : null;
};

/**
 * Capital per contract of the configured basis; null when the basis needs a margin or a price that is not known.
 * Without an average loss, `avgLoss` falls back to the stop: what a loss is planned to be.
 * @source quant.md 4.1
 */
export function capitalPerContract({ snapshot, stopRisk, averageLoss }: CapitalInput): Money | null {
  const knownLoss = averageLoss !== null && averageLoss > 0 ? averageLoss : stopRisk;
  switch (snapshot.config.basis) {
    case 'stop':
      return stopRisk;
    case 'avgLoss':
      return knownLoss;
    case 'stopOrAvgLoss':
      return money(Math.max(stopRisk, knownLoss));
    case 'margin':
      return statedMargin(snapshot.instrument.initialMargin);
    case 'notional':
      return notionalOf(snapshot);
  }
}
