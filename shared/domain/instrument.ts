import { z } from 'zod';
import { moneySchema } from '#shared/units.ts';

/** Asset group: decides which trades an estimate may be widened to, and the prior correlation. */
export const assetGroupSchema = z.enum(['equity', 'energy', 'metals', 'rates', 'fx', 'grains', 'livestock', 'crypto']);
export type AssetGroup = z.output<typeof assetGroupSchema>;

export const priceFormatSchema = z.enum([
  'decimal',
  '32nds',
  '32nds+half',
  '32nds+quarter',
  '32nds+eighth',
  'cents+eighths',
]);
export type PriceFormat = z.output<typeof priceFormatSchema>;

/**
 * 'always' never closes (simulated market, replay of daily bars, crypto currencies); 'cme' is the Globex week with its
 * daily break; 'nyse' the regular hours of the US stock exchanges.
 */
export const sessionCalendarSchema = z.enum(['always', 'cme', 'nyse']);
export type SessionCalendar = z.output<typeof sessionCalendarSchema>;

export const isoDateSchema = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/** One tradable contract, complete enough to size and to price it. */
export const instrumentSchema = z.strictObject({
  /** The desk's key for the contract, e.g. `NQZ26-CME`; a root alone (`MES`) is a continuous series. */
  symbol: z.string().min(1).max(32),
  root: z.string().min(1).max(8),
  name: z.string(),
  exchange: z.string(),
  group: assetGroupSchema,
  /** Price units per tick. */
  tickSize: z.number().positive(),
  /** Money per tick and contract. */
  tickValue: moneySchema,
  priceFormat: priceFormatSchema,
  /** Root of the smaller contract of the same market, when one exists. */
  microRoot: z.string().nullable(),
  lastTradeDate: isoDateSchema.nullable(),
  firstNoticeDate: isoDateSchema.nullable(),
  calendar: sessionCalendarSchema,
  /** Initial margin per contract as the broker states it; null when unknown. */
  initialMargin: moneySchema.nullable(),
  /** Commission and fees per contract for entry and exit together. */
  roundTurnFee: moneySchema,
  /** Slippage allowed for when a stop is hit, in ticks. */
  slippageTicks: z.number().int().min(0),
});
export type Instrument = z.output<typeof instrumentSchema>;
