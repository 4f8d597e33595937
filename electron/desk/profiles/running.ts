import type { Instrument } from '#shared/domain/instrument.ts';
import type { Connection } from '#shared/domain/status.ts';
import type { RunningTest } from '#desk/connections/simulation-tests.ts';
import type { Assembly } from '#desk/assembly.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { Notices } from '#desk/records/notices.ts';
import type { DeskClock } from './clocks.ts';

/** A profile that stands: clocks, market, models and broker behind the same ports, whatever they are. */
export type RunningProfile = {
  readonly assembly: Assembly;
  readonly broker: Broker;
  readonly clock: DeskClock;
  readonly notices: Notices;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly connections: () => readonly Connection[];
  /** Tests the connections of a profile that has no configuration of them; null where it has one. */
  readonly test: RunningTest | null;
  /** Makes or fetches what history is missing, connects, then goes live. */
  readonly run: () => Promise<void>;
  readonly close: () => Promise<void>;
};
