import { z } from 'zod';
import { alpacaConnectionSchema, alpacaMarketSchema } from '#desk/adapters/alpaca/config.ts';
import { dtcBrokerSchema, dtcMarketSchema } from '#desk/adapters/dtc/config.ts';
import { ibConnectionSchema, ibMarketDataSchema } from '#desk/adapters/ib/config.ts';
import { scidMarketSchema } from '#desk/adapters/scid/scid-market.ts';
import { replayedMarketSchema } from '#desk/adapters/market/replayed.ts';

/**
 * The venues a configuration can name: one schema in each union here, one case in each function of venue-adapters.ts. An
 * adapter's schema is a strict object whose `kind` is a literal; what every connection has besides is added here.
 */

/** What the venue calls an instrument, where the adapter's own rule does not fit. */
const naming = {
  symbols: z
    .record(z.string().min(1).max(32), z.string().min(1).max(64))
    .optional()
    .describe('What the venue calls an instrument, by root (NQ) or contract (NQZ26-CME), where its usual name differs'),
};
/** A source may serve some of the instruments only. */
const serving = {
  ...naming,
  for: z
    .array(z.string().min(1).max(32))
    .min(1)
    .optional()
    .describe('Roots or contracts this source serves; left out: all that no other source names'),
};

/** The paper broker of this program: it fills orders at the prices of the market data. */
const paperBrokerSchema = z.strictObject({ kind: z.literal('paper') });

export const brokerConfigSchema = z.discriminatedUnion('kind', [
  paperBrokerSchema.extend(naming),
  dtcBrokerSchema.extend(naming),
  ibConnectionSchema.extend(naming),
  alpacaConnectionSchema.extend(naming),
]);
export type BrokerConfig = z.output<typeof brokerConfigSchema>;
/** Brokers of venues; the paper broker is made where the profile is, since it has to be shown the market. */
export type VenueBrokerConfig = Exclude<BrokerConfig, { readonly kind: 'paper' }>;

export const marketDataConfigSchema = z.discriminatedUnion('kind', [
  replayedMarketSchema.extend(serving),
  dtcMarketSchema.extend(serving),
  ibMarketDataSchema.extend(serving),
  scidMarketSchema.extend(serving),
  alpacaMarketSchema.extend(serving),
]);
export type MarketDataConfig = z.output<typeof marketDataConfigSchema>;

/** As the screens name the venues. */
export const VENUE_NAMES: Readonly<Record<BrokerConfig['kind'] | MarketDataConfig['kind'], string>> = {
  paper: 'Paper broker',
  replay: 'Replayed prices',
  dtc: 'Sierra Chart (DTC)',
  ib: 'Interactive Brokers',
  alpaca: 'Alpaca',
  scid: 'Sierra Chart files',
};

/** What a source of prices is called, on the screens and in a test of it. Two of one kind are told apart by their place. */
export function marketIdentity(
  source: MarketDataConfig,
  all: readonly MarketDataConfig[],
): { readonly id: string; readonly name: string } {
  const { kind } = source;
  const name = VENUE_NAMES[kind];
  if (all.filter((one) => one.kind === kind).length === 1) return { id: `market:${kind}`, name };
  const place = all.indexOf(source) + 1;
  return { id: `market:${kind}-${place}`, name: `${name} ${place}` };
}
