import { z } from 'zod';
import { assertNever } from '#shared/result.ts';

/** λ of a policy; 1 is full Kelly. */
const multiplier = z.number().positive().max(1);

/**
 * A sizing rule with its parameters (quant.md 8.3). Every one runs behind the same gates, limits and costs; what differs
 * is how a signal that stands becomes a fraction of equity, or contracts.
 */
export const policySpecSchema = z.discriminatedUnion('kind', [
  /** Always this many contracts. */
  z.strictObject({ kind: z.literal('fixed-contracts'), contracts: z.number().int().min(1).max(1000) }),
  /** The same share of equity at risk in every trade. */
  z.strictObject({ kind: z.literal('fixed-fractional'), fraction: z.number().positive().max(0.25) }),
  /** Kelly on the estimates as they are: no prior, no shrink. */
  z.strictObject({ kind: z.literal('kelly'), multiplier }),
  /** The desk's own scheme as each decision was configured; a parameter that is not null takes the place of its own. */
  z.strictObject({
    kind: z.literal('recommended'),
    multiplier: multiplier.nullable(),
    /** Prior strength of the edge, in trades. */
    evidenceTrades: z.number().min(0).max(10_000).nullable(),
    lookBackDays: z.number().int().min(1).max(36_500).nullable(),
  }),
  /** Kelly shrunk for its estimation error (Baker and McHale 2013). */
  z.strictObject({ kind: z.literal('baker-mchale'), multiplier }),
  /** Empirical Kelly under the model's win probability. */
  z.strictObject({ kind: z.literal('tilted-kelly'), multiplier }),
  /** Vince's optimal f on the trades of the look-back, under the cap of the desk. */
  z.strictObject({ kind: z.literal('optimal-f'), cap: z.number().positive().max(0.25) }),
  /** Contracts whose daily swing is the target's share of equity. */
  z.strictObject({ kind: z.literal('volatility-target'), annualVolatility: z.number().positive().max(2) }),
  /** Growth under a promise: equity falls to alpha with a chance below beta (Busseti, Ryu and Boyd 2016). */
  z.strictObject({
    kind: z.literal('risk-constrained'),
    alpha: z.number().gt(0).lt(1),
    beta: z.number().gt(0).lt(1),
  }),
]);
export type PolicySpec = z.output<typeof policySpecSchema>;
export type PolicyKind = PolicySpec['kind'];

/** A policy's name inside a run and on the command line: `fixed-contracts-1`, `kelly-0.5`, `recommended`. */
export const policyKeySchema = z.string().min(1).max(80);

/** One number a policy can be given, with the range it may lie in. */
export const policyParameterSchema = z.strictObject({
  name: z.string(),
  label: z.string(),
  unit: z.enum(['contracts', 'fraction', 'number', 'trades', 'days']),
  min: z.number(),
  max: z.number(),
  step: z.number().positive(),
  /** True where null stands for "as each decision was configured". */
  isOptional: z.boolean(),
});
export type PolicyParameter = z.output<typeof policyParameterSchema>;

/** A policy that can be chosen, with its defaults and its parameters. */
export const policyOfferSchema = z.strictObject({
  key: policyKeySchema,
  label: z.string(),
  about: z.string(),
  spec: policySpecSchema,
  parameters: z.array(policyParameterSchema),
});
export type PolicyOffer = z.output<typeof policyOfferSchema>;

/** A parameter as it stands in a key: no trailing zeros. */
const figure = (value: number): string => String(Number(value.toPrecision(6)));

/** The key of a policy: equal for equal parameters, and different for different ones. */
export function policyKey(spec: PolicySpec): string {
  switch (spec.kind) {
    case 'fixed-contracts':
      return `fixed-contracts-${spec.contracts}`;
    case 'fixed-fractional':
      return `fixed-fractional-${figure(spec.fraction)}`;
    case 'kelly':
    case 'baker-mchale':
    case 'tilted-kelly':
      return `${spec.kind}-${figure(spec.multiplier)}`;
    case 'recommended': {
      const changed = [
        spec.multiplier === null ? '' : `-x${figure(spec.multiplier)}`,
        spec.evidenceTrades === null ? '' : `-n${figure(spec.evidenceTrades)}`,
        spec.lookBackDays === null ? '' : `-d${spec.lookBackDays}`,
      ];
      return `recommended${changed.join('')}`;
    }
    case 'optimal-f':
      return `optimal-f-${figure(spec.cap)}`;
    case 'volatility-target':
      return `volatility-target-${figure(spec.annualVolatility)}`;
    case 'risk-constrained':
      return `risk-constrained-${figure(spec.alpha)}-${figure(spec.beta)}`;
    default:
      return assertNever(spec);
  }
}
