import type { Publish } from '#shared/contract/index.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar, Timeframe } from '#shared/domain/market.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { Actor, Recommendation, TraderReason } from '#shared/domain/recommendation.ts';
import type { RiskMetrics } from '#shared/domain/status.ts';
import type { TradingState } from '#shared/domain/sizing.ts';
import { checkApproval, refuse, repricedPlan, type ApprovalRequest, type Recheck } from './decisions/approvals.ts';
import type { Book } from './account/book.ts';
import type { DailyCloses } from './account/daily-closes.ts';
import { decide } from './engine/decide.ts';
import type { Execution } from './execution.ts';
import type { Ledger } from './account/ledger.ts';
import type { BrokerEvent } from './ports/broker.ts';
import type { Clock } from './ports/clock.ts';
import { knownInstrument } from './profiles/instruments.ts';
import type { JournalEvent } from './ports/events.ts';
import type { ForecastSource } from './ports/forecast-source.ts';
import type { Journal } from './ports/journal.ts';
import type { MarketEvent } from './ports/market-data.ts';
import type { Recommendations } from './decisions/recommendations.ts';
import type { Recorder } from './records/recorder.ts';
import { riskMetricsOf } from './account/risk-view.ts';
import { shadowOf, type Shadows } from './decisions/shadows.ts';
import { askModels, sizeTogether, snapshotOf, type Signal, type SnapshotSources } from './decisions/signals.ts';
import type { WatchKeeper } from './account/watch-keeper.ts';

/** Bars a forecast is asked with, and without which none is asked. */
const BARS_KEPT = 460;
const BARS_NEEDED = 40;

/** After a halt entries are looked for again this much later: one may have been on its way to the broker. */
const HALT_CHECKS_MS = [500, 1_500, 3_500, 7_500, 15_000] as const;

export type Approved = { readonly recommendation: Recommendation; readonly clientOrderId: string | null };

/** The one sequencer: prices in, decisions, approvals and orders out, everything journaled on the way. */
export interface Pipeline {
  onMarket(event: MarketEvent): void;
  /** Books what the broker reports. A fill that does not add up stops new entries until somebody has looked. */
  onBroker(event: BrokerEvent): void;
  /** Asks the models of these symbols as of their last bars and sizes the answers together. */
  evaluate(symbols: readonly string[]): Promise<readonly Recommendation[]>;
  approve(
    request: { readonly id: string; readonly contracts: number; readonly reason: TraderReason | null },
    actor: Actor,
  ): Promise<Approved>;
  reject(id: string, reason: TraderReason, actor: Actor): Recommendation;
  halt(reason: string, actor: Actor): Promise<RiskMetrics>;
  /** Lets only risk-reducing orders out from now on. */
  reduce(reason: string, actor: Actor): void;
  resume(reason: string, actor: Actor): RiskMetrics;
  risk(): RiskMetrics;
  lastBar(symbol: string): Bar | null;
  /** Keeps bars in memory until `flushBars`; live bars are stored as they close. */
  setBarsStored(when: 'at-once' | 'on-flush' | 'never'): void;
  flushBars(): void;
  recheck: Recheck;
}

export type PipelineParts = {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly book: Book;
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly recommendations: Recommendations;
  readonly execution: Execution;
  readonly shadows: Shadows;
  readonly closes: DailyCloses;
  readonly watch: WatchKeeper;
  readonly models: Readonly<Record<ModelId, ForecastSource>>;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly snapshots: Omit<SnapshotSources, 'tradingState' | 'watch'>;
  readonly publish: Publish;
  /** Where entries fill: at a price now (limit at the quote), or at the next bar's open (market). */
  readonly entries: () => 'limit' | 'market';
  /** Bars the models are asked on. */
  readonly timeframe: Timeframe;
  /** Set while entries are blocked for a reason of the desk itself: a settings file with an error, live not armed. */
  readonly entryBlock: () => string | null;
};

/** Returns the sequencer of a desk. */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { clock, journal, book, ledger, recorder, recommendations, execution, shadows, closes, watch, instruments } =
    parts;
  const bars = new Map<string, Bar[]>();
  const versions = new Map<ModelId, string>();
  let unstored: Bar[] = [];
  let storing: 'at-once' | 'on-flush' | 'never' = 'at-once';

  for (const { event } of journal.events({ kinds: ['model-version'] }))
    versions.set(event.model, event.version.version);

  const instrumentOf = (symbol: string): Instrument => knownInstrument(instruments, symbol);

  const tradingState = (): TradingState => {
    const { state } = ledger.state();
    return state === 'active' && parts.entryBlock() !== null ? 'reducing' : state;
  };
  const accountWatch = (): ReturnType<WatchKeeper['watch']> => {
    const { equity } = book.account();
    const opening = ledger.dayOpening();
    const peak = Math.max(ledger.peak(), equity);
    return watch.watch({
      dayLoss: opening > 0 ? Math.max(0, (opening - equity) / opening) : 0,
      drawdown: peak > 0 ? Math.max(0, (peak - equity) / peak) : 0,
    });
  };
  const sources: SnapshotSources = { ...parts.snapshots, tradingState, watch: accountWatch };

  const stateNow = (): ReturnType<Ledger['state']> => {
    const block = parts.entryBlock();
    const state = ledger.state();
    return state.state === 'active' && block !== null ? { state: 'reducing', reason: block, since: null } : state;
  };
  const risk = (): RiskMetrics => {
    ledger.mark(book.account().equity);
    return riskMetricsOf({
      book,
      config: sources.config(),
      watch: accountWatch(),
      correlations: sources.correlations,
      state: stateNow(),
      dayOpening: ledger.dayOpening(),
      peak: ledger.peak(),
      now: clock.now(),
    });
  };

  const recordEquity = (): void => {
    const { realised, openPnl, equity } = book.account();
    recorder.record([{ kind: 'equity', realised, openPnl }]);
    ledger.noteRecorded(equity);
  };
  const openSessionIfNew = (): void => {
    const now = clock.now();
    if (!ledger.isNewDay(now)) return;
    recordEquity();
    ledger.openDay(now, book.account().equity);
    watch.refit();
  };

  const store = (bar: Bar): void => {
    const daily = closes.add(bar);
    if (storing === 'never') {
      if (daily !== null) journal.appendBars([daily]);
      return;
    }
    unstored.push(bar, ...(daily === null ? [] : [daily]));
    if (storing === 'at-once') flushBars();
  };
  const flushBars = (): void => {
    if (unstored.length > 0) journal.appendBars(unstored);
    unstored = [];
  };
  const resolve = (bar: Bar): void => {
    const outcomes = shadows.onBar(bar);
    if (outcomes.length === 0) return;
    recorder.record(outcomes);
    for (const outcome of outcomes) watch.add(outcome);
  };
  const barsOf = (symbol: string): Bar[] => {
    const known = bars.get(symbol);
    if (known !== undefined) return known;
    const loaded = [...journal.bars({ symbol, timeframe: parts.timeframe, limit: BARS_KEPT })];
    bars.set(symbol, loaded);
    return loaded;
  };
  const onBar = (bar: Bar): void => {
    const list = barsOf(bar.symbol);
    if ((list.at(-1)?.openAt ?? -Infinity) >= bar.openAt) return;
    list.push(bar);
    if (list.length > BARS_KEPT * 2) list.splice(0, list.length - BARS_KEPT);
    book.setQuote(closingQuote(bar));
    openSessionIfNew();
    if (book.hasInterest(bar.symbol)) {
      ledger.mark(book.account().equity);
      if (ledger.isPeakUnrecorded()) recordEquity();
    }
    resolve(bar);
    store(bar);
    parts.publish('bar.closed', bar);
  };
  const closingQuote = (bar: Bar): Parameters<Book['setQuote']>[0] => {
    const live = book.quote(bar.symbol);
    // A live quote is newer and knows the spread; a bar only says where it closed.
    if (live !== null && live.asOf >= bar.closeAt) return live;
    return {
      symbol: bar.symbol,
      bid: bar.close,
      ask: bar.close,
      last: bar.close,
      asOf: bar.closeAt,
      receivedAt: clock.now(),
    };
  };

  const noteVersions = (signals: readonly Signal[]): readonly JournalEvent[] =>
    signals.flatMap(({ opinions }) =>
      [opinions.lstm, opinions.ensemble].flatMap<JournalEvent>(({ model, modelVersion }) => {
        if (modelVersion === null || versions.get(model) === modelVersion.version) return [];
        versions.set(model, modelVersion.version);
        return [{ kind: 'model-version', model, version: modelVersion }];
      }),
    );
  const askOne = async (symbol: string): Promise<Signal | null> => {
    const instrument = instrumentOf(symbol);
    const history = barsOf(symbol).slice(-BARS_KEPT);
    const last = history.at(-1);
    if (last === undefined || history.length < BARS_NEEDED) return null;
    const request = { symbol, asOf: last.closeAt, bars: history, tickSize: instrument.tickSize };
    const opinions = await askModels(parts.models, request, new AbortController().signal);
    return { instrument, bars: history, opinions };
  };

  const recheck: Recheck = (recommendation, plan) => {
    const { opinions } = recommendations.snapshotOf(recommendation.id);
    const snapshot = snapshotOf(
      sources,
      {
        instrument: instrumentOf(recommendation.symbol),
        opinions: { lstm: opinions.lstm, ensemble: opinions.ensemble },
      },
      { now: clock.now(), plan, rivals: [], quote: book.quote(recommendation.symbol) },
    );
    return { snapshot, decision: decide(snapshot) };
  };

  const standing = (id: string): Recommendation => {
    const recommendation = recommendations.get(id);
    if (recommendation.state === 'proposed' && clock.now() >= recommendation.expiresAt) recommendations.expire(id);
    return recommendations.get(id);
  };
  const approve: Pipeline['approve'] = async (input, actor) => {
    const request: ApprovalRequest = { ...input, actor };
    const recommendation = standing(request.id);
    const isDone = recommendation.state === 'approved' || recommendation.state === 'overridden';
    // A double click: the first one has been sent, the second changes nothing.
    if (isDone && recommendation.approvedContracts === request.contracts)
      return { recommendation, clientOrderId: null };
    const block = parts.entryBlock();
    if (block !== null) throw refuse(block);
    if (recommendation.state !== 'proposed')
      throw refuse(
        isDone
          ? `this recommendation is ${recommendation.state} with ${recommendation.approvedContracts ?? 0} contracts already; nothing more was sent`
          : `this recommendation is ${recommendation.state}; nothing was sent`,
        'wait for the next signal',
      );
    const isMarket = parts.entries() === 'market';
    const plan = isMarket
      ? recommendations.snapshotOf(request.id).plan
      : repricedPlan(recommendation, book.quote(recommendation.symbol));
    if (plan === null) throw refuse('this recommendation has no plan');
    const { decision: fresh } = recheck(recommendation, plan);
    checkApproval(recommendation, fresh, request);
    const { direction } = fresh;
    const { stop, target } = recommendation;
    if (direction === 0 || fresh.riskPerContract === null || stop === null || target === null)
      throw refuse('this recommendation has no plan');
    const { group, events } = execution.prepare({
      recommendationId: recommendation.id,
      instrument: instrumentOf(recommendation.symbol),
      direction,
      contracts: request.contracts,
      limit: isMarket ? null : plan.entry,
      stop,
      target,
      riskPerContract: fresh.riskPerContract,
    });
    // From the check to this line nothing waits, so no other approval can spend the same heat in between.
    const closed = recommendations.close(
      recommendation.id,
      {
        state: request.contracts === recommendation.decision.contracts ? 'approved' : 'overridden',
        actor,
        contracts: request.contracts,
        reason: request.reason,
        allowedContracts: fresh.contracts,
      },
      events,
    );
    await execution.send(group);
    return { recommendation: closed, clientOrderId: group.entry.clientOrderId };
  };

  const setState = (state: TradingState, reason: string, actor: Actor): void => {
    const [stored] = recorder.record([{ kind: 'trading-state', state, reason, actor }]);
    ledger.setState(state, reason, clock.now(), actor);
    if (state === 'active' && stored !== undefined) {
      ledger.noteResume(stored.seq);
      watch.acknowledge();
    }
    parts.publish('desk.pulse', { now: clock.now(), risk: risk() });
  };

  return {
    onMarket: (event) => {
      if (event.kind === 'bar') {
        onBar(event.bar);
        return;
      }
      book.setQuote(event.quote);
      parts.publish('quote.changed', event.quote);
    },
    onBroker: (event) => {
      const oddity = execution.onBroker(event);
      if (oddity === null) return;
      recorder.record([{ kind: 'notice', level: 'error', title: 'A fill does not add up', detail: oddity }]);
      if (ledger.state().state === 'active') setState('reducing', oddity, 'desk');
    },
    evaluate: async (symbols) => {
      const answers = await Promise.all(symbols.map(askOne));
      const signals = answers.filter((signal) => signal !== null);
      if (signals.length === 0) return [];
      const news = noteVersions(signals);
      if (news.length > 0) recorder.record(news);
      const sized = sizeTogether(sources, signals, { now: clock.now(), standing: recommendations.standing() });
      const proposed = recommendations.propose(sized);
      for (const recommendation of proposed) {
        const shadow = shadowOf(recommendation);
        if (shadow !== null) shadows.follow(shadow);
      }
      return proposed;
    },
    approve,
    reject: (id, reason, actor) => {
      const recommendation = standing(id);
      if (recommendation.state !== 'proposed') throw refuse(`this recommendation is ${recommendation.state}`);
      return recommendations.close(id, { state: 'rejected', actor, contracts: null, reason, allowedContracts: null });
    },
    halt: async (reason, actor) => {
      setState('halted', reason, actor);
      for (const delay of HALT_CHECKS_MS)
        clock.after(delay, () => {
          // What fails here has been journaled as in doubt; the next look tries again.
          if (ledger.state().state === 'halted') void execution.cancelEntries();
        });
      await execution.cancelEntries();
      return risk();
    },
    reduce: (reason, actor) => setState('reducing', reason, actor),
    resume: (reason, actor) => {
      setState('active', reason, actor);
      return risk();
    },
    risk,
    lastBar: (symbol) => barsOf(symbol).at(-1) ?? null,
    setBarsStored: (when) => {
      storing = when;
    },
    flushBars,
    recheck,
  };
}
