import type { Instrument } from '#shared/domain/instrument.ts';
import { type Money, moneyFromUsd } from '#shared/units.ts';

/**
 * Initial margin per contract in USD as the paper broker states it: its own round figures near the exchange's of 2025.
 * They are what this broker asks for, not a quotation of any other's.
 */
const INITIAL_MARGIN_USD: Readonly<Record<string, number>> = {
  ES: 22_000,
  MES: 2_200,
  NQ: 32_000,
  MNQ: 3_200,
  RTY: 9_000,
  M2K: 900,
  YM: 14_000,
  MYM: 1_400,
  CL: 6_500,
  MCL: 650,
  NG: 4_500,
  RB: 7_000,
  HO: 7_500,
  GC: 18_000,
  MGC: 1_800,
  SI: 16_000,
  SIL: 3_200,
  HG: 8_000,
  PL: 5_000,
  PA: 14_000,
  ZB: 4_000,
  UB: 5_500,
  ZN: 2_200,
  TN: 3_000,
  ZF: 1_500,
  ZT: 1_300,
  '6E': 3_000,
  M6E: 300,
  '6B': 2_400,
  M6B: 240,
  '6J': 3_400,
  '6A': 2_000,
  M6A: 200,
  '6C': 1_300,
  '6S': 4_500,
  '6N': 1_900,
  '6M': 1_700,
  ZC: 1_300,
  ZS: 2_500,
  ZW: 2_000,
  KE: 2_200,
  ZM: 2_000,
  ZL: 2_200,
  LE: 3_000,
  HE: 1_800,
  BTC: 140_000,
  MBT: 2_800,
  ETH: 60_000,
  MET: 120,
};

/** The paper broker's initial margin for a contract; null for a root it has no figure for. */
export function paperMargin(instrument: Pick<Instrument, 'root' | 'initialMargin'>): Money | null {
  const usd = INITIAL_MARGIN_USD[instrument.root];
  return usd === undefined ? instrument.initialMargin : moneyFromUsd(usd);
}
