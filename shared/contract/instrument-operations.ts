import { z } from 'zod';
import { instrumentSchema } from '#shared/domain/instrument.ts';
import { command, query, type Entry } from './define.ts';

const nothing = z.strictObject({});
const root = z.string().min(1).max(8);

/** What a round turn of one contract costs, as the settings file has it; null where it says nothing. */
export const instrumentCostsSchema = z.strictObject({
  roundTurnFeeUsd: z.number().nullable(),
  slippageTicks: z.number().nullable(),
});
export type InstrumentCosts = z.output<typeof instrumentCostsSchema>;

export const instrumentViewSchema = z.strictObject({
  instrument: instrumentSchema,
  /** Where its ticks and dates are from, in words. */
  source: z.string(),
  /** Whether its market trades now. */
  isOpen: z.boolean(),
  /** Roots of this desk that move with it, from the correlation where the limits begin to count. */
  correlated: z.array(z.strictObject({ root: z.string(), rho: z.number() })),
  /** Why it may not be sized; null when it may. */
  lock: z.string().nullable(),
  /** As saved: what is not yet in `instrument` comes into force at the next start. */
  costs: instrumentCostsSchema,
  isRestartNeeded: z.boolean(),
});
export type InstrumentView = z.output<typeof instrumentViewSchema>;

/** The instruments of a profile, and what of them a trader sets. */
export const instrumentOperations = {
  'instruments.list': query({
    input: nothing,
    output: z.strictObject({
      items: z.array(instrumentViewSchema),
      rhoMin: z.number(),
      maxContracts: z.number().int(),
    }),
  }),
  /** Sets what trades of a root cost, or with null puts it back to standard. In force at the next start. */
  'instruments.setCosts': command({
    input: z.strictObject({ root, costs: instrumentCostsSchema }),
    output: instrumentCostsSchema,
  }),
} as const satisfies Readonly<Record<string, Entry>>;
