import type { Handlers } from '#shared/contract/index.ts';
import type { InstrumentOperation } from '#desk/settings/instrument-handlers.ts';
import { CONFIG, INSTRUMENTS } from './instruments.ts';

const NONE = { roundTurnFeeUsd: null, slippageTicks: null };

/** Instruments of a desk in memory: as they are, with nothing of the trader's own. */
export function instrumentOperations(): Pick<Handlers, InstrumentOperation> {
  return {
    'instruments.list': () => ({
      ...{ rhoMin: CONFIG.rhoMin, maxContracts: CONFIG.maxContracts },
      items: Object.values(INSTRUMENTS).map((instrument) => ({
        ...{ instrument, source: 'the table of the test', isOpen: true, correlated: [], lock: null },
        ...{ costs: NONE, isRestartNeeded: false },
      })),
    }),
    'instruments.setCosts': ({ costs }) => costs,
  };
}
