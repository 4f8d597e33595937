import type { z } from 'zod';

import type { Instrument } from '#shared/domain/instrument.ts';
import type { ModelId, Prediction } from '#shared/domain/prediction.ts';
import { sizingSnapshotSchema } from '#shared/domain/sizing.ts';
import type { SizingConfig, SizingSnapshot, TradeSample, Watch } from '#shared/domain/sizing.ts';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import type { Direction, EpochMs, Ticks } from '#shared/units.ts';

import { MIN_RESOLVED_FOR_SCORES } from './breaker.ts';
import { priorCorrelation } from './correlation.ts';
import { contractInstrument } from './futures/contract-instrument.ts';
import { CONTRACTS, contractSpec } from './futures/contract-table.ts';
import type { ContractSpec } from './futures/contract-table.ts';
import { contractDates } from './futures/expiry.ts';
import { parseSymbol } from './futures/symbol.ts';
import { toTicks } from './numerics.ts';
import { configOf, show } from './scenario-config.ts';
import type { ScenarioError } from './scenario-config.ts';
import { scenarioSchema } from './scenario-schema.ts';
import type { Scenario } from './scenario-schema.ts';

export type { ScenarioError } from './scenario-config.ts';

const DAY_MS = 86_400_000;

/** A contract is sized as of this many days before it ends, unless the scenario says when. */
const DAYS_BEFORE_END = 30;

/** When nothing else dates a scenario: a continuous series without `at`. Only a label, nothing is computed from it. */
const UNDATED = epochMs(Date.UTC(2026, 0, 5, 15));

const at = (raw: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    raw,
  );

function schemaError(raw: unknown, error: z.ZodError): ScenarioError {
  const issue = error.issues[0];
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []), ...keys];
  const known = Object.keys(scenarioSchema.shape).join(', ');
  const isUnknownField = keys.length > 0 && path.length === 1;
  return {
    code: 'invalid-scenario',
    field: path.length === 0 ? 'scenario' : path.map(String).join('.'),
    value: show(at(raw, path)),
    remedy: isUnknownField ? `use one of: ${known}` : (issue?.message ?? 'write a JSON object'),
  };
}

/** A contract or series with the dates it ends on. */
type Listed = { readonly spec: ContractSpec; readonly lastTrade: string | null; readonly firstNotice: string | null };

const unknownSymbol = (field: string, value: string, remedy: string): Result<never, ScenarioError> =>
  err({ code: 'unknown-symbol', field, value: show(value), remedy });

const knownRoots = (): string => CONTRACTS.map(({ root }) => root).join(', ');

/** Reads `NQ` as a continuous series and `NQU25-CME` as a contract. */
function listed(symbol: string, field: string, now: EpochMs | null): Result<Listed, ScenarioError> {
  const series = contractSpec(symbol);
  if (series !== null) return ok({ spec: series, lastTrade: null, firstNotice: null });
  // A year of one digit means the next such year after a reference; without a date there is none.
  if (now === null && /[FGHJKMNQUVXZ]\d(?:\D|$)/.test(symbol)) {
    return unknownSymbol(field, symbol, 'write the year with two digits, or say when in `at`');
  }
  const year = new Date(now ?? UNDATED).getUTCFullYear();
  const parsed = parseSymbol(symbol, year);
  if (!parsed.ok) return unknownSymbol(field, symbol, 'write a root (NQ) or root, month code and year (NQU25-CME)');
  const spec = contractSpec(parsed.value.root);
  const dates = contractDates(parsed.value);
  if (spec === null || !dates.ok) return unknownSymbol(field, symbol, `use one of the roots ${knownRoots()}`);
  return ok({ spec, lastTrade: dates.value.lastTrade, firstNotice: dates.value.firstNotice });
}

/** The time a scenario is about. */
function timeOf({ at: stated }: Scenario, { lastTrade, firstNotice }: Listed): EpochMs {
  if (stated !== undefined) return epochMs(Date.parse(stated));
  const deadline = [lastTrade, firstNotice].filter((day) => day !== null).sort()[0];
  return deadline === undefined ? UNDATED : epochMs(Date.parse(`${deadline}T15:00:00Z`) - DAYS_BEFORE_END * DAY_MS);
}

function instrumentOf(scenario: Scenario, { spec, lastTrade, firstNotice }: Listed): Instrument {
  const { symbol, margin, fees, slippageTicks } = scenario;
  const usual = contractInstrument(spec, { symbol, lastTrade, firstNotice, calendar: 'always' });
  return {
    ...usual,
    initialMargin: margin === undefined ? null : moneyFromUsd(margin),
    roundTurnFee: fees === undefined ? usual.roundTurnFee : moneyFromUsd(fees),
    slippageTicks,
  };
}

const SIDES = { long: 1, short: -1, flat: 0 } as const;

type Side = keyof typeof SIDES | -1 | 0 | 1;

const directionOf = (side: Side): -1 | 0 | 1 => (typeof side === 'string' ? SIDES[side] : side);

const openDirectionOf = (side: Exclude<Side, 'flat' | 0>): Direction => (side === 'long' || side === 1 ? 1 : -1);

function predictionOf(model: ModelId, scenario: Scenario, now: EpochMs): Prediction | null {
  const opinion = scenario[model];
  if (opinion === null) return null;
  return {
    model,
    symbol: scenario.symbol,
    state: 'ok',
    direction: directionOf(opinion.direction),
    confidence: opinion.confidence,
    asOf: now,
    receivedAt: now,
    latencyMs: null,
    modelVersion: null,
    detail: null,
  };
}

function sampleOf({ trades }: Scenario, config: SizingConfig, now: EpochMs): readonly TradeSample[] {
  if (trades === undefined) return [];
  const { wins, losses, scratches, averageWinR, averageLossR, averageLossPerContract } = trades;
  const loss = averageLossPerContract === undefined ? null : moneyFromUsd(averageLossPerContract);
  return [
    {
      scope: 'root',
      from: epochMs(now - config.sample.lookBackDays * DAY_MS),
      wins,
      losses,
      scratches,
      sumWinR: wins * averageWinR,
      sumLossR: losses * averageLossR,
      averageLossPerContract: loss,
    },
  ];
}

function entryOf({ price }: Scenario, spec: ContractSpec): Result<Ticks, ScenarioError> {
  if (price === undefined) return ok(ticks(0));
  const entry = toTicks(price, spec.tickSize);
  if (entry.ok) return entry;
  const remedy = `write a whole multiple of the tick, ${spec.tickSize}`;
  return err({ code: 'invalid-price', field: 'price', value: show(price), remedy });
}

/** Roots of the positions and rivals, each read like the scenario's own symbol. */
function rootsOf({ positions, rivals }: Scenario, now: EpochMs): Result<ReadonlyMap<string, string>, ScenarioError> {
  const roots = new Map<string, string>();
  for (const [field, list] of Object.entries({ positions, rivals })) {
    for (const [i, { symbol }] of list.entries()) {
      const found = listed(symbol, `${field}.${i}.symbol`, now);
      if (!found.ok) return found;
      roots.set(symbol, found.value.spec.root);
    }
  }
  return ok(roots);
}

function correlationsOf(
  { correlations }: Scenario,
  roots: readonly string[],
): Result<SizingSnapshot['correlations'], ScenarioError> {
  for (const [pair, rho] of Object.entries(correlations)) {
    if (pair.split('/').filter((root) => contractSpec(root) !== null).length !== 2) {
      const remedy = 'write two roots with a slash between them: "NQ/ES"';
      return err({ code: 'invalid-correlation', field: `correlations.${pair}`, value: show(rho), remedy });
    }
  }
  const stated = (a: string, b: string): number | undefined => correlations[`${a}/${b}`] ?? correlations[`${b}/${a}`];
  const rho = roots.map((a) => roots.map((b) => (a === b ? 1 : (stated(a, b) ?? priorCorrelation(a, b)))));
  return ok({ roots: [...roots], rho });
}

/** Breakers that measure nothing alarming, except what the scenario states; null where there is nothing to measure. */
function watchOf({ watch, trades, resolvedPredictions }: Scenario): Watch {
  const resolved = watch.resolved ?? resolvedPredictions ?? (trades?.wins ?? 0) + (trades?.losses ?? 0);
  const score = resolved < MIN_RESOLVED_FOR_SCORES ? null : 0;
  return {
    resolved,
    cusum: watch.cusum ?? (resolved === 0 ? null : 0),
    brier100: watch.brier100 ?? score,
    calibrationError100: watch.calibrationError100 ?? score,
    dayLoss: watch.dayLoss ?? 0,
    drawdown: watch.drawdown ?? 0,
  };
}

/**
 * What the scenario holds of its own symbol: one position, whose stop is there as far as its risk is stated. Positions
 * on both sides are none, and block.
 */
function heldOf({ positions, symbol }: Scenario): SizingSnapshot['held'] {
  const own = positions.filter((position) => position.symbol === symbol && position.contracts > 0);
  const sides = new Set(own.map(({ direction }) => openDirectionOf(direction)));
  const [direction] = sides;
  if (direction === undefined || sides.size > 1) return { position: null, working: 0, inDoubt: 0 };
  const contracts = own.reduce((sum, position) => sum + position.contracts, 0);
  const risk = own.reduce((sum, position) => sum + moneyFromUsd(position.risk), 0);
  return { position: { direction, contracts, risk: money(risk) }, working: 0, inDoubt: 0 };
}

const usdOrNull = (usd: number | undefined): ReturnType<typeof moneyFromUsd> | null =>
  usd === undefined ? null : moneyFromUsd(usd);

/**
 * Turns a scenario as a person writes it into the snapshot it stands for: a quiet desk, fresh predictions, an open
 * session, and what the scenario says. Unknown fields are refused. The fields are those of `scenarioSchema`.
 * @errors a field, what stands there and what to write instead
 */
export function snapshotOfScenario(json: unknown): Result<SizingSnapshot, ScenarioError> {
  const parsed = scenarioSchema.safeParse(json);
  if (!parsed.success) return err(schemaError(json, parsed.error));
  const scenario = parsed.data;
  const stated = scenario.at === undefined ? null : epochMs(Date.parse(scenario.at));
  const found = listed(scenario.symbol, 'symbol', stated);
  if (!found.ok) return found;
  const now = timeOf(scenario, found.value);
  const config = configOf(scenario);
  if (!config.ok) return config;
  const roots = rootsOf(scenario, now);
  if (!roots.ok) return roots;
  const entry = entryOf(scenario, found.value.spec);
  if (!entry.ok) return entry;
  const own = found.value.spec.root;
  const correlations = correlationsOf(scenario, [...new Set([own, ...roots.value.values()])].sort());
  if (!correlations.ok) return correlations;
  const rootOf = (symbol: string): string => roots.value.get(symbol) ?? symbol;
  // Parsed once more: the snapshot crosses the same boundary as one that comes over the wire.
  return ok(
    sizingSnapshotSchema.parse({
      now,
      config: config.value,
      instrument: instrumentOf(scenario, found.value),
      opinions: { lstm: predictionOf('lstm', scenario, now), ensemble: predictionOf('ensemble', scenario, now) },
      plan: {
        entry: entry.value,
        stopDistance: scenario.stopTicks,
        targetDistance: scenario.targetTicks ?? scenario.stopTicks,
      },
      quote: {
        symbol: scenario.symbol,
        bid: entry.value,
        ask: entry.value,
        last: entry.value,
        asOf: now,
        receivedAt: now,
      },
      equity: moneyFromUsd(scenario.equity),
      tradingState: scenario.tradingState,
      lock: null,
      samples: sampleOf(scenario, config.value, now),
      calibrator: { kind: 'none', version: 'scenario' },
      watch: watchOf(scenario),
      exposures: scenario.positions.map(({ symbol, direction, contracts, risk, margin }) => ({
        symbol,
        root: rootOf(symbol),
        direction: openDirectionOf(direction),
        contracts,
        risk: moneyFromUsd(risk),
        margin: usdOrNull(margin),
      })),
      rivals: scenario.rivals.map(({ symbol, direction, contracts, riskPerContract, margin }) => ({
        symbol,
        root: rootOf(symbol),
        direction: openDirectionOf(direction),
        contracts,
        riskPerContract: moneyFromUsd(riskPerContract),
        marginPerContract: margin === null ? null : moneyFromUsd(margin),
      })),
      correlations: correlations.value,
      held: heldOf(scenario),
    }),
  );
}
