import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers, OperationName } from '#shared/contract/index.ts';
import type { InstrumentCosts, instrumentOperations, InstrumentView } from '#shared/contract/instrument-operations.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Correlations } from '#shared/domain/sizing.ts';
import { moneyFromUsd } from '#shared/units.ts';
import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import { isSessionOpen } from '#desk/engine/session.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { Settings } from '#desk/profiles/settings.ts';
import type { Recorder } from '#desk/records/recorder.ts';
import { objectOf, orAbsent, without, type Json } from './draft.ts';
import { changeSettingsFile } from './settings-file.ts';

export type InstrumentOperation = Extract<OperationName, keyof typeof instrumentOperations>;

export type InstrumentParts = {
  /** Folder of the profile. */
  readonly folder: string;
  readonly settings: () => Settings;
  readonly adopt: (settings: Settings) => void;
  /** Why the settings file could not be read at the start. */
  readonly problem: () => string | null;
  readonly mustBeReady: () => void;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly broker: Pick<Broker, 'definition'>;
  readonly lock: (symbol: string) => string | null;
  readonly correlations: (roots: readonly string[]) => Correlations;
  readonly clock: Clock;
  readonly recorder: Pick<Recorder, 'record'>;
};

const SOURCES: Readonly<Record<string, string>> = {
  CME: 'the exchange’s specification',
  L: 'the symbol table of Lean',
  B: 'a broker’s specification',
  MW: 'a copy of the exchange’s page',
};

function sourceOf({ root, symbol }: Instrument, broker: InstrumentParts['broker']): string {
  const spec = contractSpec(root);
  if (spec === null) return 'connections.json';
  // Some say whose page was copied, which is the exchange's own: MW(CME).
  const read = spec.source.split(',').map((code) => SOURCES[code.replace(/\(.*\)$/, '')] ?? code);
  return `${read.join(' and ')}; ${broker.definition(symbol) === null ? 'the broker does not say' : 'as the broker has it'}`;
}

function partnersOf(root: string, { roots, rho }: Correlations, rhoMin: number): InstrumentView['correlated'] {
  const row = rho[roots.indexOf(root)] ?? [];
  return roots.flatMap((other, index) => {
    const value = row[index];
    return other === root || value === undefined || value < rhoMin ? [] : [{ root: other, rho: value }];
  });
}

const costsOf = ({ costs }: Settings, root: string): InstrumentCosts => ({
  roundTurnFeeUsd: costs[root]?.roundTurnFeeUsd ?? null,
  slippageTicks: costs[root]?.slippageTicks ?? null,
});

/** Whether what is saved is not what the instrument was made with. */
const isDue = ({ roundTurnFee, slippageTicks }: Instrument, costs: InstrumentCosts): boolean =>
  (costs.roundTurnFeeUsd !== null && moneyFromUsd(costs.roundTurnFeeUsd) !== roundTurnFee) ||
  (costs.slippageTicks !== null && costs.slippageTicks !== slippageTicks);

/** The file's costs with those of one root as they are asked for; what says nothing is left out. */
function laid(file: Json, root: string, costs: InstrumentCosts): Json {
  const set = Object.fromEntries(Object.entries(costs).filter(([, value]) => value !== null));
  const others = without(objectOf(file['costs']), root);
  return orAbsent(file, 'costs', Object.keys(set).length === 0 ? others : { ...others, [root]: set });
}

const text = ({ roundTurnFeeUsd, slippageTicks }: InstrumentCosts): string =>
  `fee ${roundTurnFeeUsd === null ? 'usual' : `$${roundTurnFeeUsd}`}, slippage ${slippageTicks === null ? 'usual' : `${slippageTicks} ticks`}`;

/** Returns the operations on the instruments of a profile. */
export function createInstrumentHandlers(parts: InstrumentParts): Pick<Handlers, InstrumentOperation> {
  /** What the costs of a root were when the desk started: a standard that was put back is due as well. */
  const atStart = parts.settings().costs;
  const wasOwn = (root: string, costs: InstrumentCosts): boolean =>
    (atStart[root]?.roundTurnFeeUsd !== undefined && costs.roundTurnFeeUsd === null) ||
    (atStart[root]?.slippageTicks !== undefined && costs.slippageTicks === null);
  return {
    'instruments.list': () => {
      const { rhoMin, maxContracts } = parts.settings().sizing;
      const all = [...parts.instruments.values()];
      const correlations = parts.correlations([...new Set(all.map(({ root }) => root))].sort());
      return {
        ...{ rhoMin, maxContracts },
        items: all.map((instrument): InstrumentView => {
          const { root, symbol, calendar } = instrument;
          const costs = costsOf(parts.settings(), root);
          return {
            ...{ instrument, costs, source: sourceOf(instrument, parts.broker) },
            isOpen: isSessionOpen(parts.clock.now(), calendar),
            correlated: partnersOf(root, correlations, rhoMin),
            lock: parts.lock(symbol),
            isRestartNeeded: isDue(instrument, costs) || wasOwn(root, costs),
          };
        }),
      };
    },
    'instruments.setCosts': ({ root, costs }) => {
      parts.mustBeReady();
      if (![...parts.instruments.values()].some((instrument) => instrument.root === root)) {
        const remedy = 'choose an instrument of this desk';
        throw new DeskError({ code: 'not-found', message: 'no such instrument', field: 'root', value: root, remedy });
      }
      const { settings } = changeSettingsFile(parts, (file) => laid(file, root, costs));
      parts.adopt(settings);
      const detail = `${root}: ${text(costs)}; in force at the next start`;
      parts.recorder.record([{ kind: 'notice', level: 'info', title: 'Costs of an instrument were changed', detail }]);
      return costsOf(settings, root);
    },
  };
}
