import { ulid } from 'ulid';
import { withDepths } from '#desk/backtest/depths.ts';
import { histogramOf } from '#desk/backtest/histogram.ts';
import type { VerdictReading } from '#shared/domain/backtest.ts';
import type { Order, Position } from '#shared/domain/order.ts';
import { openOrder } from '#shared/domain/order-life.ts';
import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import type { EquityPoint, Statistic } from '#shared/domain/performance.ts';
import type { Activity, Connection, RiskMetrics } from '#shared/domain/status.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import type { EpochMs } from '#shared/units.ts';
import { CONFIG, INSTRUMENTS, START_PRICES } from './instruments.ts';
import type { Root } from './instruments.ts';
import { random } from './market.ts';

export const ACCOUNT = 'SIM-100K';
export const EQUITY = moneyFromUsd(100_000);
const MINUTE = 60_000;
const DAY = 86_400_000;

export const ticksOf = (root: Root, price: number) => ticks(Math.round(price / INSTRUMENTS[root].tickSize));
const ago = (now: EpochMs, ms: number): EpochMs => epochMs(now - ms);

type Plan = { readonly quantity: number; readonly entry: number; readonly stop: number; readonly target: number };
const HELD: readonly (readonly [Root, Plan])[] = [
  ['ES', { quantity: 2, entry: 6402.25, stop: 6393.5, target: 6419.75 }],
  ['GC', { quantity: 1, entry: 3382.4, stop: 3374.4, target: 3398.4 }],
  ['6E', { quantity: -2, entry: 1.17245, stop: 1.17395, target: 1.1695 }],
];

/** Open positions, marked at `last`. */
export function positionsAt(now: EpochMs): readonly Position[] {
  return HELD.map(([root, plan], i) =>
    markPosition(
      {
        symbol: INSTRUMENTS[root].symbol,
        account: ACCOUNT,
        quantity: plan.quantity,
        averagePrice: plan.entry / INSTRUMENTS[root].tickSize,
        last: null,
        lastAt: null,
        openPnl: null,
        stop: ticksOf(root, plan.stop),
        target: ticksOf(root, plan.target),
        riskAtStop: null,
        plannedRisk: null,
        r: null,
        openedAt: ago(now, (20 + i * 45) * MINUTE),
        recommendationId: null,
      },
      ticksOf(root, START_PRICES[root]),
      now,
    ),
  );
}

/** Values a position at a price in ticks. */
export function markPosition(position: Position, last: ReturnType<typeof ticks>, at: EpochMs): Position {
  const instrument = Object.values(INSTRUMENTS).find((i) => i.symbol === position.symbol);
  if (instrument === undefined) return position;
  const worth = (from: number, to: number) => money(Math.round((to - from) * position.quantity * instrument.tickValue));
  const openPnl = worth(position.averagePrice, last);
  const stop = position.stop;
  const slippage = instrument.slippageTicks * instrument.tickValue * Math.abs(position.quantity);
  const lossFrom = (from: number) => (stop === null ? null : money(Math.max(0, slippage - worth(from, stop))));
  const plannedRisk = lossFrom(position.averagePrice);
  return {
    ...position,
    last,
    lastAt: at,
    openPnl,
    riskAtStop: lossFrom(last),
    plannedRisk,
    r: plannedRisk === null || plannedRisk === 0 ? null : openPnl / plannedRisk,
  };
}

/** Protective orders of the open positions; the last one is in doubt. */
export function ordersAt(now: EpochMs): readonly Order[] {
  const orders = HELD.flatMap(([root, plan]) =>
    (['stop', 'target'] as const).map((role): Order => {
      const terms = {
        clientOrderId: `D1-${ulid(now)}${role === 'stop' ? 'S' : 'T'}`,
        recommendationId: null,
        parentId: null,
        account: ACCOUNT,
        symbol: INSTRUMENTS[root].symbol,
        role,
        direction: plan.quantity > 0 ? (-1 as const) : (1 as const),
        type: role === 'stop' ? ('stop' as const) : ('limit' as const),
        quantity: Math.abs(plan.quantity),
        price: ticksOf(root, plan[role]),
        timeInForce: 'gtc' as const,
      };
      return { ...openOrder(terms, ago(now, 20 * MINUTE)), life: 'working', venueOrderId: `P-${root}-${role}` };
    }),
  );
  return orders.map((order, i) =>
    i === orders.length - 1
      ? {
          ...order,
          life: 'sent',
          venueOrderId: null,
          certainty: { kind: 'in-doubt', since: ago(now, 3000), why: 'The broker did not answer within 5 s.' },
        }
      : order,
  );
}

export function riskAt(now: EpochMs, positions: readonly Position[]): RiskMetrics {
  const openPnl = money(positions.reduce((sum, p) => sum + (p.openPnl ?? 0), 0));
  const heatRisk = money(positions.reduce((sum, p) => sum + (p.riskAtStop ?? 0), 0));
  const realised = EQUITY;
  const equity = money(realised + openPnl);
  const line = (
    code: RiskMetrics['breakers'][number]['code'],
    value: number,
    warn: number | null,
    halt: number | null,
  ) =>
    ({
      code,
      unit: code === 'day-loss' || code === 'drawdown' ? 'fraction' : 'number',
      value,
      warn,
      halt,
      level: 'clear',
    }) as const;
  const limits = CONFIG.breakers;
  return {
    asOf: now,
    equity,
    sizingEquity: money(realised + Math.min(0, openPnl)),
    realisedEquity: realised,
    openPnl,
    dayPnl: money(openPnl + moneyFromUsd(440.8)),
    peakEquity: moneyFromUsd(101_000),
    heat: heatRisk / equity,
    heatLimit: CONFIG.maxHeat,
    heatRisk,
    reservedRisk: money(0),
    cluster: 0.0142,
    clusterLimit: CONFIG.maxCluster,
    clusterRoots: ['ES', 'NQ'],
    tradingState: 'active',
    tradingStateReason: null,
    tradingStateSince: null,
    watch: { cusum: 1.12, resolved: 184, brier100: 0.218, calibrationError100: 0.041, dayLoss: 0, drawdown: 0.002 },
    breakers: [
      line('day-loss', 0, null, limits.dayLossHalt),
      line('drawdown', 0.002, limits.drawdownWarn, limits.drawdownHalt),
      line('drift', 1.12, limits.cusumWarn, limits.cusumHalt),
      line('brier', 0.218, limits.brierWarn, null),
      line('calibration-error', 0.041, limits.calibrationErrorWarn, null),
    ],
  };
}

export const connectionsAt = (now: EpochMs): readonly Connection[] =>
  (
    [
      ['lstm', 'model', 'LSTM', 18, 1200],
      ['ensemble', 'model', 'Ensemble', 31, 800],
      ['market', 'market', 'Market data', 4, 200],
      ['broker', 'broker', 'Paper broker', 2, 600],
    ] as const
  ).map(([id, kind, name, latencyMs, age]) => ({
    id,
    kind,
    name,
    state: 'live',
    lastAt: ago(now, age),
    latencyMs,
    uptime: 0.9996,
    detail: null,
  }));

export function activityAt(now: EpochMs): readonly Activity[] {
  const lines: readonly (readonly [Activity['kind'], Root | null, string, number | null])[] = [
    ['recommended', 'NQ', 'NQ long 5', null],
    ['recommended', 'CL', 'CL short 3', null],
    ['vetoed', 'ZN', 'ZN, models disagree', null],
    ['filled', '6E', '6E −2 at 1.17245', null],
    ['approved', '6E', '6E short 2 of 2', null],
    ['closed', 'NQ', 'NQ closed', 440.8],
    ['overridden', 'GC', 'GC 3 → 1, “news”', null],
    ['rejected', 'CL', 'CL long 2, “range”', null],
    ['in-doubt', '6E', '6E target: the broker did not answer', null],
    ['started', null, 'Desk started', null],
  ];
  return lines.map(([kind, root, text, pnl], i) => ({
    seq: 18_204 - i,
    at: ago(now, i * 7 * MINUTE),
    kind,
    symbol: root === null ? null : INSTRUMENTS[root].symbol,
    text,
    pnl: pnl === null ? null : moneyFromUsd(pnl),
  }));
}

const known = (value: number): Statistic => ({ value, reason: null });
const unknown = (reason: string): Statistic => ({ value: null, reason });

/** A reading of the verdict so many days ago. */
function reading(now: EpochMs, days: number): VerdictReading {
  return {
    code: 'inconclusive',
    at: ago(now, days * DAY),
    decisions: 184 - days,
    days: 90 - days,
    growth: { value: 0.00021, lower: -0.00013 - days / 1e6, upper: 0.00055 },
    pOneSided: 0.21,
    growthVsContracts: { value: 0.0001, lower: -0.0003, upper: 0.0005 },
    sharpeDifference: { value: 0.3, lower: -0.08, upper: 0.7 },
    deflatedSharpe: 0.61,
    drawdownRatio: 0.94,
    memmelZ: 0.8,
    correlation: 0.97,
    daysNeeded: 238,
    daysStillNeeded: 148 + days,
    conditions: {
      ...{ hasEnoughDecisions: true, hasEnoughDays: true, growsFaster: false, sharpeHolds: true },
      ...{ survivesDeflation: false, drawdownHolds: true, growsSlower: false },
    },
    proposedMultiplier: null,
  };
}

/** Ninety days of three books that start together. */
export function performanceAt(now: EpochMs): PerformanceHistory {
  const next = random(11);
  const r = Array.from({ length: 184 }, () => (next() < 0.6 ? 0.4 + next() * 1.8 : -0.5 - next() * 0.6));
  const points: EquityPoint[] = [];
  let [actual, model, fixed] = [98_000, 98_000, 98_000];
  for (let day = 90; day >= 0; day -= 1) {
    const shock = (next() - 0.47) * 0.016;
    actual *= 1 + shock + (next() - 0.5) * 0.003;
    model *= 1 + shock * 1.08;
    fixed *= 1 + shock * 0.95 - 0.0002;
    const point = { actual: moneyFromUsd(actual), model: moneyFromUsd(model), fixed: moneyFromUsd(fixed) };
    points.push({ at: ago(now, day * DAY), ...point });
  }
  const wins = r.filter((x) => x > 0);
  const losses = r.filter((x) => x < 0);
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const first = points[0];
  const last = points.at(-1);
  return {
    from: first?.at ?? null,
    to: last?.at ?? null,
    points: [...withDepths(points)],
    books: (['actual', 'model', 'fixed'] as const).map((book, i) => ({
      book,
      endEquity: last?.[book] ?? money(0),
      openPnl: [
        { value: moneyFromUsd(184.5), reason: null },
        { value: moneyFromUsd(-96), reason: null },
        { value: null, reason: 'no price yet: GC' },
      ][i],
      totalReturn: last === undefined || first === undefined ? 0 : last[book] / first[book] - 1,
      maxDrawdown: [0.041, 0.044, 0.047][i] ?? 0,
      sharpe: known([1.31, 1.42, 1.12][i] ?? 0),
      sortino: known([1.9, 2.05, 1.6][i] ?? 0),
      calmar: unknown('Calmar needs a year'),
    })),
    trades: {
      trades: r.length,
      wins: wins.length,
      losses: losses.length,
      scratches: 0,
      winRate: known(wins.length / r.length),
      payoff: known(sum(wins) / wins.length / (-sum(losses) / losses.length)),
      profitFactor: known(sum(wins) / -sum(losses)),
      expectancy: known(sum(r) / r.length),
      sqn: known(2.4),
    },
    histogram: [...histogramOf(r)],
    longestLosingStreak: 5,
    statistics: (['actual', 'model', 'fixed'] as const).map((book, i) => ({
      book,
      ...{ days: 90, totalReturn: 0.03, maxDrawdown: 0.044, longestUnderwater: 21, ulcer: 1.8 },
      cagr: known([0.11, 0.12, 0.09][i] ?? 0),
      volatility: known(0.092),
      sharpe: known([1.31, 1.42, 1.12][i] ?? 0),
      sortino: known([1.9, 2.05, 1.6][i] ?? 0),
      calmar: known(2.4),
      upi: known(6.1),
      skew: known(-0.12),
      kurtosis: known(2.9),
      psr: known(0.78),
      deflatedSharpe: known(0.61),
      minTrackRecord: i === 2 ? unknown('no length shows a Sharpe ratio above 0 that is not there') : known(402),
    })),
    verdict: { fixedFraction: 0.0173, fixedContracts: 2, standing: reading(now, 20), running: reading(now, 0) },
    overrides: {
      opportunities: 184,
      modelPnl: moneyFromUsd(4_100),
      actualPnl: moneyFromUsd(3_361.25),
      sizeEffect: moneyFromUsd(-950.75),
      exitEffect: moneyFromUsd(212),
      byType: [
        { type: 'rejected', count: 53, value: moneyFromUsd(-528.5), interval: { mean: -9.97, lower: -31, upper: 12 } },
        { type: 'initiated', count: 0, value: money(0), interval: null },
        { type: 'increased', count: 0, value: money(0), interval: null },
        { type: 'decreased', count: 14, value: moneyFromUsd(-310.25), interval: null },
      ],
      foregone: [
        {
          ...{ kind: 'rejected', count: 44, value: moneyFromUsd(640.5) },
          interval: { mean: 14.6, lower: -12, upper: 40 },
        },
        { kind: 'expired', count: 9, value: moneyFromUsd(-112), interval: null },
      ],
      moved: { count: 3, exitEffect: moneyFromUsd(48) },
    },
  };
}
