import type { DecisionStatus } from '#shared/domain/decision.ts';
import { sampleScopeSchema, type Held, type SizingSnapshot, type TradeSample } from '#shared/domain/sizing.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import { createCursor, createRows, createTable, orNaN, orNull, placed, type Cursor, type Table } from './columns.ts';
import type { Case } from './tape.ts';
import type { Intern } from './tape-snapshot.ts';

/** A signal that stood, before what was said and done about it later is known. */
export type Signal = Omit<Case, 'executed' | 'closedAt' | 'outcome' | 'plan'> & {
  /** Planned, ticks. */
  readonly entry: number;
};

/** What stands in the snapshots of many signals. */
type Parts = {
  readonly [
    K in 'config' | 'instrument' | 'correlations' | 'tradingState' | 'exposures' | 'rivals'
  ]: readonly SizingSnapshot[K][];
} & {
  readonly gate: readonly (DecisionStatus | null)[];
  readonly lock: readonly SizingSnapshot['lock'][];
  readonly held: readonly SizingSnapshot['held'][];
  readonly guards: readonly SizingSnapshot['guards'][];
};

/** Signals by column: little to hand to another thread, and made into the same objects there. */
export type SignalColumns = {
  readonly ids: readonly string[];
  /** A row for each, in the order of `writeSignal`. */
  readonly rows: Float64Array;
  /** Rows of all their samples, one signal after the other. */
  readonly samples: Float64Array;
  readonly parts: Parts;
};

/** Places in a row of what is read without making the signal; how wide a row is. */
const [AT, ENTRY, INSTRUMENT, CONFIG, WIDTH] = [0, 1, 2, 3, 29];

const SCOPES = sampleScopeSchema.options;
const NOTHING_HELD: SizingSnapshot['exposures'] = [];
const NO_RIVALS: SizingSnapshot['rivals'] = [];
const NO_CALIBRATOR: SizingSnapshot['calibrator'] = { kind: 'none', version: '' };
const NO_OPINIONS: SizingSnapshot['opinions'] = { lstm: null, ensemble: null };

const sampleRow = (sample: TradeSample): readonly number[] => [
  SCOPES.indexOf(sample.scope),
  sample.from,
  sample.wins,
  sample.losses,
  sample.scratches,
  sample.sumWinR,
  sample.sumLossR,
  orNaN(sample.averageLossPerContract),
];

function sampleOf(next: Cursor): TradeSample {
  const scope = placed(SCOPES, next());
  const [from, wins, losses, scratches, sumWinR, sumLossR] = [next(), next(), next(), next(), next(), next()];
  const loss = orNull(next());
  const averageLossPerContract = loss === null ? null : money(loss);
  return { scope, from: epochMs(from), wins, losses, scratches, sumWinR, sumLossR, averageLossPerContract };
}

const watchOf = (next: Cursor): SizingSnapshot['watch'] => ({
  cusum: orNull(next()),
  resolved: next(),
  brier100: orNull(next()),
  calibrationError100: orNull(next()),
  dayLoss: next(),
  drawdown: next(),
});

function planOf(next: Cursor): SizingSnapshot['plan'] {
  const [entry, stopDistance, targetDistance] = [next(), next(), next()];
  return Number.isNaN(entry) ? null : { entry: ticks(entry), stopDistance, targetDistance };
}

type Tables = { readonly [K in keyof Parts]: Table<Parts[K][number]> };

const createTables = (): Tables => ({
  config: createTable(),
  instrument: createTable(),
  correlations: createTable(),
  tradingState: createTable(),
  exposures: createTable(),
  rivals: createTable(),
  gate: createTable(),
  lock: createTable(),
  held: createTable(),
  guards: createTable(),
});

const partsOf = (tables: Tables): Parts => ({
  config: tables.config.values,
  instrument: tables.instrument.values,
  correlations: tables.correlations.values,
  tradingState: tables.tradingState.values,
  exposures: tables.exposures.values,
  rivals: tables.rivals.values,
  gate: tables.gate.values,
  lock: tables.lock.values,
  held: tables.held.values,
  guards: tables.guards.values,
});

// One list, written out: it is made for every decision.
function signalRow(signal: Signal, tables: Tables, intern: Intern): readonly number[] {
  const { snapshot } = signal;
  const { plan, watch, exposures, rivals, held, guards } = snapshot;
  return [
    signal.at,
    signal.entry,
    tables.instrument.placeOf(intern(snapshot.instrument)),
    tables.config.placeOf(intern(snapshot.config)),
    signal.direction,
    signal.winProbability,
    signal.riskPerContract,
    signal.stop,
    signal.suggested,
    tables.gate.placeOf(signal.gate),
    snapshot.now,
    tables.correlations.placeOf(intern(snapshot.correlations)),
    plan?.entry ?? NaN,
    plan?.stopDistance ?? NaN,
    plan?.targetDistance ?? NaN,
    snapshot.equity,
    tables.tradingState.placeOf(snapshot.tradingState),
    tables.lock.placeOf(snapshot.lock),
    snapshot.samples.length,
    orNaN(watch.cusum),
    watch.resolved,
    orNaN(watch.brier100),
    orNaN(watch.calibrationError100),
    watch.dayLoss,
    watch.drawdown,
    tables.exposures.placeOf(exposures.length === 0 ? NOTHING_HELD : exposures),
    tables.rivals.placeOf(rivals.length === 0 ? NO_RIVALS : rivals),
    tables.held.placeOf(held === undefined ? held : intern(held)),
    tables.guards.placeOf(guards === undefined ? guards : intern(guards)),
  ];
}

/** Takes signals down by column; what is equal in them is one and the same. */
export function createSignalWriter(intern: Intern): {
  add(signal: Signal): void;
  all(): SignalColumns;
} {
  const ids: string[] = [];
  const [rows, samples, tables] = [createRows(), createRows(), createTables()];
  return {
    add: (signal) => {
      ids.push(signal.id);
      rows.add(signalRow(signal, tables, intern));
      for (const sample of signal.snapshot.samples) samples.add(sampleRow(sample));
    },
    all: () => ({ ids, rows: rows.all(), samples: samples.all(), parts: partsOf(tables) }),
  };
}

/** What of a signal settles what became of it. */
export type SignalTerms = Pick<Signal, 'id' | 'at' | 'entry'> & Pick<SizingSnapshot, 'instrument'>;

export function* termsOf({ ids, rows, parts }: SignalColumns): Generator<SignalTerms> {
  for (const [i, id] of ids.entries()) {
    const at = (field: number): number => placed(rows, i * WIDTH + field);
    const [time, entry, instrument] = [epochMs(at(AT)), at(ENTRY), placed(parts.instrument, at(INSTRUMENT))];
    yield { id, at: time, entry, instrument };
  }
}

/** The settings of the last signal; null where there is none. */
export function lastConfigOf({ ids, rows, parts }: SignalColumns): SizingSnapshot['config'] | null {
  const last = ids.length - 1;
  return last < 0 ? null : placed(parts.config, placed(rows, last * WIDTH + CONFIG));
}

type Read = { readonly next: Cursor; readonly nextOfSamples: Cursor; readonly parts: Parts };

/** What every snapshot states. */
const statedOf = (
  { next, nextOfSamples, parts }: Read,
  { instrument, config }: Pick<SizingSnapshot, 'instrument' | 'config'>,
): SizingSnapshot => ({
  instrument,
  config,
  now: epochMs(next()),
  correlations: placed(parts.correlations, next()),
  opinions: NO_OPINIONS,
  quote: null,
  calibrator: NO_CALIBRATOR,
  plan: planOf(next),
  equity: money(next()),
  tradingState: placed(parts.tradingState, next()),
  lock: parts.lock[next()] ?? null,
  samples: Array.from({ length: next() }, () => sampleOf(nextOfSamples)),
  watch: watchOf(next),
  exposures: placed(parts.exposures, next()),
  rivals: placed(parts.rivals, next()),
});

/** With what is held. Written out, as the engine copies and reads such an object faster than one that grew. */
const withHeld = (stated: SizingSnapshot, held: Held): SizingSnapshot => ({
  instrument: stated.instrument,
  config: stated.config,
  now: stated.now,
  correlations: stated.correlations,
  opinions: stated.opinions,
  quote: stated.quote,
  calibrator: stated.calibrator,
  plan: stated.plan,
  equity: stated.equity,
  tradingState: stated.tradingState,
  lock: stated.lock,
  samples: stated.samples,
  watch: stated.watch,
  exposures: stated.exposures,
  rivals: stated.rivals,
  held,
});

/** A snapshot; what an old decision did not state stays away. */
function snapshotOf(read: Read, shared: Pick<SizingSnapshot, 'instrument' | 'config'>): SizingSnapshot {
  const { next, parts } = read;
  const stated = statedOf(read, shared);
  const [held, guards] = [parts.held[next()], parts.guards[next()]];
  const snapshot = held === undefined ? stated : withHeld(stated, held);
  return guards === undefined ? snapshot : { ...snapshot, guards };
}

function signalOf(id: string, read: Read): Signal {
  const { next, parts } = read;
  const [at, entry] = [epochMs(next()), next()];
  const [instrument, config] = [placed(parts.instrument, next()), placed(parts.config, next())];
  const direction = next() === 1 ? 1 : -1;
  const [winProbability, riskPerContract, stop, suggested] = [next(), money(next()), next(), next()];
  const gate = parts.gate[next()] ?? null;
  const snapshot = snapshotOf(read, { instrument, config });
  const isProposal = suggested > 0;
  return { id, at, entry, direction, winProbability, riskPerContract, stop, suggested, isProposal, gate, snapshot };
}

/** Makes the signals again, one by one. @param shared gives of equal settings and contracts one and the same */
export function* signalsOf({ ids, rows, samples, parts }: SignalColumns, shared: Intern): Generator<Signal> {
  const same: Parts = {
    ...parts,
    config: parts.config.map(shared),
    instrument: parts.instrument.map(shared),
    correlations: parts.correlations.map(shared),
  };
  const read: Read = { next: createCursor(rows), nextOfSamples: createCursor(samples), parts: same };
  for (const id of ids) yield signalOf(id, read);
}
