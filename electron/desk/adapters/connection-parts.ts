import { z } from 'zod';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { SecretSource } from '#desk/ports/secrets.ts';

/** An instrument of the desk, and what the configuration says the venue calls it; null: the adapter's own rule. */
export type VenueInstrument = { readonly instrument: Instrument; readonly venueSymbol: string | null };

/** What every connection is made with, beside its own configuration. */
export type ConnectionParts = {
  /** As the screens and `risk-metrics` name it. */
  readonly id: string;
  readonly name: string;
  readonly clock: Clock;
  readonly instruments: readonly VenueInstrument[];
  readonly secrets: SecretSource;
};

export type MarketDataParts = ConnectionParts;

/** A broker connection: one account. An adapter that can tell refuses an account of the other mode. */
export type BrokerParts = ConnectionParts & {
  readonly account: string;
  readonly mode: 'paper' | 'live';
  readonly ids: Ids;
  /**
   * What the desk has booked already. Some venues tell executions without the desk's own order id: with the journal,
   * those of the time while the desk was down are known as its own, and each under the key it has.
   */
  readonly journal?: Pick<Journal, 'orders' | 'fills' | 'fill' | 'events'>;
  /** A folder of the profile for what a venue must not be told twice; left out where nothing is to be kept. */
  readonly stateFolder?: string;
};

/** Name of a secret in a configuration, never the secret itself. */
export const secretNameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,79}$/, 'give the name of a secret: letters, digits and . _ - only')
  .describe('Name of a secret, set with `connections secret set <name>`; never the secret itself');
