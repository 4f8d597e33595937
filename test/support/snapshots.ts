import fc from 'fast-check';

import { PRESETS } from '#desk/engine/config.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Prediction, PredictionState } from '#shared/domain/prediction.ts';
import { sizingSnapshotSchema } from '#shared/domain/sizing.ts';
import type {
  Exposure,
  Guards,
  Rival,
  SizingConfig,
  SizingSnapshot,
  TradeSample,
  Watch,
} from '#shared/domain/sizing.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

/** Monday 2026-11-23, 15:00 UTC: an open session far from any holiday or expiry. */
export const SNAPSHOT_NOW = epochMs(Date.UTC(2026, 10, 23, 15));

export type SnapshotOverrides = Partial<Omit<SizingSnapshot, 'config' | 'instrument' | 'watch'>> & {
  readonly config?: Partial<SizingConfig>;
  readonly instrument?: Partial<Instrument>;
  readonly watch?: Partial<Watch>;
};

/** The December Nasdaq-100 future with a broker margin of $4,200, two ticks of slippage and $4.60 of fees. */
export const nasdaq: Instrument = {
  symbol: 'NQZ26-CME',
  root: 'NQ',
  name: 'E-mini Nasdaq-100',
  exchange: 'CME',
  group: 'equity',
  tickSize: 0.25,
  tickValue: moneyFromUsd(5),
  priceFormat: 'decimal',
  microRoot: 'MNQ',
  lastTradeDate: '2026-12-18',
  firstNoticeDate: null,
  calendar: 'always',
  initialMargin: moneyFromUsd(4200),
  roundTurnFee: moneyFromUsd(4.6),
  slippageTicks: 2,
};

/** A fresh long prediction of one model for a symbol. */
export const prediction = (
  model: Prediction['model'],
  confidence: number,
  overrides: Partial<Prediction> = {},
): Prediction => ({
  model,
  symbol: nasdaq.symbol,
  state: 'ok',
  direction: 1,
  confidence,
  asOf: epochMs(SNAPSHOT_NOW - 800),
  receivedAt: epochMs(SNAPSHOT_NOW - 700),
  latencyMs: 12,
  modelVersion: { name: model, version: '1', featureSchema: null, sha256: null },
  detail: null,
  ...overrides,
});

/** 36 wins averaging 1.45 R and 24 losses averaging 1 R, an average loss of $380 per contract. */
export const referenceSample: TradeSample = {
  scope: 'root',
  from: epochMs(SNAPSHOT_NOW - 30 * 86_400_000),
  wins: 36,
  losses: 24,
  scratches: 3,
  sumWinR: 52.2,
  sumLossR: 24,
  averageLossPerContract: moneyFromUsd(380),
};

const ROOTS = ['NQ', 'ES', 'GC', 'CL', 'ZN', '6E'];
const RHO = [
  [1, 0.92, 0.15, 0.1, -0.1, 0.05],
  [0.92, 1, 0.12, 0.15, -0.05, 0.1],
  [0.15, 0.12, 1, 0.3, 0.2, 0.55],
  [0.1, 0.15, 0.3, 1, -0.1, 0.15],
  [-0.1, -0.05, 0.2, -0.1, 1, 0.1],
  [0.05, 0.1, 0.55, 0.15, 0.1, 1],
];

const REFERENCE: SizingSnapshot = {
  now: SNAPSHOT_NOW,
  config: PRESETS.conservative,
  instrument: nasdaq,
  opinions: { lstm: prediction('lstm', 0.65), ensemble: prediction('ensemble', 0.7) },
  plan: { entry: ticks(93_945), stopDistance: 80, targetDistance: 120 },
  quote: {
    symbol: nasdaq.symbol,
    bid: ticks(93_944),
    ask: ticks(93_946),
    last: ticks(93_945),
    asOf: epochMs(SNAPSHOT_NOW - 300),
    receivedAt: epochMs(SNAPSHOT_NOW - 280),
  },
  equity: moneyFromUsd(100_000),
  tradingState: 'active',
  lock: null,
  samples: [referenceSample],
  calibrator: { kind: 'none', version: 'none' },
  watch: { cusum: 0.4, resolved: 200, brier100: 0.215, calibrationError100: 0.04, dayLoss: 0, drawdown: 0.02 },
  exposures: [],
  rivals: [],
  correlations: { roots: ROOTS, rho: RHO },
};

/**
 * A valid snapshot: $100,000, NQ, an 80-tick stop, p = .68, b = 1.45 on 60 trades, an empty book. Overrides replace
 * whole fields, except config, instrument and watch, whose fields are replaced one by one.
 */
export const snapshot = (overrides: SnapshotOverrides = {}): SizingSnapshot => ({
  ...REFERENCE,
  ...overrides,
  config: { ...REFERENCE.config, ...overrides.config },
  instrument: { ...REFERENCE.instrument, ...overrides.instrument },
  watch: { ...REFERENCE.watch, ...overrides.watch },
});

/** A position or reservation in another market: one contract, $500 of risk, margin known. */
export const exposure = (overrides: Partial<Exposure> = {}): Exposure => ({
  symbol: 'ESZ26-CME',
  root: 'ES',
  direction: 1,
  contracts: 1,
  risk: moneyFromUsd(500),
  margin: moneyFromUsd(2000),
  ...overrides,
});

/** A position in the sized contract itself: among the exposures, and as what is held of it. */
export const holding = (
  of: SizingSnapshot,
  position: { readonly contracts: number; readonly risk: Money; readonly direction?: 1 | -1; readonly margin?: Money },
): SizingSnapshot => {
  const { symbol, root, initialMargin } = of.instrument;
  const { contracts, risk, direction = 1 } = position;
  const margin = position.margin ?? (initialMargin === null ? null : money(initialMargin * contracts));
  const others = of.exposures.filter((e) => e.symbol !== symbol);
  return {
    ...of,
    exposures: [...others, { symbol, root, direction, contracts, risk, margin }],
    held: { position: { direction, contracts, risk }, working: 0, inDoubt: 0 },
  };
};

/** Guards with nothing to say. */
export const guards = (overrides: Partial<Guards> = {}): Guards => ({
  latches: [],
  rearmed: [],
  consecutiveLosses: 0,
  maxConsecutiveLosses: 5,
  entriesLastMinute: 0,
  maxOrdersPerMinute: 10,
  ...overrides,
});

/** Another recommendation: two contracts of $400 each. */
export const rival = (overrides: Partial<Rival> = {}): Rival => ({
  symbol: 'GCZ26-COMEX',
  root: 'GC',
  direction: 1,
  contracts: 2,
  riskPerContract: moneyFromUsd(400),
  marginPerContract: moneyFromUsd(1_000),
  ...overrides,
});

/** The six simulated markets and one that no correlation matrix knows, without a contract in the table. */
const MARKETS = [
  { symbol: 'NQZ26-CME', root: 'NQ', group: 'equity', tickValue: 5 },
  { symbol: 'NQH27-CME', root: 'NQ', group: 'equity', tickValue: 5 },
  { symbol: 'MNQZ26-CME', root: 'MNQ', group: 'equity', tickValue: 0.5 },
  { symbol: 'ESZ26-CME', root: 'ES', group: 'equity', tickValue: 12.5 },
  { symbol: 'RTYZ26-CME', root: 'RTY', group: 'equity', tickValue: 5 },
  { symbol: 'GCZ26-COMEX', root: 'GC', group: 'metals', tickValue: 10 },
  { symbol: 'CLF27-NYMEX', root: 'CL', group: 'energy', tickValue: 10 },
  { symbol: 'ZNZ26-CBOT', root: 'ZN', group: 'rates', tickValue: 15.625 },
  { symbol: '6EZ26-CME', root: '6E', group: 'fx', tickValue: 6.25 },
  { symbol: 'XXZ26-CME', root: 'XX', group: 'grains', tickValue: 2.5 },
] as const;

const usd = (min: number, max: number): fc.Arbitrary<ReturnType<typeof money>> =>
  fc.integer({ min: Math.round(min * 10_000), max: Math.round(max * 10_000) }).map(money);

const share = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

const direction = fc.constantFrom<(1 | -1)[]>(1, -1);

const arbitraryInstrument: fc.Arbitrary<Instrument> = fc
  .record({
    market: fc.constantFrom(...MARKETS),
    initialMargin: fc.option(usd(50, 20_000), { freq: 12 }),
    roundTurnFee: usd(0, 12),
    slippageTicks: fc.integer({ min: 0, max: 6 }),
    hasMicro: fc.boolean(),
  })
  .map(({ market, hasMicro, ...rest }) => ({
    ...nasdaq,
    symbol: market.symbol,
    root: market.root,
    group: market.group,
    tickValue: moneyFromUsd(market.tickValue),
    microRoot: hasMicro ? `M${market.root}` : null,
    lastTradeDate: '2026-12-18',
    ...rest,
  }));

const arbitraryConfig: fc.Arbitrary<SizingConfig> = fc
  .record({
    preset: fc.constantFrom(PRESETS.conservative, PRESETS.specification),
    multiplier: fc.oneof(
      fc.constant(PRESETS.conservative.multiplier),
      share(0.01, 1).map((value) => ({ mode: 'fixed' as const, value })),
    ),
    basis: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom<SizingConfig['basis'][]>('stopOrAvgLoss', 'stop', 'avgLoss') },
      { weight: 1, arbitrary: fc.constantFrom<SizingConfig['basis'][]>('margin', 'notional') },
    ),
    fractionCap: share(0.02, 0.25),
    minFraction: share(0, 0.02),
    maxContracts: fc.integer({ min: 1, max: 30 }),
    maxRiskPerTrade: share(0.001, 0.25),
    maxHeat: share(0.01, 0.4),
    maxCluster: share(0.01, 0.3),
    rhoMin: share(0, 1),
    maxMarginShare: share(0.05, 1),
    evaluation: fc.record({ contracts: fc.integer({ min: 1, max: 3 }), maxRisk: share(0, 0.03) }),
    evidenceTrades: fc.constantFrom(0, 10, 30),
    payoffTrades: fc.constantFrom(0, 4, 10),
    calibrate: fc.boolean(),
  })
  .map(({ preset, ...rest }) => ({ ...preset, ...rest }));

const arbitrarySample = (scope: TradeSample['scope']): fc.Arbitrary<TradeSample> =>
  fc
    .record({
      wins: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 120 })),
      losses: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 120 })),
      scratches: fc.integer({ min: 0, max: 20 }),
      averageWin: fc.oneof({ weight: 4, arbitrary: share(0.5, 4) }, { weight: 1, arbitrary: share(0, 0.5) }),
      averageLoss: fc.oneof({ weight: 4, arbitrary: share(0.5, 1.5) }, { weight: 1, arbitrary: share(0, 3) }),
      averageLossPerContract: fc.option(usd(-10, 2000), { freq: 5 }),
    })
    .map(({ averageWin, averageLoss, ...counts }) => ({
      scope,
      from: referenceSample.from,
      ...counts,
      sumWinR: averageWin * counts.wins,
      sumLossR: averageLoss * counts.losses,
    }));

const arbitraryState = fc.oneof(
  { weight: 20, arbitrary: fc.constant<PredictionState>('ok') },
  { weight: 1, arbitrary: fc.constantFrom<PredictionState[]>('stale', 'invalid', 'unavailable', 'mismatch') },
);

const arbitraryPrediction = (model: Prediction['model'], symbol: string, side: 1 | -1): fc.Arbitrary<Prediction> =>
  fc
    .record({
      state: arbitraryState,
      confidence: fc.oneof(
        { weight: 20, arbitrary: share(0.58, 1) },
        { weight: 1, arbitrary: fc.constantFrom(0, 1, null) },
      ),
      direction: fc.oneof(
        { weight: 30, arbitrary: fc.constant(side) },
        { weight: 1, arbitrary: fc.constantFrom<(-1 | 0 | 1 | null)[]>(-1, 0, 1, null) },
      ),
      age: fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: 0, max: 60_000 }) },
        { weight: 1, arbitrary: fc.constantFrom(-60_000, 60_001, 3_600_000) },
      ),
    })
    .map(({ age, ...rest }) => prediction(model, 0, { symbol, asOf: epochMs(SNAPSHOT_NOW - age), ...rest }));

/** A position or reservation in any of the markets. */
export const arbitraryExposure: fc.Arbitrary<Exposure> = fc
  .record({
    market: fc.constantFrom(...MARKETS),
    direction,
    contracts: fc.integer({ min: 0, max: 6 }),
    risk: usd(0, 6000),
    margin: fc.option(usd(0, 12_000), { freq: 5 }),
  })
  .map(({ market: { symbol, root }, ...rest }) => ({ symbol, root, ...rest }));

const arbitraryRival: fc.Arbitrary<Rival> = fc
  .record({
    market: fc.constantFrom(...MARKETS),
    direction,
    contracts: fc.integer({ min: 0, max: 8 }),
    riskPerContract: usd(0, 3000),
    marginPerContract: fc.option(usd(0, 20_000)),
  })
  .map(({ market: { symbol, root }, ...rest }) => ({ symbol, root, ...rest }));

/** Nothing is measured before the first resolved prediction, no score before the hundredth. */
const arbitraryWatch: fc.Arbitrary<Watch> = fc
  .record({
    cusum: share(0, 3.05),
    resolved: fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 50, max: 500 })),
    brier100: share(0.1, 0.3),
    calibrationError100: share(0, 0.15),
    dayLoss: share(0, 0.0305),
    drawdown: share(0, 0.202),
  })
  .map((watch) => ({
    ...watch,
    cusum: watch.resolved === 0 ? null : watch.cusum,
    brier100: watch.resolved < 100 ? null : watch.brier100,
    calibrationError100: watch.resolved < 100 ? null : watch.calibrationError100,
  }));

const arbitraryCalibrator: fc.Arbitrary<SizingSnapshot['calibrator']> = fc.oneof(
  fc.constant({ kind: 'none' as const, version: 'none' }),
  fc.record({ a: share(-2, 0), b: share(-1, 1) }).map((map) => ({ kind: 'platt' as const, version: 'p1', ...map })),
  fc
    .record({ a: share(0, 2), b: share(0, 2), c: share(-1, 1) })
    .map((map) => ({ kind: 'beta' as const, version: 'b1', ...map })),
  fc.constantFrom<SizingSnapshot['calibrator'][]>(
    { kind: 'isotonic', version: 'i1', x: [0.5, 0.6, 0.8], y: [0.4, 0.55, 0.9] },
    { kind: 'isotonic', version: 'i0', x: [], y: [] },
  ),
);

const rarely = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 40, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const arbitraryPlan: fc.Arbitrary<SizingSnapshot['plan']> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      entry: fc.integer({ min: -200, max: 100_000 }).map(ticks),
      stopDistance: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 400 })),
      targetDistance: fc.integer({ min: 1, max: 600 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant(null) },
);

/** Snapshots of every kind: most get as far as the limits, some are vetoed, blocked or without equity. */
export const arbitrarySnapshot = (): fc.Arbitrary<SizingSnapshot> =>
  fc
    .record({ instrument: arbitraryInstrument, side: direction })
    .chain(({ instrument, side }) =>
      fc.record({
        now: fc.constant(SNAPSHOT_NOW),
        // Half of the cases unbiased: small values, which the library prefers, are mostly too small to size.
        config: fc.oneof(arbitraryConfig, fc.noBias(arbitraryConfig)),
        instrument: fc.constant(instrument),
        opinions: fc.record({
          lstm: fc.option(arbitraryPrediction('lstm', instrument.symbol, side), { freq: 40 }),
          ensemble: fc.option(arbitraryPrediction('ensemble', instrument.symbol, side), { freq: 40 }),
        }),
        plan: fc.oneof(arbitraryPlan, fc.noBias(arbitraryPlan)),
        quote: rarely<SizingSnapshot['quote']>({ ...quoteOf(instrument.symbol) }, null),
        equity: fc.oneof(
          { weight: 30, arbitrary: fc.noBias(usd(30_000, 2_000_000)) },
          { weight: 5, arbitrary: usd(100, 30_000) },
          { weight: 1, arbitrary: fc.constantFrom(money(0), money(1), money(-50_000_000)) },
        ),
        tradingState: rarely<SizingSnapshot['tradingState']>('active', 'reducing', 'halted'),
        lock: rarely<string | null>(null, 'unreconciled'),
        samples: fc.oneof(
          fc.noBias(fc.tuple(arbitrarySample('root'), arbitrarySample('group'), arbitrarySample('all'))),
          fc.tuple(arbitrarySample('root')),
          fc.constant([]),
        ),
        calibrator: arbitraryCalibrator,
        watch: fc.oneof(arbitraryWatch, fc.noBias(arbitraryWatch)),
        exposures: fc.array(arbitraryExposure, { maxLength: 5 }).map(withoutMost(instrument.symbol)),
        rivals: fc.array(arbitraryRival, { maxLength: 5 }),
        correlations: fc.constantFrom(REFERENCE.correlations, { roots: [], rho: [] }),
      }),
    )
    .map((value) => sizingSnapshotSchema.parse(value));

const quoteOf = (symbol: string): NonNullable<SizingSnapshot['quote']> => ({
  symbol,
  bid: ticks(93_944),
  ask: ticks(93_946),
  last: ticks(93_945),
  asOf: epochMs(SNAPSHOT_NOW - 300),
  receivedAt: epochMs(SNAPSHOT_NOW - 280),
});

/** Keeps a position in the sized symbol itself only when it is the first of the list: it blocks everything else. */
const withoutMost =
  (symbol: string) =>
  (exposures: readonly Exposure[]): Exposure[] =>
    exposures.filter((e, i) => e.symbol !== symbol || (i === 0 && exposures.length === 5));
