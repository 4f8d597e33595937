import { describe, expect, test } from 'vitest';

import { PRESETS } from '#desk/engine/config.ts';
import { decide } from '#desk/engine/decide.ts';
import type { Decision, DecisionStatus } from '#shared/domain/decision.ts';
import { decisionStatusSchema } from '#shared/domain/decision.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import {
  exposure,
  guards,
  holding,
  nasdaq,
  prediction,
  referenceSample,
  rival,
  snapshot,
  SNAPSHOT_NOW,
} from '#test/support/snapshots.ts';
import type { SnapshotOverrides } from '#test/support/snapshots.ts';

const usd = moneyFromUsd;
const ago = (ms: number) => epochMs(SNAPSHOT_NOW - ms);
const wall = (decision: Decision, code: string) => decision.walls.find((w) => w.code === code)!;
/** A number near another, typed as the number it stands for. */
const near = (x: number, digits: number) => expect.closeTo(x, digits) as number;
const step = (decision: Decision, code: string) => decision.ladder.find((s) => s.code === code);

/** The three positions of the cockpit's reference: 2 ES long, 1 GC long, 2 6E short, $2,860.60 at risk. */
const cockpitBook = [
  exposure({ symbol: 'ESZ26-CME', root: 'ES', contracts: 2, risk: usd(1558), margin: usd(4200) }),
  exposure({ symbol: 'GCZ26-COMEX', root: 'GC', contracts: 1, risk: usd(494.6), margin: usd(2200) }),
  exposure({ symbol: '6EZ26-CME', root: '6E', direction: -1, contracts: 2, risk: usd(808), margin: usd(2100) }),
];

const small: SnapshotOverrides = { equity: usd(10_000) };
const twelveTrades = { ...referenceSample, wins: 8, losses: 4, sumWinR: 11.6, sumLossR: 4 };

describe('the reference trade on the cockpit book', () => {
  const decision = decide(snapshot({ exposures: cockpitBook }));

  test('climbs from p and b to 4.02 % of equity', () => {
    expect(decision.winProbability).toBeCloseTo(0.68, 12);
    expect(decision.winLossRatio).toBeCloseTo(1.30707262173, 11);
    expect(decision.fullKelly).toBeCloseTo(0.435178102057, 11);
    expect(step(decision, 'evidence')).toMatchObject({ effectiveTrades: 60, priorTrades: 30, state: 'pass' });
    expect(step(decision, 'evidence')).toHaveProperty('fraction', near(0.29011873, 7));
    expect(step(decision, 'multiplier')).toHaveProperty('factor', near(0.138646883853, 11));
    expect(decision.kellyFraction).toBeCloseTo(0.0402240585143, 11);
    expect(step(decision, 'capital')).toMatchObject({ perContract: usd(414.6), stopTicks: 80, slippageTicks: 2 });
  });

  test('is cut from 9 to 5 contracts by max contracts, and says what every other limit allows', () => {
    expect(decision).toMatchObject({ status: 'sized', contracts: 5, direction: 1, zero: null, isRiskAdjusted: true });
    const allowed = Object.fromEntries(
      decision.walls.map(({ code, allowed, unrounded }) => [code, [allowed, unrounded]]),
    );
    expect(allowed).toEqual({
      kelly: [9, near(9.7019, 4)],
      'risk-ceiling': [12, near(12.0598, 4)],
      'max-contracts': [5, null],
      'buying-power': [9, near(9.881, 3)],
      heat: [41, near(41.3396, 4)],
      cluster: [32, near(32.722, 3)],
    });
    expect(decision.walls.filter(({ binds }) => binds).map(({ code }) => code)).toEqual(['max-contracts']);
    expect(wall(decision, 'max-contracts')).toMatchObject({ limit: 5, atSize: 5, atOneMore: 6 });
    expect(wall(decision, 'cluster').detail).toBe('NQ + ES');
  });

  test('states risk, heat and correlated exposure before and after', () => {
    expect(decision.risk).toBe(usd(2073));
    expect(decision.riskFraction).toBeCloseTo(0.02073, 12);
    expect(decision.heatBefore).toBeCloseTo(0.028606, 12);
    expect(decision.heatAfter).toBeCloseTo(0.049336, 12);
    expect(decision.clusterBefore).toBeNull();
    expect(decision.clusterAfter).toBeCloseTo(0.02073 + 0.92 * 0.01558, 12);
  });
});

/** At least one way to end at every status there is. */
const ENDS: Readonly<Record<DecisionStatus, SnapshotOverrides>> = {
  sized: {},
  evaluation: { samples: [twelveTrades], equity: usd(50_000) },
  'model-missing': { opinions: { lstm: prediction('lstm', 0.65), ensemble: null } },
  'prediction-invalid': {
    opinions: { lstm: prediction('lstm', 0.65, { state: 'invalid' }), ensemble: prediction('ensemble', 0.7) },
  },
  'prediction-stale': {
    opinions: { lstm: prediction('lstm', 0.65, { asOf: ago(60_001) }), ensemble: prediction('ensemble', 0.7) },
  },
  flat: { opinions: { lstm: prediction('lstm', 0.65, { direction: 0 }), ensemble: prediction('ensemble', 0.7) } },
  disagree: { opinions: { lstm: prediction('lstm', 0.65, { direction: -1 }), ensemble: prediction('ensemble', 0.7) } },
  'low-confidence': { opinions: { lstm: prediction('lstm', 0.59), ensemble: prediction('ensemble', 0.6) } },
  halted: { tradingState: 'halted' },
  reducing: { tradingState: 'reducing' },
  locked: { lock: 'position not reconciled' },
  'session-closed': { instrument: { calendar: 'cme' }, now: epochMs(Date.UTC(2026, 10, 22, 12)) },
  'roll-guard': { instrument: { lastTradeDate: '2026-11-25' } },
  'quote-stale': { quote: null },
  'no-plan': { plan: null },
  breaker: { watch: { dayLoss: 0.03 } },
  'position-open': { exposures: [exposure({ symbol: nasdaq.symbol, root: 'NQ' })] },
  'order-working': { held: { position: null, working: 2, inDoubt: 0 } },
  'exit-first': holding(snapshot(), { contracts: 2, risk: usd(829.2), direction: -1 }),
  'order-rate': { guards: guards({ entriesLastMinute: 10 }) },
  'at-target': holding(snapshot(), { contracts: 5, risk: usd(2073) }),
  'no-equity': { equity: money(0) },
  'no-edge': { samples: [{ ...referenceSample, wins: 40, losses: 20, sumWinR: 16, sumLossR: 24 }] },
  'below-minimum': {
    samples: [{ ...referenceSample, wins: 10, losses: 10, sumWinR: 9, sumLossR: 10 }],
    opinions: { lstm: prediction('lstm', 0.6), ensemble: prediction('ensemble', 0.6) },
  },
  'too-small': small,
  'risk-ceiling': { ...small, config: { multiplier: { mode: 'fixed', value: 0.5 }, maxRiskPerTrade: 0.04 } },
  'buying-power': { exposures: [exposure({ root: 'CL', symbol: 'CLF27-NYMEX', margin: usd(46_000) })] },
  heat: { exposures: [exposure({ root: 'CL', symbol: 'CLF27-NYMEX', risk: usd(19_700) })] },
  cluster: { exposures: [exposure({ risk: usd(14_900) })] },
};

describe('every end', () => {
  test.each(decisionStatusSchema.options.map((status) => ({ status })))('$status is reached', ({ status }) => {
    const decision = decide(snapshot(ENDS[status]));
    expect(decision.status).toBe(status);
    const isProposed = status === 'sized' || status === 'evaluation';
    expect(decision.contracts > 0).toBe(isProposed);
    expect(decision.zero?.code ?? null).toBe(isProposed ? null : status);
  });
});

describe('blocked', () => {
  test('carries the ladder as far as it goes, and no walls', () => {
    const decision = decide(snapshot({ tradingState: 'halted' }));
    expect(decision.ladder.at(-1)).toMatchObject({ code: 'capital', state: 'pass' });
    expect(decision.kellyFraction).toBeCloseTo(0.0402240585, 9);
    expect(decision).toMatchObject({ walls: [], contracts: 0, direction: 1, risk: 0, riskFraction: 0 });
  });

  test('checks in a fixed order: state, lock, session, roll, quote, plan, position, models', () => {
    const sound = snapshot();
    const faulty = snapshot({
      tradingState: 'halted',
      lock: 'position not reconciled',
      instrument: { lastTradeDate: '2026-11-25' },
      quote: null,
      plan: null,
      exposures: [exposure({ symbol: nasdaq.symbol, root: 'NQ' })],
      opinions: { lstm: null, ensemble: null },
    });
    const order = [
      ['tradingState', 'halted'],
      ['lock', 'locked'],
      ['instrument', 'roll-guard'],
      ['quote', 'quote-stale'],
      ['plan', 'no-plan'],
      ['exposures', 'position-open'],
      ['opinions', 'model-missing'],
    ] as const;
    let current = faulty;
    for (const [field, status] of order) {
      expect(decide(current).status).toBe(status);
      current = { ...current, [field]: sound[field] };
    }
    expect(decide(current).status).toBe('sized');
  });

  test('names a contract whose own figures cannot price a stop, instead of sizing it', () => {
    for (const instrument of [{ tickValue: money(0) }, { tickValue: money(-5) }, { roundTurnFee: money(-1) }]) {
      expect(decide(snapshot({ instrument })).status).toBe('locked');
    }
    const plan = { entry: ticks(1), stopDistance: Number.MAX_SAFE_INTEGER, targetDistance: 1 };
    expect(decide(snapshot({ plan })).status).toBe('locked');
  });

  test('blocks on the last days before the contract ends, by the earlier of its two dates', () => {
    const at = (instrument: Partial<Instrument>) => decide(snapshot({ instrument }));
    // Monday the 23rd; Thursday the 26th is Thanksgiving and no business day.
    expect(at({ lastTradeDate: '2026-12-18' }).status).toBe('sized');
    expect(at({ lastTradeDate: '2026-11-30' }).status).toBe('sized');
    expect(at({ lastTradeDate: '2026-11-27' }).zero).toMatchObject({ value: 3, subject: '2026-11-27' });
    expect(at({ lastTradeDate: '2026-12-29', firstNoticeDate: '2026-11-25' }).zero).toMatchObject({
      code: 'roll-guard',
      value: 2,
      limit: 3,
      subject: '2026-11-25',
    });
    expect(at({ lastTradeDate: '2026-11-20' }).zero).toMatchObject({ code: 'roll-guard', value: -1 });
    expect(at({ lastTradeDate: null }).status).toBe('sized');
  });

  test('a quote is fresh up to its age limit, and only for its own symbol', () => {
    const quote = { ...snapshot().quote!, asOf: ago(10_000) };
    expect(decide(snapshot({ quote })).status).toBe('sized');
    expect(decide(snapshot({ quote: { ...quote, asOf: ago(10_001) } })).zero).toMatchObject({ value: 10_001 });
    expect(decide(snapshot({ quote: { ...quote, symbol: 'ESZ26-CME' } })).status).toBe('quote-stale');
    expect(decide(snapshot({ quote: { ...quote, asOf: epochMs(SNAPSHOT_NOW + 60_000) } })).status).toBe('quote-stale');
  });
});

describe('vetoed', () => {
  test('a prediction that is not ok vetoes with its own state', () => {
    const withState = (state: 'stale' | 'invalid' | 'unavailable' | 'mismatch') =>
      decide(
        snapshot({ opinions: { lstm: prediction('lstm', 0.65), ensemble: prediction('ensemble', 0.7, { state }) } }),
      );
    expect(withState('stale').zero).toMatchObject({ code: 'prediction-stale', subject: 'ensemble', limit: 60_000 });
    expect(withState('invalid').status).toBe('prediction-invalid');
    expect(withState('mismatch').status).toBe('prediction-invalid');
    expect(withState('unavailable').zero).toMatchObject({ code: 'model-missing', subject: 'ensemble' });
  });

  test('an answer for another symbol, of unknown time, or from the future is not used', () => {
    const withLstm = (overrides: Parameters<typeof prediction>[2]) =>
      decide(
        snapshot({ opinions: { lstm: prediction('lstm', 0.65, overrides), ensemble: prediction('ensemble', 0.7) } }),
      );
    expect(withLstm({ symbol: 'ESZ26-CME' }).status).toBe('prediction-invalid');
    expect(withLstm({ asOf: null }).zero).toMatchObject({ code: 'prediction-stale', value: null });
    expect(withLstm({ asOf: epochMs(SNAPSHOT_NOW + 5_001) }).status).toBe('prediction-invalid');
    expect(withLstm({ asOf: epochMs(SNAPSHOT_NOW + 5_000) }).status).toBe('sized');
    expect(withLstm({ confidence: null }).status).toBe('prediction-invalid');
  });

  test('shows the confidence that was too low, and nothing after it', () => {
    const decision = decide(snapshot(ENDS['low-confidence']));
    expect(decision.zero).toMatchObject({ value: near(0.596, 12), limit: 0.6 });
    expect(decision).toMatchObject({ direction: 0, winProbability: null, kellyFraction: null, confidence: 0.6 });
    expect(decision.ladder).toHaveLength(1);
    expect(decision.ladder[0]).toMatchObject({ code: 'probability', state: 'fail', used: null });
  });

  test('equality passes the threshold although .4·.6 + .6·.6 may not in binary', () => {
    const opinions = { lstm: prediction('lstm', 0.6), ensemble: prediction('ensemble', 0.6) };
    expect(decide(snapshot({ opinions })).status).not.toBe('low-confidence');
  });
});

describe('breakers', () => {
  test('a halt names every breaker that halts, and stops λ at 0', () => {
    const decision = decide(snapshot({ watch: { dayLoss: 0.031, drawdown: 0.2, cusum: 2.5 } }));
    expect(decision.zero).toMatchObject({ subject: 'day-loss, drawdown', value: 0.031, limit: 0.03 });
    expect(decision.warnings).toEqual(['drift']);
    expect(decision.ladder.at(-1)).toMatchObject({ code: 'multiplier', state: 'fail', factor: 0, fraction: 0 });
  });

  test('a warning halves λ and the ceiling per trade, once however many warn', () => {
    const decision = decide(snapshot({ watch: { cusum: 2.1, drawdown: 0.1 }, equity: usd(50_000) }));
    expect(decision.contracts).toBe(2);
    expect(decision.warnings).toEqual(['drift', 'drawdown']);
    expect(step(decision, 'multiplier')).toMatchObject({ breakerFactor: 0.5, factor: near(0.0693234, 6) });
    expect(wall(decision, 'risk-ceiling').limit).toBe(0.025);
  });

  test('measurements that cannot be read halt: unknown is never zero', () => {
    expect(decide(snapshot({ watch: { resolved: 150, brier100: null } })).zero).toMatchObject({
      code: 'breaker',
      subject: 'watch-invalid',
    });
  });
});

describe('the sample', () => {
  const wide = (scope: 'group' | 'all', wins = 30, losses = 30) => ({ ...referenceSample, scope, wins, losses });

  test('is the narrowest one large enough, in whatever order the scopes come', () => {
    const samples = [wide('all'), twelveTrades, wide('group')];
    const decision = decide(snapshot({ samples }));
    expect(step(decision, 'payoff')).toMatchObject({ scope: 'group', wins: 30, losses: 30, state: 'pass' });
    expect(decide(snapshot({ samples: [...samples].reverse() }))).toEqual(decision);
  });

  test('under the minimum everywhere is evaluation: one contract when it risks no more than 1 % of equity', () => {
    const decision = decide(snapshot({ samples: [twelveTrades], equity: usd(41_460) }));
    expect(decision).toMatchObject({ status: 'evaluation', contracts: 1, fullKelly: null, kellyFraction: null });
    expect(decision.ladder.at(-1)).toMatchObject({ code: 'payoff', state: 'fail', wins: 8, losses: 4, used: null });
    expect(wall(decision, 'evaluation')).toMatchObject({ allowed: 1, binds: true, unit: 'contracts' });
    const poorer = decide(snapshot({ samples: [twelveTrades], equity: usd(41_459) }));
    expect(poorer).toMatchObject({ status: 'too-small', contracts: 0 });
    expect(poorer.zero).toMatchObject({ subject: 'MNQ', limit: near(414.6, 9) });
  });

  test('evaluation stays under every other limit', () => {
    const evaluation = { contracts: 3, maxRisk: 0.01 };
    const base = { samples: [], config: { evaluation } };
    expect(decide(snapshot(base)).contracts).toBe(3);
    expect(decide(snapshot({ ...base, config: { evaluation, maxContracts: 2 } })).contracts).toBe(2);
    expect(decide(snapshot({ ...base, ...ENDS.heat, config: { evaluation } })).status).toBe('heat');
  });

  test('needs wins and losses, not only trades', () => {
    const sample = (wins: number, losses: number) => ({ ...referenceSample, wins, losses });
    for (const s of [sample(36, 4), sample(4, 36), sample(9, 10)]) {
      expect(decide(snapshot({ samples: [s] })).status).toBe('evaluation');
    }
  });

  test('evidence is the smaller of own trades and resolved predictions', () => {
    const decision = decide(snapshot({ watch: { resolved: 25, brier100: null, calibrationError100: null } }));
    expect(step(decision, 'evidence')).toMatchObject({ effectiveTrades: 25, factor: near(25 / 55, 12) });
  });
});

describe('calibration', () => {
  const platt = { kind: 'platt' as const, version: 'p1', a: -0.6, b: 0.05 };

  test('may lower the probability and never raises it', () => {
    const lowered = decide(snapshot({ calibrator: platt }));
    expect(lowered.winProbability).toBeCloseTo(0.599231268103, 10);
    const raising = { kind: 'platt' as const, version: 'p2', a: -1, b: -0.3 };
    const raised = decide(snapshot({ calibrator: raising }));
    expect(raised.winProbability).toBeCloseTo(0.68, 12);
    expect(step(raised, 'probability')).toHaveProperty('calibrated', near(0.7415, 3));
  });

  test('is left alone when the preset switches it off', () => {
    expect(decide(snapshot({ calibrator: platt, config: { calibrate: false } })).winProbability).toBeCloseTo(0.68, 12);
  });

  test('a map that gives no probability vetoes', () => {
    const broken = { kind: 'isotonic' as const, version: 'x', x: [], y: [] };
    expect(decide(snapshot({ calibrator: broken })).zero).toMatchObject({
      code: 'prediction-invalid',
      subject: 'calibrator',
    });
  });
});

describe('walls', () => {
  test('ties mark every binding limit', () => {
    const decision = decide(snapshot({ equity: usd(51_537) }));
    expect(wall(decision, 'kelly').allowed).toBe(5);
    expect(decision.walls.filter(({ binds }) => binds).map(({ code }) => code)).toEqual(['kelly', 'max-contracts']);
  });

  test('too small names the money and the smaller contract', () => {
    const { zero } = decide(snapshot(small));
    expect(zero).toMatchObject({ subject: 'MNQ', value: near(402.24, 2), limit: near(414.6, 9) });
  });

  test('buying power is left out when the margin is unknown, and then the margin basis has no size', () => {
    const decision = decide(snapshot({ instrument: { initialMargin: null } }));
    expect(wall(decision, 'buying-power')).toBeUndefined();
    expect(decision.contracts).toBe(5);
    const byMargin = decide(snapshot({ instrument: { initialMargin: null }, config: { basis: 'margin' } }));
    expect(byMargin.zero).toEqual({ code: 'buying-power', value: null, limit: null, subject: 'margin' });
  });

  test('contracts held in another month of the root count against max contracts', () => {
    const march = exposure({ symbol: 'NQH27-CME', root: 'NQ', contracts: 4, risk: usd(1600) });
    const decision = decide(snapshot({ exposures: [march] }));
    expect(decision.contracts).toBe(1);
    expect(wall(decision, 'max-contracts')).toMatchObject({ allowed: 1, atSize: 5, atOneMore: 6, detail: 'NQH27-CME' });
    expect(decide(snapshot({ exposures: [{ ...march, contracts: 5 }] })).zero).toMatchObject({
      code: 'position-open',
      value: 6,
      limit: 5,
      subject: 'NQH27-CME',
    });
  });

  test('mini and micro are one market: fully correlated by identity', () => {
    const micro = exposure({ symbol: 'MNQZ26-CME', root: 'MNQ', risk: usd(14_000) });
    const decision = decide(snapshot({ exposures: [micro], correlations: { roots: [], rho: [] } }));
    expect(wall(decision, 'cluster')).toMatchObject({ allowed: 2, detail: 'NQ + MNQ' });
    expect(decision.contracts).toBe(2);
  });

  test('opposite directions in correlated markets are no partners and no hedge', () => {
    const short = exposure({ direction: -1, risk: usd(14_900) });
    expect(wall(decide(snapshot({ exposures: [short] })), 'cluster')).toBeUndefined();
  });

  test('a market the correlations do not know counts as fully correlated with its group, whatever the side', () => {
    for (const direction of [1, -1] as const) {
      const russell = exposure({ symbol: 'RTYZ26-CME', root: 'RTY', direction, risk: usd(14_000) });
      expect(wall(decide(snapshot({ exposures: [russell] })), 'cluster').allowed).toBe(2);
    }
    const corn = exposure({ symbol: 'ZCZ26-CBOT', root: 'ZC', risk: usd(14_000) });
    expect(wall(decide(snapshot({ exposures: [corn] })), 'cluster')).toBeUndefined();
    const stranger = exposure({ symbol: 'QQQ', root: 'QQQ', risk: usd(14_000) });
    expect(wall(decide(snapshot({ exposures: [stranger] })), 'cluster').allowed).toBe(2);
  });

  test('rivals share the budget by progressive filling', () => {
    const config = { multiplier: { mode: 'fixed' as const, value: 1 }, maxHeat: 0.02, maxRiskPerTrade: 0.25 };
    const alone = decide(snapshot({ config }));
    expect(alone.contracts).toBe(4);
    const shared = decide(snapshot({ config, rivals: [rival({ contracts: 5, riskPerContract: usd(414.6) })] }));
    expect(shared.contracts).toBe(2);
    expect(wall(shared, 'heat')).toMatchObject({ binds: true, detail: 'shared with GCZ26-COMEX' });
    expect(shared.heatBefore).toBe(0);
    expect(shared.heatAfter).toBeCloseTo(0.008292, 12);
  });

  test('rivals share the margin in proportion to what each may have alone', () => {
    const margin = usd(20_000);
    const alone = decide(snapshot({ instrument: { initialMargin: margin } }));
    expect(alone.contracts).toBe(2);
    expect(wall(alone, 'buying-power')).toMatchObject({ binds: true, allowed: 2 });
    const shared = decide(
      snapshot({ instrument: { initialMargin: margin }, rivals: [rival({ contracts: 2, marginPerContract: margin })] }),
    );
    expect(shared.contracts).toBe(1);
    expect(wall(shared, 'buying-power').atSize).toBeLessThanOrEqual(0.5);
  });

  test('the recommendation this one replaces is no rival', () => {
    const own = rival({ symbol: nasdaq.symbol, root: 'NQ', contracts: 5, riskPerContract: usd(4000) });
    expect(decide(snapshot({ rivals: [own] }))).toEqual(decide(snapshot()));
  });
});

describe('the specification preset', () => {
  test('gives 15.3 % at one third Kelly and two contracts by margin', () => {
    const config = { ...PRESETS.specification, multiplier: { mode: 'fixed' as const, value: 1 / 3 } };
    const decision = decide(snapshot({ config, equity: usd(250_000), instrument: { initialMargin: usd(16_500) } }));
    expect(decision.fullKelly).toBeCloseTo(0.45931, 5);
    expect(decision.kellyFraction).toBeCloseTo(0.153103448, 8);
    expect(decision.contracts).toBe(2);
  });

  test('caps full Kelly at 25 % of equity', () => {
    const decision = decide(snapshot({ config: PRESETS.specification }));
    expect(decision.kellyFraction).toBe(0.25);
    expect(step(decision, 'cap')).toMatchObject({ isCapped: true, cap: 0.25 });
  });

  test('sizes by notional only when a price is known', () => {
    const config = { ...PRESETS.specification, basis: 'notional' as const };
    expect(decide(snapshot({ config })).status).toBe('too-small');
    const plan = { entry: ticks(0), stopDistance: 80, targetDistance: 80 };
    expect(decide(snapshot({ config, plan })).zero).toMatchObject({ code: 'buying-power', subject: 'notional' });
  });
});

describe('a position in the contract itself', () => {
  const held = (contracts: number, risk: number, overrides: SnapshotOverrides = {}, direction: 1 | -1 = 1) =>
    decide(holding(snapshot(overrides), { contracts, risk: usd(risk), direction }));

  test('is added to: the size is a target, and what is proposed is the difference to it', () => {
    const decision = held(2, 829.2);
    expect(decision).toMatchObject({ status: 'sized', contracts: 3, held: 2, zero: null, risk: usd(1243.8) });
    // 5,000 of 414.60 each, less what 2 risk already.
    expect(wall(decision, 'risk-ceiling')).toMatchObject({ allowed: 10, unrounded: near(10.0598, 4) });
    expect(wall(decision, 'kelly')).toMatchObject({ allowed: 7, atSize: near(0.02073, 9) });
    expect(wall(decision, 'max-contracts')).toMatchObject({ allowed: 3, atSize: 5, atOneMore: 6 });
    expect(wall(decision, 'heat')).toMatchObject({ atSize: near(0.02073, 9) });
    expect(wall(decision, 'buying-power')).toMatchObject({ atSize: near(0.21, 9) });
    expect(decision.heatBefore).toBeCloseTo(0.008292, 12);
    expect(decision.heatAfter).toBeCloseTo(0.02073, 12);
  });

  test('is no partner of what is added to it: alone it is not correlated', () => {
    const decision = held(2, 829.2);
    expect(wall(decision, 'cluster')).toBeUndefined();
    expect([decision.clusterBefore, decision.clusterAfter]).toEqual([null, null]);
    const withPartner = decide(
      holding(snapshot({ exposures: [exposure({ risk: usd(1558) })] }), { contracts: 2, risk: usd(829.2) }),
    );
    // NQ at 5 contracts and 0.92 of the ES beside it.
    expect(wall(withPartner, 'cluster')).toHaveProperty('atSize', near(0.02073 + 0.92 * 0.01558, 9));
    expect(withPartner.clusterAfter).toBeCloseTo(0.02073 + 0.92 * 0.01558, 12);
  });

  test('at its target names what is held, the target and the limit behind it', () => {
    expect(held(5, 2073).zero).toEqual({ code: 'at-target', value: 5, limit: 5, subject: 'max-contracts' });
    const few = { equity: usd(50_000) };
    expect(held(4, 1658.4, few).zero).toEqual({ code: 'at-target', value: 4, limit: 4, subject: 'kelly' });
    expect(held(9, 3731.4).zero).toMatchObject({ value: 9, limit: 5 });
  });

  test('risks more than planned: its open risk takes the room, whatever the count', () => {
    // Two contracts that risk 1,900 together leave Kelly 2,011 − 1,900, less than one more takes.
    const decision = held(2, 1900, { equity: usd(50_000) });
    expect(decision.zero).toEqual({ code: 'at-target', value: 2, limit: 4, subject: 'kelly' });
    expect(held(2, 4700).zero).toMatchObject({ code: 'at-target', subject: 'kelly' });
  });

  test('the evaluation size is one of the whole', () => {
    const early = { samples: [twelveTrades], equity: usd(50_000) };
    expect(held(1, 414.6, early).zero).toEqual({ code: 'at-target', value: 1, limit: 1, subject: 'evaluation' });
  });

  test('on the other side it is closed first, never turned round', () => {
    const decision = held(2, 829.2, {}, -1);
    expect(decision).toMatchObject({ status: 'exit-first', contracts: 0, direction: 1, walls: [] });
    expect(decision.held).toBeUndefined();
    expect(decision.zero).toEqual({ code: 'exit-first', value: -2, limit: null, subject: nasdaq.symbol });
  });

  test('without a stop for all of it, nothing is added', () => {
    const covered = holding(snapshot(), { contracts: 2, risk: usd(829.2) });
    const bare = { position: { direction: 1, contracts: 2, risk: null }, working: 0, inDoubt: 0 } as const;
    expect(decide({ ...covered, held: bare }).zero).toMatchObject({ code: 'locked' });
  });

  test('that the exposures do not bear out blocks', () => {
    const covered = holding(snapshot(), { contracts: 2, risk: usd(829.2) });
    expect(decide({ ...covered, held: { position: null, working: 0, inDoubt: 0 } }).status).toBe('position-open');
    expect(decide({ ...covered, exposures: [] }).status).toBe('position-open');
  });

  test('an order that may still fill, or one in doubt, comes first', () => {
    const covered = holding(snapshot(), { contracts: 2, risk: usd(829.2) });
    const of = (working: number, inDoubt: number) =>
      decide({ ...covered, held: { ...covered.held!, working, inDoubt } });
    expect(of(1, 0).zero).toMatchObject({ code: 'order-working', value: 1, subject: nasdaq.symbol });
    expect(of(1, 2).zero).toMatchObject({ code: 'order-working', value: 2, subject: 'in-doubt' });
  });
});

describe('guards', () => {
  const guarded = (overrides: Parameters<typeof guards>[0], watch: SnapshotOverrides['watch'] = {}) =>
    decide(snapshot({ guards: guards(overrides), watch }));

  test('a latched breaker halts whatever it reads now', () => {
    const { zero } = guarded({ latches: [{ code: 'day-loss', value: 0.031, limit: 0.03 }] });
    expect(zero).toEqual({ code: 'breaker', value: 0.031, limit: 0.03, subject: 'day-loss' });
    const both = guarded({ latches: [{ code: 'day-loss', value: 0.031, limit: 0.03 }] }, { dayLoss: 0.05 });
    expect(both.zero?.subject).toBe('day-loss');
  });

  test('losses in a row halt at their limit', () => {
    expect(guarded({ consecutiveLosses: 4 }).status).toBe('sized');
    expect(guarded({ consecutiveLosses: 5 }).zero).toMatchObject({ value: 5, limit: 5, subject: 'consecutive-losses' });
  });

  test('a reading that was accepted by arming the breaker again warns, and a worse one halts', () => {
    const accepted = { rearmed: [{ code: 'drawdown', value: 0.21 }] } as const;
    const at = (drawdown: number) => guarded({ rearmed: [...accepted.rearmed] }, { drawdown });
    expect(at(0.21)).toMatchObject({ status: 'sized', warnings: ['drawdown'] });
    expect(at(0.2101).zero).toMatchObject({ code: 'breaker', subject: 'drawdown' });
    const losses = { rearmed: [{ code: 'consecutive-losses' as const, value: 5 }] };
    expect(guarded({ ...losses, consecutiveLosses: 5 })).toMatchObject({
      status: 'sized',
      warnings: ['consecutive-losses'],
    });
    expect(guarded({ ...losses, consecutiveLosses: 6 }).status).toBe('breaker');
  });

  test('entries wait while the last minute has had its number', () => {
    expect(guarded({ entriesLastMinute: 9 }).status).toBe('sized');
    expect(guarded({ entriesLastMinute: 10 }).zero).toEqual({
      code: 'order-rate',
      value: 10,
      limit: 10,
      subject: null,
    });
  });
});
