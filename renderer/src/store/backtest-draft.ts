import { create } from 'zustand';
import type { PoliciesRequest } from '#shared/contract/backtest-requests.ts';
import { policyKey, policySpecSchema } from '#shared/domain/policy.ts';
import type { PolicyOffer, PolicyParameter, PolicySpec } from '#shared/domain/policy.ts';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { daysAfter, sessionStart } from '#shared/session-day.ts';

/** What the trader typed for the next backtest. Policies by their offer's key; a parameter that is absent is the default. */
export type BacktestDraft = {
  readonly unchosen: ReadonlySet<string>;
  readonly texts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Session days, inclusive; '' is no bound. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly seed: string;
  readonly workers: string;
};

export const EMPTY_DRAFT: BacktestDraft = {
  unchosen: new Set(),
  texts: {},
  fromDay: '',
  toDay: '',
  seed: '',
  workers: '',
};

export const useBacktestDraft = create<BacktestDraft>()(() => EMPTY_DRAFT);

const MOST_SEED = 2_147_483_647;
const MOST_WORKERS = 16;
const NUMBER = /^\d+(?:\.\d+)?$/;
const WHOLE = /^\d+$/;

const figure = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));

const valueOf = (spec: PolicySpec, name: string): unknown => Object.entries(spec).find(([key]) => key === name)?.[1];

const isWhole = ({ unit }: PolicyParameter): boolean => unit === 'contracts' || unit === 'days';

/** A parameter's default as it stands in its field: fractions in percent, and nothing where each decision has its own. */
export function defaultText({ spec }: PolicyOffer, { name, unit }: PolicyParameter): string {
  const value = valueOf(spec, name);
  if (typeof value !== 'number') return '';
  return unit === 'fraction' ? figure(value * 100, 6) : figure(value, 4);
}

/** The limits of a parameter in the unit of its field. */
export function limitsText({ min, max, unit }: PolicyParameter): string {
  return unit === 'fraction' ? `${figure(min * 100, 6)} to ${figure(max * 100, 6)} %` : `${min} to ${max}`;
}

function parameterValue(parameter: PolicyParameter, text: string): Result<number | null, string> {
  const { label, unit, min, max, isOptional } = parameter;
  const trimmed = text.trim();
  if (trimmed === '' && isOptional) return ok(null);
  const isNumber = (isWhole(parameter) ? WHOLE : NUMBER).test(trimmed);
  const value = unit === 'fraction' ? Number((Number(trimmed) / 100).toPrecision(12)) : Number(trimmed);
  if (!isNumber || value < min || value > max) return err(`${label} takes ${limitsText(parameter)}.`);
  return ok(value);
}

/** A policy with the parameters that were typed; an error says which of them is not one. */
export function specOf(offer: PolicyOffer, texts: Readonly<Record<string, string>> = {}): Result<PolicySpec, string> {
  const typed: Record<string, number | null> = {};
  for (const parameter of offer.parameters) {
    const text = texts[parameter.name];
    if (text === undefined) continue;
    const value = parameterValue(parameter, text);
    if (!value.ok) return value;
    typed[parameter.name] = value.value;
  }
  const parsed = policySpecSchema.safeParse({ ...offer.spec, ...typed });
  return parsed.success ? ok(parsed.data) : err('These parameters do not go together.');
}

function chosenSpecs(offers: readonly PolicyOffer[], draft: BacktestDraft): Result<readonly PolicySpec[], string> {
  const specs: PolicySpec[] = [];
  const seen = new Set<string>();
  for (const offer of offers.filter(({ key }) => !draft.unchosen.has(key))) {
    const spec = specOf(offer, draft.texts[offer.key]);
    if (!spec.ok) return err(`${offer.label}: ${spec.error}`);
    const key = policyKey(spec.value);
    if (seen.has(key)) return err(`${offer.label} has the parameters of another chosen policy.`);
    seen.add(key);
    specs.push(spec.value);
  }
  return specs.length === 0 ? err('Choose at least one policy.') : ok(specs);
}

function wholeWithin(text: string, words: string, min: number, max: number): Result<number | null, string> {
  if (text.trim() === '') return ok(null);
  const value = Number(text);
  const isWithin = WHOLE.test(text.trim()) && value >= min && value <= max;
  return isWithin ? ok(value) : err(`${words} is a whole number from ${min} to ${max}.`);
}

type Common = Pick<PoliciesRequest, 'from' | 'to' | 'seed' | 'workers'>;

/** Range, seed and workers, which every kind of run has. */
export function commonOf(draft: BacktestDraft): Result<Common, string> {
  const seed = wholeWithin(draft.seed, 'The seed', 0, MOST_SEED);
  if (!seed.ok) return seed;
  const workers = wholeWithin(draft.workers, 'Workers', 1, MOST_WORKERS);
  if (!workers.ok) return workers;
  const { fromDay, toDay } = draft;
  if (fromDay !== '' && toDay !== '' && fromDay > toDay) return err('The range ends before it begins.');
  return ok({
    ...(fromDay === '' ? {} : { from: sessionStart(fromDay) }),
    ...(toDay === '' ? {} : { to: sessionStart(daysAfter(toDay, 1)) }),
    ...(seed.value === null ? {} : { seed: seed.value }),
    ...(workers.value === null ? {} : { workers: workers.value }),
  });
}

/** What the draft asks the desk for, or why it asks for nothing yet. */
export function requestOf(offers: readonly PolicyOffer[], draft: BacktestDraft): Result<PoliciesRequest, string> {
  const specs = chosenSpecs(offers, draft);
  if (!specs.ok) return specs;
  const common = commonOf(draft);
  return common.ok ? ok({ kind: 'policies', policies: [...specs.value], ...common.value }) : common;
}

/** Takes a policy into the next backtest, or out of it. */
export const togglePolicy = (key: string): void =>
  useBacktestDraft.setState(({ unchosen }) => {
    const next = new Set(unchosen);
    if (!next.delete(key)) next.add(key);
    return { unchosen: next };
  });

/** All policies, or none. */
export const choosePolicies = (offers: readonly PolicyOffer[], isChosen: boolean): void =>
  useBacktestDraft.setState({ unchosen: new Set(isChosen ? [] : offers.map(({ key }) => key)) });

export const typeParameter = (key: string, name: string, text: string): void =>
  useBacktestDraft.setState(({ texts }) => ({ texts: { ...texts, [key]: { ...texts[key], [name]: text } } }));
