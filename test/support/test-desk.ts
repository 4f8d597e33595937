import { ulid } from 'ulid';
import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers, OutputOf } from '#shared/contract/index.ts';
import type { DeskSnapshot, KellyPosition } from '#shared/contract/views.ts';
import { isTerminal, openOrder } from '#shared/domain/order-life.ts';
import type { Order } from '#shared/domain/order.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { Activity } from '#shared/domain/status.ts';
import { epochMs, ticks } from '#shared/units.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';
import { createEventStream } from '#desk/door/event-stream.ts';
import type { Door } from '#desk/serve.ts';
import {
  ACCOUNT,
  activityAt,
  connectionsAt,
  EQUITY,
  markPosition,
  ordersAt,
  positionsAt,
  riskAt,
  ticksOf,
} from './desk-fixtures/account.ts';
import { backtestOperations } from './desk-fixtures/backtest.ts';
import { connectionOperations } from './desk-fixtures/connections.ts';
import { IDLE_EXECUTION } from './desk-fixtures/execution.ts';
import { CONFIG, INSTRUMENTS, START_PRICES } from './desk-fixtures/instruments.ts';
import { backupOperations } from './desk-fixtures/backups.ts';
import { instrumentOperations } from './desk-fixtures/instrument-operations.ts';
import { journalOperations } from './desk-fixtures/journal.ts';
import type { Root } from './desk-fixtures/instruments.ts';
import { barsUntil, quoteAt, random } from './desk-fixtures/market.ts';
import { modelsAt, previewAt } from './desk-fixtures/models.ts';
import { settingsRoom } from './desk-fixtures/settings.ts';
import { performanceOperations } from './desk-fixtures/performance.ts';
import { recommend, recommendationsAt, resize } from './desk-fixtures/recommendations.ts';

export type TestDesk = Door & {
  /** One step of the simulated market: quotes, marks, pulse, expiries. */
  step(): void;
  close(): void;
};

export type TestDeskOptions = {
  /** Milliseconds between steps; absent means the test steps by hand. */
  readonly stepEveryMs?: number;
  /** Events the stream keeps for a client that comes back. */
  readonly ringCapacity?: number;
  /** Closed trades in its journal; 40 when not given. */
  readonly trades?: number;
  /** Lines of activity it begins with; ten when not given. */
  readonly activity?: number;
};

type State = Omit<DeskSnapshot, 'now' | 'seq' | 'quotes'> & { readonly prices: Map<string, Ticks> };
const now = (): EpochMs => epochMs(Date.now());
const ROOTS = Object.keys(INSTRUMENTS) as Root[];

/**
 * A desk in memory that satisfies the whole contract: six markets, one size bound by max contracts, vetoes, positions, an
 * order in doubt. Approve, reject, cancel, flatten and halt work on its state. For shells, wires and screens; the desk's
 * own rules are tested on the desk.
 */
export function createTestDesk(options: TestDeskOptions = {}): TestDesk {
  const stream = createEventStream(options.ringCapacity === undefined ? {} : { capacity: options.ringCapacity });
  const state = openState(options.activity ?? 10);
  const desk = { state, stream };
  const timer = options.stepEveryMs === undefined ? null : setInterval(() => step(desk), options.stepEveryMs);
  timer?.unref();
  const settings = settingsRoom(stream.publish);
  return {
    stream,
    handlers: {
      ...journalOperations(options.trades ?? 40, () => snapshotOf(desk)),
      ...backtestOperations(),
      ...connectionOperations(() => snapshotOf(desk)),
      ...settings.handlers,
      ...reads(desk),
      ...commands(desk),
      'models.versions': () => [],
      'models.acceptVersion': () => [],
    },
    step: () => step(desk),
    close: () => {
      if (timer !== null) clearInterval(timer);
      settings.close();
    },
  };
}

type Inner = { readonly state: Mutable<State>; readonly stream: ReturnType<typeof createEventStream> };
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function openState(activityLines: number): Mutable<State> {
  const at = now();
  const positions = [...positionsAt(at)];
  return {
    identity: {
      profile: 'simulation',
      mode: 'simulation',
      account: ACCOUNT,
      version: '0.1.0-test',
      startedAt: epochMs(at - 3 * 3_600_000),
      seed: 7,
      journalPath: '/tmp/test-desk.journal',
      isAutoApproved: false,
      isArmed: true,
    },
    startup: { phase: 'ready', done: 90, total: 90, text: 'Ready' },
    instruments: Object.values(INSTRUMENTS),
    config: CONFIG,
    recommendations: [...recommendationsAt(at)],
    positions,
    orders: [...ordersAt(at)],
    risk: riskAt(at, positions),
    connections: [...connectionsAt(at)],
    activity: activityOf(activityLines, at),
    notices: [
      {
        id: 'calibration',
        level: 'info',
        at,
        title: 'Calibration in force',
        detail: 'The platt map of 184 resolved predictions lowers probabilities above 0.72.',
        remedy: null,
      },
    ],
    execution: IDLE_EXECUTION,
    journal: { events: 18_204, trades: 184, headHash: 'a3f1c09be2774d15' },
    prices: new Map(ROOTS.map((root) => [INSTRUMENTS[root].symbol, ticksOf(root, START_PRICES[root])])),
  };
}

/** So many lines of activity, newest first: those of the fixture again and again. */
function activityOf(count: number, at: EpochMs): Activity[] {
  const lines = activityAt(at);
  return Array.from({ length: Math.ceil(count / lines.length) }, () => lines)
    .flat()
    .slice(0, count)
    .map((line, i) => ({ ...line, seq: 18_204 - i, at: epochMs(at - i * 60_000) }));
}

const missing = (field: string, value: string): DeskError =>
  new DeskError({ code: 'not-found', message: `There is no such ${field}.`, field, value, remedy: 'Reload the list.' });
const refused = (message: string, remedy: string, field: string | null = null): DeskError =>
  new DeskError({ code: 'refused', message, remedy, field });

function snapshotOf({ state, stream }: Inner): DeskSnapshot {
  const { prices, ...shown } = state;
  const at = now();
  const quotes = [...prices].map(([symbol, last]) => quoteAt(symbol, last, at));
  return { ...shown, seq: stream.seq(), now: at, quotes };
}

function reads(desk: Inner) {
  const { state } = desk;
  return {
    'desk.snapshot': () => snapshotOf(desk),
    'execution.state': () => state.execution,
    'positions.current': () => kellyPositions(state),
    'models.report': () => modelsAt(now()),
    'models.calibrationPreview': () => previewAt(now()),
    'models.acceptCalibration': ({ version }) => ({
      ...modelsAt(now()).calibration,
      version,
      fittedOn: 214,
      isDue: false,
    }),
    'models.declineCalibration': () => ({ ...modelsAt(now()).calibration, isDue: false }),
    ...performanceOperations(now),
    'risk.metrics': () => ({ risk: state.risk, connections: state.connections }),
    'recommendation.get': ({ id }) => findRecommendation(state, id),
    'recommendation.preview': ({ id, plan }) => {
      const found = findRecommendation(state, id);
      const entry = plan?.entry ?? found.entry;
      const stop = plan?.stop ?? found.stop;
      const distance = entry === null || stop === null ? undefined : Math.abs(entry - stop);
      return { decision: resize(found, distance), entry, stop, target: plan?.target ?? found.target };
    },
    'sizing.decide': () => recommend('NQ', now(), SAYS).decision,
  } satisfies Partial<Handlers>;
}

const SAYS = {
  lstm: { direction: 1, confidence: 0.65 },
  ensemble: { direction: 1, confidence: 0.7 },
} as const;

function commands(desk: Inner) {
  const { state } = desk;
  return {
    'recommendation.approve': (input) => approve(desk, input),
    'recommendation.reject': ({ id, reason }) => {
      const found = findRecommendation(state, id);
      if (found.state !== 'proposed') throw refused(`It is ${found.state}.`, 'Nothing is left to reject.');
      tell(desk, 'rejected', found.symbol, `${found.root} rejected, “${reason.code}”`);
      return changeRecommendation(desk, { ...found, state: 'rejected', reason, actor: 'trader', closedAt: now() });
    },
    'order.cancel': ({ clientOrderId }) => {
      const found = state.orders.find((order) => order.clientOrderId === clientOrderId);
      if (found === undefined) throw missing('clientOrderId', clientOrderId);
      if (isTerminal(found)) throw refused(`The order is ${found.life}.`, 'Nothing is left to cancel.');
      tell(desk, 'canceled', found.symbol, `${found.symbol} ${found.role} canceled`);
      return changeOrder(desk, { ...found, life: 'canceled', certainty: { kind: 'known' }, updatedAt: now() });
    },
    'order.query': ({ clientOrderId }) => orderOf(state, clientOrderId),
    'order.settle': ({ clientOrderId, as, reason }) => {
      const found = orderOf(state, clientOrderId);
      if (found.certainty.kind !== 'in-doubt') throw refused('It is not in doubt.', 'Nothing is left to settle.');
      const life = as === 'canceled' ? 'canceled' : 'rejected';
      return changeOrder(desk, { ...found, life, certainty: { kind: 'known' }, reason, updatedAt: now() });
    },
    'order.replace': ({ clientOrderId, price, quantity }) => {
      const found = orderOf(state, clientOrderId);
      const next = { price: price ?? found.price, quantity: quantity ?? found.quantity };
      return changeOrder(desk, { ...found, ...next, updatedAt: now() });
    },
    'order.cancelExternal': ({ venueOrderId }) => {
      throw missing('venueOrderId', venueOrderId);
    },
    'position.protect': ({ symbol }) => {
      if (!state.positions.some((position) => position.symbol === symbol)) throw missing('symbol', symbol);
      throw refused('The position has a stop for all of it.', 'Move the stop instead.');
    },
    'trading.flattenAll': () => {
      if (state.risk.tradingState !== 'halted') throw refused('Trading is not halted.', 'Halt it first.');
      return state.execution;
    },
    'breaker.rearm': ({ code }) => {
      throw refused('This breaker has not tripped.', 'Nothing is left to arm.', code);
    },
    'reconciliation.run': () => state.execution,
    'reconciliation.resolve': ({ differenceId }) => {
      throw missing('differenceId', differenceId);
    },
    'position.flatten': ({ symbol }) => {
      const found = state.positions.find((position) => position.symbol === symbol);
      if (found === undefined) throw missing('symbol', symbol);
      const order = marketOrder({ symbol, quantity: -found.quantity, role: 'flatten', recommendationId: null });
      state.positions = state.positions.filter((position) => position !== found);
      desk.stream.publish('positions.changed', state.positions);
      tell(desk, 'closed', symbol, `${symbol} closed`);
      return { orders: [changeOrder(desk, { ...order, life: 'filled', filled: order.quantity, averagePrice: null })] };
    },
    ...backupOperations(),
    ...instrumentOperations(),
    'recovery.state': () => ({ folder: '/tmp', journal: null, settings: null }),
    'recovery.restoreJournal': () => {
      throw refused('The journal is open and in use.', 'Nothing has to be restored.');
    },
    'recovery.restoreSettings': () => {
      throw refused('The settings file can be read.', 'Nothing has to be restored.');
    },
    'trading.halt': ({ reason }) => setTrading(desk, 'halted', reason),
    'trading.resume': ({ reason }) => setTrading(desk, 'active', reason),
    'trading.arm': ({ account }) => {
      if (account !== ACCOUNT) throw refused('This is not the account of this desk.', `Type ${ACCOUNT}.`, 'account');
      return state.identity;
    },
  } satisfies Partial<Handlers>;
}

type Approval = {
  readonly id: string;
  readonly contracts: number;
  readonly reason?: Recommendation['reason'] | undefined;
};

function approve(desk: Inner, { id, contracts, reason }: Approval): OutputOf<'recommendation.approve'> {
  const found = findRecommendation(desk.state, id);
  if (found.state === 'approved' || found.state === 'overridden') return { recommendation: found, clientOrderId: null };
  if (desk.state.risk.tradingState !== 'active') throw refused('Trading is halted.', 'Resume trading first.');
  if (found.state !== 'proposed') throw refused(`It is ${found.state}.`, 'Wait for the next one.');
  const allowed = found.decision.contracts;
  if (contracts > allowed)
    throw refused(`At most ${allowed} are allowed.`, `Approve ${allowed} or fewer.`, 'contracts');
  if (contracts !== allowed && reason === undefined) {
    throw refused('Another number needs a reason.', 'Choose a reason.', 'reason');
  }
  const direction = found.decision.direction === -1 ? -1 : 1;
  const order = marketOrder({
    symbol: found.symbol,
    quantity: direction * contracts,
    role: 'entry',
    recommendationId: id,
    price: found.entry,
  });
  changeOrder(desk, { ...order, life: 'working', venueOrderId: `P-${order.clientOrderId.slice(-6)}` });
  const word = contracts === allowed ? 'approved' : 'overridden';
  tell(desk, word, found.symbol, `${found.root} ${contracts} of ${allowed}`);
  const recommendation = changeRecommendation(desk, {
    ...found,
    state: word,
    approvedContracts: contracts,
    reason: reason ?? null,
    actor: 'trader',
    closedAt: now(),
  });
  return { recommendation, clientOrderId: order.clientOrderId };
}

function orderOf(state: State, clientOrderId: string): Order {
  const found = state.orders.find((order) => order.clientOrderId === clientOrderId);
  if (found === undefined) throw missing('clientOrderId', clientOrderId);
  return found;
}

function findRecommendation(state: State, id: string): Recommendation {
  const found = state.recommendations.find((recommendation) => recommendation.id === id);
  if (found === undefined) throw missing('id', id);
  return found;
}

function changeRecommendation(desk: Inner, next: Recommendation): Recommendation {
  const others = desk.state.recommendations.filter((r) => r.id !== next.id);
  desk.state.recommendations = [next, ...others].slice(0, 60);
  desk.stream.publish('recommendation.changed', next);
  return next;
}

function changeOrder(desk: Inner, next: Order): Order {
  desk.state.orders = [next, ...desk.state.orders.filter((o) => o.clientOrderId !== next.clientOrderId)].slice(0, 40);
  desk.stream.publish('order.changed', next);
  return next;
}

function tell(desk: Inner, kind: Activity['kind'], symbol: string | null, text: string): void {
  const { state } = desk;
  state.journal = { ...state.journal, events: state.journal.events + 1 };
  const line: Activity = { seq: state.journal.events, at: now(), kind, symbol, text, pnl: null };
  state.activity = [line, ...state.activity].slice(0, 100);
  desk.stream.publish('activity.added', line);
  desk.stream.publish('journal.changed', state.journal);
}

function setTrading(desk: Inner, tradingState: 'active' | 'halted', reason: string) {
  desk.state.risk = {
    ...desk.state.risk,
    tradingState,
    tradingStateReason: tradingState === 'active' ? null : reason,
    tradingStateSince: now(),
  };
  tell(desk, tradingState === 'active' ? 'resumed' : 'halted', null, reason);
  desk.stream.publish('desk.pulse', { now: now(), risk: desk.state.risk });
  return desk.state.risk;
}

function marketOrder(spec: {
  readonly symbol: string;
  readonly quantity: number;
  readonly role: 'entry' | 'flatten';
  readonly recommendationId: string | null;
  readonly price?: Ticks | null;
}): Order {
  const terms = {
    clientOrderId: `D1-${ulid()}`,
    recommendationId: spec.recommendationId,
    parentId: null,
    account: ACCOUNT,
    symbol: spec.symbol,
    role: spec.role,
    direction: spec.quantity > 0 ? (1 as const) : (-1 as const),
    type: spec.role === 'entry' ? ('limit' as const) : ('market' as const),
    quantity: Math.abs(spec.quantity),
    price: spec.price ?? null,
    timeInForce: 'day' as const,
  };
  return openOrder(terms, now());
}

function kellyPositions(state: State): KellyPosition[] {
  return state.instruments.map(({ symbol }) => {
    const position = state.positions.find((p) => p.symbol === symbol) ?? null;
    const newest = state.recommendations.find((r) => r.symbol === symbol) ?? null;
    const decision = newest?.decision ?? null;
    return {
      symbol,
      kelly_fraction: decision?.kellyFraction ?? null,
      position_size: position?.quantity ?? (decision?.contracts ?? 0) * (decision?.direction ?? 0),
      confidence: decision?.confidence ?? null,
      win_probability: decision?.winProbability ?? null,
      win_loss_ratio: decision?.winLossRatio ?? null,
      risk_adjusted: decision?.isRiskAdjusted ?? false,
      max_capital_risk: decision?.riskFraction ?? 0,
      reasoning: decision?.zero?.code ?? 'bound by its limits',
      status: position !== null ? 'open' : newest?.state === 'proposed' ? 'proposed' : 'blocked',
      full_kelly: decision?.fullKelly ?? null,
      recommendation_id: newest?.id ?? null,
      decision,
      position,
    };
  });
}

const nextRandom = random(7);

function step(desk: Inner): void {
  const { state, stream } = desk;
  const at = now();
  for (const [symbol, last] of state.prices) {
    const moved = ticks(last + Math.round((nextRandom() - 0.5) * 4));
    state.prices.set(symbol, moved);
    stream.publish('quote.changed', quoteAt(symbol, moved, at));
  }
  state.positions = state.positions.map((p) => markPosition(p, state.prices.get(p.symbol) ?? ticks(0), at));
  stream.publish('positions.changed', state.positions);
  const { tradingState, tradingStateReason, tradingStateSince } = state.risk;
  state.risk = { ...riskAt(at, state.positions), tradingState, tradingStateReason, tradingStateSince };
  stream.publish('desk.pulse', { now: at, risk: state.risk });
  state.connections = [...connectionsAt(at)];
  for (const connection of state.connections) stream.publish('connection.changed', connection);
  expireAndPropose(desk, at);
}

/** Lets proposals run out, and a few seconds later proposes anew for NQ and CL, so that there is always work to do. */
function expireAndPropose(desk: Inner, at: EpochMs): void {
  for (const r of desk.state.recommendations) {
    if (r.state === 'proposed' && r.expiresAt <= at) {
      changeRecommendation(desk, { ...r, state: 'expired', actor: 'desk', closedAt: at });
      tell(desk, 'expired', r.symbol, `${r.root} expired`);
    }
  }
  for (const root of ['NQ', 'CL'] as const) {
    const newest = desk.state.recommendations.find((r) => r.root === root);
    if (newest?.closedAt === undefined || newest.closedAt === null || newest.closedAt > at - 5000) continue;
    const direction = root === 'NQ' ? 1 : -1;
    const says = (confidence: number) => ({ direction, confidence }) as const;
    const proposal = recommend(root, at, { lstm: says(0.64), ensemble: says(0.69) });
    changeRecommendation(desk, proposal);
    tell(desk, 'recommended', proposal.symbol, `${root} ${proposal.decision.contracts}`);
    desk.stream.publish('bar.closed', lastBar(desk, proposal.symbol, at));
    desk.stream.publish('equity.added', {
      point: { at, actual: desk.state.risk.equity, model: EQUITY, fixed: EQUITY },
      openPnl: desk.state.risk.openPnl,
    });
  }
}

function lastBar(desk: Inner, symbol: string, at: EpochMs) {
  const [bar] = barsUntil(symbol, desk.state.prices.get(symbol) ?? ticks(0), at, 1);
  if (bar === undefined) throw new Error('one bar was asked for');
  return bar;
}
