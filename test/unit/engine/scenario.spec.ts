import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { PRESETS } from '#desk/engine/config.ts';
import { decide } from '#desk/engine/decide.ts';
import { snapshotOfScenario } from '#desk/engine/scenario.ts';
import type { ScenarioError } from '#desk/engine/scenario.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { sizingSnapshotSchema } from '#shared/domain/sizing.ts';

const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`test/fixtures/scenarios/${name}.json`, 'utf8')) as Record<string, unknown>;

function read(json: unknown): SizingSnapshot {
  const result = snapshotOfScenario(json);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function refused(json: unknown): ScenarioError {
  const result = snapshotOfScenario(json);
  if (result.ok) throw new Error('expected a refusal');
  return result.error;
}

const minimal = { symbol: 'NQU25-CME', equity: 100_000, stopTicks: 80 };

describe('the worked examples', () => {
  test('the specification gives 15.3 % and 2 contracts by margin', () => {
    const decision = decide(read(fixture('specification-nq')));
    expect(decision).toMatchObject({ status: 'sized', contracts: 2, confidence: 0.7 });
    expect(decision.kellyFraction).toBeCloseTo(0.153103448276, 11);
  });

  test('the conservative preset gives 4.02 % and 5 of 9 contracts for the same trade', () => {
    const decision = decide(read(fixture('conservative-nq')));
    expect(decision.kellyFraction).toBeCloseTo(0.0402240585143, 11);
    expect(decision.contracts).toBe(5);
    expect(decision.walls.map(({ allowed }) => allowed)).toEqual([9, 12, 5, 9, 41, 32]);
  });

  test('the conservative preset without its shrinks gives 15.3 % at one third Kelly too', () => {
    const overrides = { multiplier: { mode: 'fixed', value: 1 / 3 }, evidenceTrades: 0, payoffTrades: 0 };
    const decision = decide(read({ ...fixture('conservative-nq'), overrides }));
    expect(decision.kellyFraction).toBeCloseTo(0.153103448276, 11);
    expect(decision.contracts).toBe(5);
  });
});

describe('a scenario', () => {
  test('needs only a symbol, equity and a stop; what is absent is unknown, not invented', () => {
    const s = read(minimal);
    expect(sizingSnapshotSchema.parse(s)).toEqual(s);
    expect(s.instrument).toMatchObject({
      root: 'NQ',
      microRoot: 'MNQ',
      lastTradeDate: '2025-09-19',
      initialMargin: null,
    });
    expect(s.config).toEqual(PRESETS.conservative);
    expect(decide(s).status).toBe('model-missing');
  });

  test('is dated a month before the contract ends unless it says when', () => {
    expect(new Date(read(minimal).now).toISOString()).toBe('2025-08-20T15:00:00.000Z');
    expect(read({ ...minimal, at: '2025-09-18T12:00:00Z' }).now).toBe(Date.UTC(2025, 8, 18, 12));
    expect(decide(read({ ...fixture('conservative-nq'), at: '2025-09-18T12:00:00Z' })).status).toBe('roll-guard');
  });

  test('takes a root as a continuous series', () => {
    expect(read({ ...minimal, symbol: 'MES' }).instrument).toMatchObject({ symbol: 'MES', lastTradeDate: null });
  });

  test('reads directions as words or numbers', () => {
    const of = (direction: unknown) =>
      read({ ...minimal, lstm: { direction, confidence: 0.7 } }).opinions.lstm?.direction;
    expect(['long', 'short', 'flat', 1, -1, 0].map(of)).toEqual([1, -1, 0, 1, -1, 0]);
  });

  test('measures nothing alarming with many trades and none', () => {
    const trades = { wins: 300, losses: 200, averageWinR: 1.5, averageLossR: 1 };
    const json = { ...fixture('conservative-nq'), trades, resolvedPredictions: 500 };
    expect(decide(read(json)).status).toBe('sized');
    expect(decide(read({ ...json, trades: undefined, resolvedPredictions: 0 })).status).toBe('evaluation');
    expect(decide(read({ ...json, watch: { drawdown: 0.2 } })).status).toBe('breaker');
  });

  test('takes the prior for correlations it does not state', () => {
    const { roots, rho } = read({ ...fixture('conservative-nq'), correlations: {} }).correlations;
    expect(roots).toEqual(['6E', 'ES', 'GC', 'NQ']);
    expect(rho[1]?.[3]).toBe(0.85);
  });

  test('overrides nested fields one by one', () => {
    const { config } = read({ ...minimal, overrides: { sample: { lookBackDays: 365 }, maxContracts: 2 } });
    expect(config.sample).toEqual({ ...PRESETS.conservative.sample, lookBackDays: 365 });
    expect(config.maxContracts).toBe(2);
  });

  test('may loosen a limit only by naming it', () => {
    const looser = { ...minimal, overrides: { maxContracts: 20 } };
    expect(refused(looser)).toMatchObject({ code: 'invalid-config', field: 'overrides.maxContracts', value: '20' });
    expect(read({ ...looser, raise: ['maxContracts'] }).config.maxContracts).toBe(20);
  });
});

describe('a scenario is refused', () => {
  test.each([
    [null, 'scenario'],
    ['NQ', 'scenario'],
    [{}, 'symbol'],
    [{ ...minimal, equity: '100000' }, 'equity'],
    [{ ...minimal, equity: NaN }, 'equity'],
    [{ ...minimal, equity: 1e300 }, 'equity'],
    [{ ...minimal, stopTicks: 0 }, 'stopTicks'],
    [{ ...minimal, stopTicks: 1.5 }, 'stopTicks'],
    [{ ...minimal, stop: 80 }, 'stop'],
    [{ ...minimal, symbol: 'NQU5' }, 'symbol'],
    [{ ...minimal, symbol: 'QQQ' }, 'symbol'],
    [{ ...minimal, symbol: 'QQU25' }, 'symbol'],
    [{ ...minimal, lstm: { direction: 'up', confidence: 0.6 } }, 'lstm.direction'],
    [{ ...minimal, lstm: { direction: 'long', confidence: 60 } }, 'lstm.confidence'],
    [{ ...minimal, trades: { wins: -1, losses: 0, averageWinR: 1, averageLossR: 1 } }, 'trades.wins'],
    [{ ...minimal, price: 23_486.1 }, 'price'],
    [{ ...minimal, margin: 0 }, 'margin'],
    [{ ...minimal, overrides: { maxHeet: 0.1 } }, 'overrides.maxHeet'],
    [{ ...minimal, overrides: { preset: 'mine' } }, 'overrides.preset'],
    [{ ...minimal, overrides: { maxHeat: 2 } }, 'overrides.maxHeat'],
    [{ ...minimal, raise: ['everything'] }, 'raise'],
    [{ ...minimal, preset: 'bold' }, 'preset'],
    [{ ...minimal, at: 'tomorrow' }, 'at'],
    [{ ...minimal, correlations: { NQES: 0.9 } }, 'correlations.NQES'],
    [{ ...minimal, correlations: { 'NQ/ES': 2 } }, 'correlations.NQ/ES'],
    [{ ...minimal, positions: [{ symbol: 'ES?', direction: 'long', contracts: 1, risk: 1 }] }, 'positions.0.symbol'],
    [
      { ...minimal, rivals: [{ symbol: 'ES', direction: 'flat', contracts: 1, riskPerContract: 1 }] },
      'rivals.0.direction',
    ],
  ])('%j at %s, with a remedy', (json, field) => {
    const error = refused(json);
    expect(error.field).toBe(field);
    expect(error.remedy.length).toBeGreaterThan(5);
    expect(error.value).not.toBe('');
  });
});
