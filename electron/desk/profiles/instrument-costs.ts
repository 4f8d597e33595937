import type { Instrument } from '#shared/domain/instrument.ts';
import { moneyFromUsd } from '#shared/units.ts';
import type { Costs } from './settings.ts';

/** Returns the instrument with what its trades cost by the settings; what they do not name stays usual. */
export function withCosts(instrument: Instrument, costs: Costs): Instrument {
  const own = costs[instrument.root];
  if (own === undefined) return instrument;
  return {
    ...instrument,
    roundTurnFee: own.roundTurnFeeUsd === undefined ? instrument.roundTurnFee : moneyFromUsd(own.roundTurnFeeUsd),
    slippageTicks: own.slippageTicks ?? instrument.slippageTicks,
  };
}

/** Whether the journal has to be told of an instrument: it is new, or its trades cost something else from now on. */
export const isNews = (known: Instrument | undefined, { roundTurnFee, slippageTicks }: Instrument): boolean =>
  known?.roundTurnFee !== roundTurnFee || known.slippageTicks !== slippageTicks;
