import type { Instrument } from '#shared/domain/instrument.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import { moneyFromUsd } from '#shared/units.ts';

const future = (
  terms: Pick<Instrument, 'symbol' | 'root' | 'name' | 'exchange' | 'group' | 'tickSize' | 'microRoot'> & {
    readonly tickUsd: number;
    readonly marginUsd: number;
  },
): Instrument => {
  const { tickUsd, marginUsd, ...rest } = terms;
  return {
    ...rest,
    tickValue: moneyFromUsd(tickUsd),
    priceFormat: rest.root === 'ZN' ? '32nds+half' : 'decimal',
    lastTradeDate: '2026-12-18',
    firstNoticeDate: null,
    calendar: 'always',
    initialMargin: moneyFromUsd(marginUsd),
    roundTurnFee: moneyFromUsd(4.6),
    slippageTicks: 2,
  };
};

/** The six markets of the test desk, keyed by root. */
export const INSTRUMENTS = {
  NQ: future({
    symbol: 'NQZ26-CME',
    root: 'NQ',
    name: 'E-mini Nasdaq-100',
    exchange: 'CME',
    group: 'equity',
    tickSize: 0.25,
    tickUsd: 5,
    marginUsd: 4200,
    microRoot: 'MNQ',
  }),
  ES: future({
    symbol: 'ESZ26-CME',
    root: 'ES',
    name: 'E-mini S&P 500',
    exchange: 'CME',
    group: 'equity',
    tickSize: 0.25,
    tickUsd: 12.5,
    marginUsd: 3900,
    microRoot: 'MES',
  }),
  GC: future({
    symbol: 'GCZ26-CMX',
    root: 'GC',
    name: 'Gold',
    exchange: 'COMEX',
    group: 'metals',
    tickSize: 0.1,
    tickUsd: 10,
    marginUsd: 5200,
    microRoot: 'MGC',
  }),
  CL: future({
    symbol: 'CLF27-NYM',
    root: 'CL',
    name: 'WTI crude oil',
    exchange: 'NYMEX',
    group: 'energy',
    tickSize: 0.01,
    tickUsd: 10,
    marginUsd: 3100,
    microRoot: 'MCL',
  }),
  ZN: future({
    symbol: 'ZNZ26-CBT',
    root: 'ZN',
    name: '10-year Treasury note',
    exchange: 'CBOT',
    group: 'rates',
    tickSize: 1 / 64,
    tickUsd: 15.625,
    marginUsd: 1900,
    microRoot: null,
  }),
  '6E': future({
    symbol: '6EZ26-CME',
    root: '6E',
    name: 'Euro FX',
    exchange: 'CME',
    group: 'fx',
    tickSize: 0.00005,
    tickUsd: 6.25,
    marginUsd: 2400,
    microRoot: 'M6E',
  }),
} as const;

export type Root = keyof typeof INSTRUMENTS;

/** Price at which each simulated market starts, in price units. */
export const START_PRICES: Readonly<Record<Root, number>> = {
  NQ: 23_487,
  ES: 6408.75,
  GC: 3379.1,
  CL: 64.21,
  ZN: 112.3125,
  '6E': 1.1708,
};

/** Sizing configuration of the test desk: the conservative preset. */
export const CONFIG: SizingConfig = {
  preset: 'Conservative',
  weights: { lstm: 0.4, ensemble: 0.6 },
  confidenceThreshold: 0.6,
  maxPredictionAgeMs: 60_000,
  maxQuoteAgeMs: 15_000,
  multiplier: { mode: 'dial', alpha: 0.8, beta: 0.05, max: 0.5 },
  fractionCap: 0.25,
  minFraction: 0.01,
  evidenceTrades: 30,
  payoffTrades: 10,
  calibrate: true,
  sample: { lookBackDays: 30, minTrades: 20, minWins: 5, minLosses: 5, scratchR: 0.05 },
  basis: 'stopOrAvgLoss',
  maxContracts: 5,
  maxRiskPerTrade: 0.05,
  maxHeat: 0.2,
  maxCluster: 0.15,
  rhoMin: 0.5,
  maxMarginShare: 0.5,
  evaluation: { contracts: 1, maxRisk: 0.01 },
  breakers: {
    dayLossHalt: 0.03,
    drawdownWarn: 0.1,
    drawdownHalt: 0.2,
    cusumWarn: 2,
    cusumHalt: 3,
    brierWarn: 0.25,
    calibrationErrorWarn: 0.1,
  },
  rollGuardDays: 3,
  expiryMs: 60_000,
};

/** The dial of CONFIG: 2 / (1 + ln β / ln α). */
export const DIAL = 2 / (1 + Math.log(0.05) / Math.log(0.8));
