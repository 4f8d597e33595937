import type { SizingConfig, TradingState, Watch } from '#shared/domain/sizing.ts';
import type { Breaker, RiskMetrics } from '#shared/domain/status.ts';
import { money, sumMoney, type EpochMs, type Money } from '#shared/units.ts';
import type { Book } from './book.ts';
import { correlatedExposure } from '#desk/engine/exposure.ts';
import type { Correlations, Exposure } from '#shared/domain/sizing.ts';

export type RiskSources = {
  readonly book: Book;
  readonly config: SizingConfig;
  readonly watch: Watch;
  readonly correlations: (roots: readonly string[]) => Correlations;
  readonly state: { readonly state: TradingState; readonly reason: string | null; readonly since: EpochMs | null };
  readonly dayOpening: Money;
  readonly peak: Money;
  readonly now: EpochMs;
};

const level = (value: number | null, warn: number | null, halt: number | null): Breaker['level'] => {
  if (value === null) return 'clear';
  if (halt !== null && value >= halt - 1e-9) return 'halt';
  return warn !== null && value >= warn - 1e-9 ? 'warn' : 'clear';
};

/** Returns the breaker lines: what each measures, against its warn and halt levels. */
export function breakersOf(config: SizingConfig, watch: Watch): readonly Breaker[] {
  const limits = config.breakers;
  const lines = [
    { code: 'day-loss', unit: 'fraction', value: watch.dayLoss, warn: null, halt: limits.dayLossHalt },
    { code: 'drawdown', unit: 'fraction', value: watch.drawdown, warn: limits.drawdownWarn, halt: limits.drawdownHalt },
    { code: 'drift', unit: 'number', value: watch.cusum, warn: limits.cusumWarn, halt: limits.cusumHalt },
    { code: 'brier', unit: 'number', value: watch.brier100, warn: limits.brierWarn, halt: null },
    {
      code: 'calibration-error',
      unit: 'number',
      value: watch.calibrationError100,
      warn: limits.calibrationErrorWarn,
      halt: null,
    },
  ] as const;
  return lines.map((line) => ({ ...line, level: level(line.value, line.warn, line.halt) }));
}

type Side = Pick<Exposure, 'symbol' | 'root' | 'direction' | 'risk'>;

/** One entry per contract and side: a position and what is being added to it are one trade, not partners. */
function merge(exposures: readonly Exposure[]): readonly Side[] {
  const merged = new Map<string, Side>();
  for (const { symbol, root, direction, risk } of exposures) {
    const key = `${symbol} ${direction}`;
    merged.set(key, { symbol, root, direction, risk: money(risk + (merged.get(key)?.risk ?? 0)) });
  }
  return [...merged.values()];
}

/** Returns the largest correlated exposure as a share of equity, and whose it is; null where nothing has a partner. */
export function clusterOf(
  all: readonly Exposure[],
  equity: Money,
  given: { readonly correlations: RiskSources['correlations']; readonly rhoMin: number },
): { readonly value: number | null; readonly roots: readonly string[] } {
  const exposures = merge(all);
  if (exposures.length < 2 || equity <= 0) return { value: null, roots: [] };
  const { roots, rho } = given.correlations([...new Set(exposures.map((e) => e.root))].sort());
  const index = new Map(roots.map((root, i) => [root, i]));
  const result = correlatedExposure(
    exposures.map((e) => ({ direction: e.direction, risk: e.risk / equity })),
    exposures.map((a) =>
      exposures.map((b) => (a.root === b.root ? 1 : (rho[index.get(a.root) ?? -1]?.[index.get(b.root) ?? -1] ?? 1))),
    ),
    given.rhoMin,
  );
  if (!result.ok || result.value.clusterMax === 0) return { value: null, roots: [] };
  const most = result.value.cluster.indexOf(result.value.clusterMax);
  const own = exposures[most]?.root;
  return { value: result.value.clusterMax, roots: own === undefined ? [] : [own] };
}

/** Returns the account and what it is exposed to, for the gauges, the top bar and `risk-metrics`. */
export function riskMetricsOf(sources: RiskSources): RiskMetrics {
  const { book, config, watch, state } = sources;
  const account = book.account();
  const risk = sumMoney(book.exposures().map((e) => e.risk));
  const cluster = clusterOf(book.exposures(), account.sizing, {
    correlations: sources.correlations,
    rhoMin: config.rhoMin,
  });
  return {
    asOf: sources.now,
    equity: account.equity,
    sizingEquity: account.sizing,
    realisedEquity: account.realised,
    openPnl: account.openPnl,
    dayPnl: money(account.equity - sources.dayOpening),
    peakEquity: sources.peak,
    heat: account.sizing > 0 ? risk / account.sizing : risk > 0 ? 1 : 0,
    heatLimit: config.maxHeat,
    heatRisk: risk,
    reservedRisk: book.reservedRisk(),
    cluster: cluster.value,
    clusterLimit: config.maxCluster,
    clusterRoots: [...cluster.roots],
    tradingState: state.state,
    tradingStateReason: state.reason,
    tradingStateSince: state.since,
    watch,
    breakers: [...breakersOf(config, watch)],
  };
}
