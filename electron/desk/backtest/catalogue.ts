import { policyKey, type PolicyOffer, type PolicyParameter, type PolicySpec } from '#shared/domain/policy.ts';
import { policyLabel } from '#shared/wording/policies.ts';

const parameter = (
  name: string,
  label: string,
  range: Pick<PolicyParameter, 'unit' | 'min' | 'max' | 'step'> & { readonly isOptional?: boolean },
): PolicyParameter => ({ name, label, isOptional: false, ...range });

const MULTIPLIER = parameter('multiplier', 'Kelly multiplier λ', { unit: 'number', min: 0.01, max: 1, step: 0.01 });

const PARAMETERS: Readonly<Record<PolicySpec['kind'], readonly PolicyParameter[]>> = {
  'fixed-contracts': [parameter('contracts', 'Contracts', { unit: 'contracts', min: 1, max: 1000, step: 1 })],
  'fixed-fractional': [
    parameter('fraction', 'Equity at risk', { unit: 'fraction', min: 0.001, max: 0.25, step: 0.001 }),
  ],
  kelly: [MULTIPLIER],
  recommended: [
    { ...MULTIPLIER, isOptional: true },
    parameter('evidenceTrades', 'Prior strength of the edge n₀', {
      ...{ unit: 'trades', min: 0, max: 10_000, step: 1 },
      isOptional: true,
    }),
    parameter('lookBackDays', 'Look-back', { unit: 'days', min: 1, max: 36_500, step: 1, isOptional: true }),
  ],
  'baker-mchale': [MULTIPLIER],
  'tilted-kelly': [MULTIPLIER],
  'optimal-f': [parameter('cap', 'Cap', { unit: 'fraction', min: 0.01, max: 0.25, step: 0.01 })],
  'volatility-target': [
    parameter('annualVolatility', 'Volatility of equity a year', { unit: 'fraction', min: 0.01, max: 2, step: 0.01 }),
  ],
  'risk-constrained': [
    parameter('alpha', 'Equity never below α', { unit: 'fraction', min: 0.01, max: 0.99, step: 0.01 }),
    parameter('beta', 'except with chance β', { unit: 'fraction', min: 0.01, max: 0.99, step: 0.01 }),
  ],
};

const ABOUT: Readonly<Record<PolicySpec['kind'], string>> = {
  'fixed-contracts': 'The same number of contracts in every trade.',
  'fixed-fractional': 'The same share of equity at the stop in every trade.',
  kelly: 'Kelly at the model’s probability and the journal’s payoff ratio, without any shrink.',
  recommended: 'The desk’s own scheme as each decision was configured: shrunk by the evidence, times λ.',
  'baker-mchale': 'Kelly shrunk for the errors of its two estimates (Baker and McHale 2013).',
  'tilted-kelly': 'Kelly on the journal’s own outcomes, weighted to the model’s probability.',
  'optimal-f': 'Vince’s optimal f on the trades of the look-back; hangs on the single worst one.',
  'volatility-target': 'As many contracts as move equity by the target in a day; needs no edge.',
  'risk-constrained': 'The most growth under a promise on the lowest equity (Busseti, Ryu and Boyd 2016).',
};

/** The desk's own scheme with nothing changed: the policy that was live. */
export const LIVE_POLICY = { kind: 'recommended', multiplier: null, evidenceTrades: null, lookBackDays: null } as const;

/** The thirteen policies of quant.md 8.3 with their defaults. */
export const DEFAULT_POLICIES: readonly PolicySpec[] = [
  { kind: 'fixed-contracts', contracts: 1 },
  { kind: 'fixed-fractional', fraction: 0.01 },
  { kind: 'fixed-fractional', fraction: 0.02 },
  { kind: 'kelly', multiplier: 1 },
  { kind: 'kelly', multiplier: 1 / 2 },
  { kind: 'kelly', multiplier: 1 / 3 },
  { kind: 'kelly', multiplier: 1 / 4 },
  LIVE_POLICY,
  { kind: 'baker-mchale', multiplier: 1 },
  { kind: 'tilted-kelly', multiplier: 1 / 3 },
  { kind: 'optimal-f', cap: 0.25 },
  { kind: 'volatility-target', annualVolatility: 0.1 },
  { kind: 'risk-constrained', alpha: 0.8, beta: 0.1 },
];

/** Says whether a policy is the desk's own scheme with nothing changed: the one that was live. */
export const isLivePolicy = (spec: PolicySpec): boolean => policyKey(spec) === policyKey(LIVE_POLICY);

/** Every policy that can be chosen, with its default, what it is and what it can be given. */
export const POLICY_OFFERS: readonly PolicyOffer[] = DEFAULT_POLICIES.map((spec) => ({
  key: policyKey(spec),
  label: policyLabel(spec),
  about: ABOUT[spec.kind],
  spec,
  parameters: [...PARAMETERS[spec.kind]],
}));
