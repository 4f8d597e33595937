import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { replayPolicy } from '#desk/backtest/replay.ts';
import { createSampleWindows } from '#desk/backtest/sample-windows.ts';
import { ruleOf } from '#desk/backtest/sizing-rules.ts';
import type { Case, Tape } from '#desk/backtest/tape.ts';
import { STATUSES } from '#desk/backtest/walk.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import { epochMs, money, moneyFromUsd, ticks, usdOf } from '#shared/units.ts';
import { nasdaq, snapshot } from '#test/support/snapshots.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5);
const EVER_DAYS = 36_500;
/** Entered while the one before it is open: it may use five closed trades, not six. */
const OVERLAPPING = 7;

const tradeSchema = z.object({
  ...{ id: z.number(), entry: z.number(), exit: z.number(), p: z.number() },
  ...{ stopTicks: z.number(), netPnlPerContract: z.number() },
});
const vectorSchema = z.object({
  id: z.string(),
  input: z.object({
    config: z.object({
      ...{ fraction: z.number().optional(), lambda_: z.number().optional(), riskCap: z.number().optional() },
      ...{ n0: z.number().optional(), m0: z.number().optional(), nMin: z.number().optional() },
    }),
    ...{ initialEquity: z.number(), maxContracts: z.number(), tickValue: z.number(), slippageTicks: z.number() },
    ...{ roundTurnCost: z.number(), scratchR: z.number() },
  }),
  expected: z.object({
    finalEquity: z.number(),
    decisions: z.array(
      z.object({
        ...{ equityAtDecision: z.number(), closedTradesUsed: z.number(), contracts: z.number() },
        ...{ status: z.string().optional(), f: z.number().optional() },
      }),
    ),
  }),
});
type Vector = z.output<typeof vectorSchema>;

const file = z
  .object({
    datasets: z.object({ JOURNAL12: z.array(tradeSchema) }),
    topics: z.record(z.string(), z.unknown()),
  })
  .parse(JSON.parse(readFileSync('test/fixtures/quant-vectors.json', 'utf8')));

/** The vectors of the walk-forward, wherever they stand. */
function vectorsIn(value: unknown): readonly Vector[] {
  if (Array.isArray(value)) return value.flatMap(vectorsIn);
  if (typeof value !== 'object' || value === null) return [];
  if ('fn' in value && value.fn === 'walkForward') return [vectorSchema.parse(value)];
  return Object.values(value).flatMap(vectorsIn);
}

const VECTORS = vectorsIn(file.topics);

function specOf({ config }: Vector['input']): PolicySpec {
  if (config.lambda_ !== undefined) {
    const evidenceTrades = config.n0 ?? 30;
    return { kind: 'recommended', multiplier: config.lambda_, evidenceTrades, lookBackDays: EVER_DAYS };
  }
  if (config.fraction !== undefined) return { kind: 'fixed-fractional', fraction: config.fraction };
  return { kind: 'fixed-contracts', contracts: 1 };
}

/** As the vectors say: no limit of the portfolio, no breaker, no evaluation ceiling, and no marks. */
function caseOf(trade: z.output<typeof tradeSchema>, input: Vector['input']): Case {
  const { config, maxContracts, tickValue, scratchR } = input;
  const at = epochMs(START + trade.entry * HOUR);
  const exitAt = START + trade.exit * HOUR;
  const net = moneyFromUsd(trade.netPnlPerContract);
  // The cost of a contract stands in the slippage: no fee is paid on the way in of what is open.
  const slippageTicks = input.slippageTicks + input.roundTurnCost / tickValue;
  const shot = snapshot({
    now: at,
    instrument: {
      ...nasdaq,
      // A market of its own for the one that overlaps: the desk's largest size is of a market, the vectors' of a trade.
      ...{ symbol: `MNQ ${trade.id}`, root: trade.id === OVERLAPPING ? 'MES' : 'MNQ' },
      ...{ tickValue: moneyFromUsd(tickValue), slippageTicks, group: 'equity' },
      ...{ roundTurnFee: moneyFromUsd(0), initialMargin: moneyFromUsd(1) },
    },
    plan: { entry: ticks(80_000), stopDistance: trade.stopTicks, targetDistance: 2 * trade.stopTicks },
    config: {
      ...{ basis: 'stop', maxContracts, maxRiskPerTrade: config.riskCap ?? 1, maxHeat: 100, maxCluster: 100 },
      ...{ maxMarginShare: 1, payoffTrades: config.m0 ?? 10, minFraction: 0.01, fractionCap: 0.25 },
      sample: { lookBackDays: EVER_DAYS, minTrades: config.nMin ?? 20, minWins: 1, minLosses: 1, scratchR },
      evaluation: { contracts: 1, maxRisk: 1 },
      breakers: {
        ...snapshot().config.breakers,
        ...{ dayLossHalt: 1, drawdownWarn: 1, drawdownHalt: 1 },
      },
    },
    watch: { resolved: 1_000_000, drawdown: 0 },
  });
  return {
    ...{ id: `R${trade.id}`, at, direction: 1, gate: null, snapshot: shot, winProbability: trade.p, closedAt: at },
    riskPerContract: moneyFromUsd((trade.stopTicks + slippageTicks) * tickValue),
    ...{ stop: 80_000 - trade.stopTicks, suggested: 1, executed: 0, isProposal: false, plan: { exitAt, net } },
    outcome: {
      ...{ source: 'shadow', fillsUntil: at, endsAt: exitAt, sent: 1, filled: 1 },
      legs: [{ entryAt: at, entryPrice: 80_000, entryFee: money(0), quantity: 1, exitAt, net }],
    },
  };
}

function tapeOf(input: Vector['input']): Tape {
  const trades = file.datasets.JOURNAL12;
  const cases = trades.map((trade) => caseOf(trade, input));
  return {
    ...{ profile: 'vectors', events: 0, headHash: null, configVersions: [], decisions: cases.length, cases },
    ...{ initialEquity: moneyFromUsd(input.initialEquity), journalEquity: moneyFromUsd(0), foreignAt: Infinity },
    trades: cases
      .map(({ plan, riskPerContract }) => ({
        ...{ exitAt: plan?.exitAt ?? 0, root: 'MNQ', quantity: 1, net: plan?.net ?? moneyFromUsd(0) },
        r: (plan?.net ?? 0) / riskPerContract,
      }))
      .sort((a, b) => a.exitAt - b.exitAt),
    marks: new Map(),
    days: { names: ['2026-01-05'], opensAt: Float64Array.of(START) },
    endAt: START + 100 * HOUR,
  };
}

describe('the replay of policies', () => {
  it.each(VECTORS.map((vector) => [vector.id, vector] as const))('gives %s', (_id, { input, expected }) => {
    const tape = tapeOf(input);
    const walk = replayPolicy(tape, { rule: (sources) => ruleOf(specOf(input), sources), isLive: false });
    const windows = createSampleWindows(tape);
    tape.cases.forEach((item, i) => {
      const decision = expected.decisions[i];
      expect(usdOf(Math.round(walk.equity[i] ?? NaN) as never)).toBeCloseTo(decision?.equityAtDecision ?? NaN, 6);
      expect(walk.contracts[i]).toBe(decision?.contracts);
      const used = windows.of(item, EVER_DAYS, input.scratchR).all.returnsR.length;
      expect(used).toBe(decision?.closedTradesUsed);
      if (decision?.f !== undefined) expect(walk.fraction[i]).toBeCloseTo(decision.f, 9);
      if (decision?.status === 'EVALUATION') expect(STATUSES[walk.status[i] ?? 0]).toBe('evaluation');
    });
    expect(usdOf(Math.round(walk.finalEquity) as never)).toBeCloseTo(expected.finalEquity, 6);
  });

  it('has all of them', () => {
    expect(VECTORS.map(({ id }) => id)).toEqual(expect.arrayContaining(['WF1', 'WF2', 'WF3', 'WF4']));
  });
});
