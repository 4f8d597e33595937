import type { Decision } from '#shared/domain/decision.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar, Quote } from '#shared/domain/market.ts';
import type { ModelId, Prediction } from '#shared/domain/prediction.ts';
import type {
  Calibrator,
  Correlations,
  Exposure,
  Guards,
  Rival,
  SizingConfig,
  SizingSnapshot,
  TradePlan,
  TradingState,
  Watch,
} from '#shared/domain/sizing.ts';
import { freezeWhole, oncePerFrozen } from '#shared/frozen.ts';
import { ticks, type EpochMs } from '#shared/units.ts';
import type { Book } from '#desk/account/book.ts';
import { decide } from '#desk/engine/decide.ts';
import { planTrade } from '#desk/engine/plan.ts';
import type { ForecastRequest, ForecastSource } from '#desk/ports/forecast-source.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { RootFamilies } from '#desk/account/samples.ts';
import type { Planning } from '#desk/profiles/settings.ts';

/** What both models said of one symbol, and the bars they said it of. */
export type Signal = {
  readonly instrument: Instrument;
  readonly bars: readonly Bar[];
  readonly opinions: { readonly lstm: Prediction; readonly ensemble: Prediction };
};

export type SizedSignal = { readonly signal: Signal; readonly snapshot: SizingSnapshot; readonly decision: Decision };

/** The state of the desk that a snapshot reads, as functions: each call sees the newest. */
export type SnapshotSources = {
  readonly journal: Journal;
  readonly book: Book;
  readonly families: RootFamilies;
  readonly config: () => SizingConfig;
  readonly planning: () => Planning;
  readonly tradingState: () => TradingState;
  readonly lock: (symbol: string) => string | null;
  readonly watch: () => Watch;
  readonly calibrator: () => Calibrator;
  readonly correlations: (roots: readonly string[]) => Correlations;
  /** Latched breakers, losses in a row and the rate of entries (`guardsOf`); left out where nothing watches them. */
  readonly guards?: () => Guards;
};

/** Asks both models of one symbol, together. Whatever goes wrong comes back as a prediction that is not `ok`. */
export async function askModels(
  sources: Readonly<Record<ModelId, ForecastSource>>,
  request: ForecastRequest,
  signal: AbortSignal,
): Promise<Signal['opinions']> {
  const [lstm, ensemble] = await Promise.all([
    sources.lstm.predict(request, signal),
    sources.ensemble.predict(request, signal),
  ]);
  return { lstm, ensemble };
}

/**
 * Returns a source whose answers carry no latency while time is virtual: how long the machine took says nothing there,
 * and would make two runs of the same history differ.
 */
export const timeless = <S extends ForecastSource>(source: S, isVirtual: () => boolean): S => ({
  ...source,
  predict: async (request, signal) => {
    const prediction = await source.predict(request, signal);
    return isVirtual() ? { ...prediction, latencyMs: null } : prediction;
  },
});

/** What all decisions of one moment look at alike. */
type Situation = Pick<
  SizingSnapshot,
  'config' | 'equity' | 'tradingState' | 'calibrator' | 'watch' | 'exposures' | 'guards'
>;

/** One configuration, calibrator and book stand for many decisions: each is spelt, and told by its version, once. */
function situationOf(sources: SnapshotSources): Situation {
  return {
    config: freezeWhole(sources.config()),
    equity: sources.book.account().sizing,
    tradingState: sources.tradingState(),
    calibrator: freezeWhole(sources.calibrator()),
    watch: freezeWhole(sources.watch()),
    exposures: freezeWhole([...sources.book.exposures()]),
    ...(sources.guards === undefined ? {} : { guards: freezeWhole(sources.guards()) }),
  };
}

type Signalled = { readonly instrument: Instrument; readonly opinions: SizingSnapshot['opinions'] };
type Moment = {
  readonly now: EpochMs;
  readonly plan: TradePlan | null;
  readonly rivals: readonly Rival[];
  readonly quote: Quote | null;
};

/** The roots of what is open, each once and in order: one list of exposures stands for many decisions. */
const rootsHeld = oncePerFrozen((exposures: readonly Exposure[]): readonly string[] =>
  [...new Set(exposures.map(({ root }) => root))].sort(),
);

/** The roots that a decision asks the correlations of, each once and in order: its own, what is open, its rivals. */
export function rootsFor(
  own: string,
  exposures: readonly Exposure[],
  rivals: readonly Rival[] = [],
): readonly string[] {
  const held = rootsHeld(exposures);
  if (rivals.length > 0) return [...new Set([own, ...held, ...rivals.map(({ root }) => root)])].sort();
  if (held.includes(own)) return held;
  const place = held.findIndex((root) => root > own);
  return held.toSpliced(place === -1 ? held.length : place, 0, own);
}

function snapshotIn(
  situation: Situation,
  sources: SnapshotSources,
  { instrument, opinions, now, plan, rivals, quote }: Signalled & Moment,
): SizingSnapshot {
  const { config, equity, tradingState, calibrator, watch, exposures, guards } = situation;
  const { book, families } = sources;
  return {
    now,
    config,
    instrument: freezeWhole(instrument),
    opinions,
    plan,
    quote,
    equity,
    tradingState,
    lock: sources.lock(instrument.symbol),
    samples: [...book.samples({ instrument, config, families, now })],
    calibrator,
    watch,
    exposures,
    rivals: [...rivals],
    correlations: sources.correlations(rootsFor(instrument.root, exposures, rivals)),
    held: book.held(instrument.symbol),
    ...(guards === undefined ? {} : { guards }),
  };
}

/** Returns everything a decision on `signal` may look at, as of `now`. */
export const snapshotOf = (sources: SnapshotSources, signal: Signalled, at: Moment): SizingSnapshot =>
  snapshotIn(situationOf(sources), sources, { ...signal, ...at });

const isProposal = (decision: Decision): boolean => decision.contracts > 0;

const rivalOf = ({ signal, decision }: SizedSignal): Rival | null =>
  decision.direction === 0 || decision.riskPerContract === null || !isProposal(decision)
    ? null
    : {
        symbol: signal.instrument.symbol,
        root: signal.instrument.root,
        direction: decision.direction,
        contracts: decision.contracts,
        riskPerContract: decision.riskPerContract,
        marginPerContract: signal.instrument.initialMargin,
      };

/**
 * Sizes signals that came together. Each is sized alone first; then all compete, with the proposals still standing, for
 * one budget, so that the result depends on the set and not on the order.
 * @param standing proposals of other symbols that may still be approved
 */
export function sizeTogether(
  sources: SnapshotSources,
  signals: readonly Signal[],
  at: { readonly now: EpochMs; readonly standing: readonly Rival[] },
): readonly SizedSignal[] {
  const situation = situationOf(sources);
  const size = (signal: Signal, moment: Omit<Moment, 'now'>): SizedSignal => {
    const { instrument, opinions } = signal;
    const snapshot = snapshotIn(situation, sources, { instrument, opinions, now: at.now, ...moment });
    return { signal, snapshot, decision: decide(snapshot) };
  };
  const alone = signals.map((signal) => {
    const quote = sources.book.quote(signal.instrument.symbol);
    const planned = planTrade(signal.bars, sources.planning());
    const entry = quote?.last ?? planned?.entry;
    const plan = planned === null || entry === undefined ? null : { ...planned, entry: ticks(entry) };
    return size(signal, { plan, quote, rivals: [] });
  });
  const batch = alone.map(rivalOf).filter((rival) => rival !== null);
  const symbols = new Set(signals.map((s) => s.instrument.symbol));
  const standing = at.standing.filter((rival) => !symbols.has(rival.symbol));
  if (batch.length + standing.length <= 1 && standing.length === 0) return alone;
  return alone.map((sized) => {
    if (!isProposal(sized.decision)) return sized;
    const rivals = [...batch.filter((r) => r.symbol !== sized.signal.instrument.symbol), ...standing];
    const { plan, quote } = sized.snapshot;
    return rivals.length === 0 ? sized : size(sized.signal, { plan, quote, rivals });
  });
}
