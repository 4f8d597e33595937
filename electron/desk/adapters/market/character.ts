import type { Instrument } from '#shared/domain/instrument.ts';

/**
 * What the simulated market is made of, stated openly: the simulated models know it too, which is why they can be
 * right more often than not, and why everything they say is labelled simulated.
 */
export const SIMULATED_MARKET = {
  /** Drift per minute of the hidden regime, in standard deviations of a one-minute return: up or down by this much. */
  driftRatio: 0.18,
  /** Mean life of a regime in minutes. */
  regimeMinutes: 150,
} as const;

/** How one market moves: `volatility` is the standard deviation of its one-minute log return. */
export type MarketCharacter = {
  readonly volatility: number;
  /** Price in price units where no start price is given. */
  readonly startPrice: number;
  /** Mean volume of a one-minute bar, in contracts. */
  readonly volume: number;
};

/** Sign of the group's share in the move common to all markets; rates rise when the rest falls. */
export const GROUP_SIGN: Readonly<Record<Instrument['group'], 1 | -1>> = {
  equity: 1,
  energy: 1,
  metals: 1,
  rates: -1,
  fx: 1,
  grains: 1,
  livestock: 1,
  crypto: 1,
};

const of = (volatility: number, startPrice: number, volume: number): MarketCharacter => ({
  volatility,
  startPrice,
  volume,
});

/** Round figures of the size these markets showed in 2025; minis and micros of a market share them. */
const BY_ROOT: Readonly<Record<string, MarketCharacter>> = {
  NQ: of(2.4e-4, 21_000, 900),
  MNQ: of(2.4e-4, 21_000, 1_800),
  ES: of(1.8e-4, 6_000, 1_800),
  MES: of(1.8e-4, 6_000, 1_500),
  RTY: of(2.4e-4, 2_200, 250),
  M2K: of(2.4e-4, 2_200, 150),
  YM: of(1.7e-4, 44_000, 150),
  MYM: of(1.7e-4, 44_000, 150),
  CL: of(4.5e-4, 65, 400),
  MCL: of(4.5e-4, 65, 150),
  NG: of(9e-4, 3.2, 200),
  GC: of(2.8e-4, 3_300, 250),
  MGC: of(2.8e-4, 3_300, 200),
  SI: of(4.5e-4, 36, 90),
  HG: of(3.5e-4, 4.6, 60),
  ZB: of(1.5e-4, 115, 300),
  ZN: of(1.1e-4, 111, 1_400),
  ZF: of(7e-5, 108, 900),
  ZT: of(3.5e-5, 103.5, 600),
  '6E': of(1e-4, 1.16, 250),
  M6E: of(1e-4, 1.16, 30),
  '6B': of(1e-4, 1.34, 120),
  '6J': of(1.1e-4, 0.0068, 150),
  '6A': of(1.2e-4, 0.66, 120),
  BTC: of(5e-4, 110_000, 8),
  MBT: of(5e-4, 110_000, 60),
};

const BY_GROUP: Readonly<Record<Instrument['group'], MarketCharacter>> = {
  equity: of(2.2e-4, 5_000, 300),
  energy: of(5e-4, 60, 200),
  metals: of(3.5e-4, 1_000, 100),
  rates: of(1e-4, 110, 500),
  fx: of(1.1e-4, 1, 100),
  grains: of(2.5e-4, 500, 150),
  livestock: of(2e-4, 180, 40),
  crypto: of(5e-4, 10_000, 30),
};

/** The character of an instrument's market: its root's own, else its asset group's. */
export const characterOf = (instrument: Pick<Instrument, 'root' | 'group'>): MarketCharacter =>
  BY_ROOT[instrument.root] ?? BY_GROUP[instrument.group];
