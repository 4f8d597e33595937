import type { Publish } from '#shared/contract/index.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { Actor, Recommendation } from '#shared/domain/recommendation.ts';
import type { RiskMetrics } from '#shared/domain/status.ts';
import type { Book } from './account/book.ts';
import type { Ledger } from './account/ledger.ts';
import { riskMetricsOf } from './account/risk-view.ts';
import type { WatchKeeper } from './account/watch-keeper.ts';
import type { ModelVersionGuard } from './decisions/model-versions.ts';
import { refuse } from './decisions/approvals.ts';
import { createApproving, type Approving } from './decisions/approving.ts';
import type { Recommendations } from './decisions/recommendations.ts';
import { shadowOf, type Shadows } from './decisions/shadows.ts';
import { askModels, sizeTogether, type Signal, type SnapshotSources } from './decisions/signals.ts';
import type { Execution } from './execution/execution.ts';
import type { Trading } from './execution/trading.ts';
import type { Clock } from './ports/clock.ts';
import type { ForecastSource } from './ports/forecast-source.ts';
import type { MarketEvent } from './ports/market-data.ts';
import { knownInstrument } from './profiles/instruments.ts';
import { type BarKeeper, closingQuote } from './records/bar-keeper.ts';
import type { Recorder } from './records/recorder.ts';

/** The one sequencer: prices in, decisions, approvals and orders out, everything journaled on the way. */
export interface Pipeline extends Approving {
  onMarket(event: MarketEvent): void;
  /**
   * Takes bars of the past that were not seen as they closed, days before minutes, oldest first: planned trades are
   * followed over them, and they are stored. They are no price of now.
   */
  takeHistory(history: readonly Bar[]): void;
  /** Asks the models of these symbols as of their last bars and sizes the answers together. */
  evaluate(symbols: readonly string[]): Promise<readonly Recommendation[]>;
  /** Throws the kill switch: no entries any more, and those that work are cancelled. */
  halt(reason: string, actor: Actor): Promise<RiskMetrics>;
  /**
   * Arms trading again, by hand: broker and journal are compared first, and everything that must be settled before is
   * named. Throws 'refused'.
   */
  resume(reason: string, actor: Actor): Promise<RiskMetrics>;
  /** Starts the drift statistic again where history is made and nobody else can: trading must be active. */
  acknowledgeDrift(reason: string, actor: Actor): void;
  risk(): RiskMetrics;
  lastBar(symbol: string): Bar | null;
  /** Keeps bars in memory until `flushBars`; live bars are stored as they close. */
  setBarsStored(when: 'at-once' | 'on-flush' | 'never'): void;
  flushBars(): void;
}

export type PipelineParts = {
  readonly clock: Clock;
  readonly book: Book;
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly recommendations: Recommendations;
  readonly execution: Execution;
  readonly trading: Trading;
  readonly shadows: Shadows;
  readonly bars: BarKeeper;
  readonly watch: WatchKeeper;
  readonly models: Readonly<Record<ModelId, ForecastSource>>;
  readonly versions: Pick<ModelVersionGuard, 'check'>;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly sources: SnapshotSources;
  readonly publish: Publish;
  /** Where entries fill: at a price now (limit at the quote), or at the next bar's open (market). */
  readonly entries: () => 'limit' | 'market';
  /** Who refits the calibrator by itself: history in the making does. Null: the trader accepts a fit, or declines it. */
  readonly refitsBy: () => Actor | null;
};

/** Returns the sequencer of a desk. */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { clock, book, ledger, recorder, recommendations, execution, trading, shadows, bars, watch } = parts;
  const { sources, instruments, versions } = parts;
  const instrumentOf = (symbol: string): Instrument => knownInstrument(instruments, symbol);
  const approving = createApproving({
    ...{ clock, book, recorder, recommendations, execution, sources, instrumentOf },
    ...{ entries: parts.entries, entryBlock: () => trading.block() },
  });

  const risk = (): RiskMetrics => {
    ledger.mark(book.account().equity);
    return riskMetricsOf({
      book,
      config: sources.config(),
      watch: sources.watch(),
      correlations: sources.correlations,
      state: trading.state(),
      dayOpening: ledger.dayOpening(),
      peak: ledger.peak(),
      now: clock.now(),
    });
  };

  const recordEquity = (): void => {
    const { realised, openPnl, equity } = book.account();
    recorder.record([{ kind: 'equity', realised, openPnl }], 'soon');
    ledger.noteRecorded(equity);
  };
  /** Before a price of the new session counts: what happened over the break is a profit or loss of the day it opens. */
  const openSessionIfNew = (): void => {
    const now = clock.now();
    if (!ledger.isNewDay(now)) return;
    recordEquity();
    ledger.openDay(now, book.account().equity);
    const by = parts.refitsBy();
    const calibration = by === null ? watch.adopt() : watch.dueFit(by);
    if (calibration === null) return;
    recorder.record([calibration]);
    watch.take(calibration);
  };
  const resolve = (bar: Bar): void => {
    const outcomes = shadows.onBar(bar);
    if (outcomes.length === 0) return;
    // Worked out from decisions and bars: what a loss of power takes of the last ones is worked out again.
    recorder.record(outcomes, 'soon');
    for (const outcome of outcomes) watch.add(outcome);
  };
  const onBar = (bar: Bar): void => {
    if (!bars.take(bar)) return;
    openSessionIfNew();
    book.setQuote(closingQuote(bar, book.quote(bar.symbol), clock));
    if (book.hasInterest(bar.symbol)) {
      ledger.mark(book.account().equity);
      if (ledger.isPeakUnrecorded()) recordEquity();
    }
    resolve(bar);
    bars.store(bar);
    parts.publish('bar.closed', bar);
  };

  const askOne = async (symbol: string): Promise<Signal | null> => {
    const instrument = instrumentOf(symbol);
    const history = bars.history(symbol);
    const last = history?.at(-1);
    if (history === null || last === undefined) return null;
    const request = { symbol, asOf: last.closeAt, bars: history, tickSize: instrument.tickSize };
    const { lstm, ensemble } = await askModels(parts.models, request, new AbortController().signal);
    const opinions = { lstm: versions.check(lstm), ensemble: versions.check(ensemble) };
    return { instrument, bars: history, opinions };
  };

  return {
    ...approving,
    onMarket: (event) => {
      if (event.kind === 'bar') {
        onBar(event.bar);
        return;
      }
      openSessionIfNew();
      book.setQuote(event.quote);
      parts.publish('quote.changed', event.quote);
    },
    takeHistory: (history) => {
      for (const bar of history) {
        if (bar.timeframe === '1d') bars.storeDay(bar);
        else if (bars.take(bar)) {
          resolve(bar);
          bars.storeLater(bar);
        }
      }
      bars.flush();
    },
    evaluate: async (symbols) => {
      const answers = await Promise.all(symbols.map(askOne));
      const signals = answers.filter((signal) => signal !== null);
      if (signals.length === 0) return [];
      const sized = sizeTogether(sources, signals, { now: clock.now(), standing: recommendations.standing() });
      const proposed = recommendations.propose(sized);
      // In the order of the signals they were sized from.
      for (const [i, recommendation] of proposed.entries()) {
        const shadow = shadowOf(recommendation, sized[i]?.snapshot.plan ?? null);
        if (shadow !== null) shadows.follow(shadow);
      }
      return proposed;
    },
    halt: async (reason, actor) => {
      await execution.kill.halt(reason, actor);
      return risk();
    },
    resume: async (reason, actor) => {
      await execution.reconcile('asked');
      const block = execution.resumeBlock();
      if (block !== null) throw refuse(block, 'settle it, then resume');
      execution.kill.reset(actor);
      trading.set('active', reason, actor);
      return risk();
    },
    acknowledgeDrift: (reason, actor) => {
      if (trading.journaled() === 'active') trading.set('active', reason, actor);
    },
    risk,
    lastBar: (symbol) => bars.last(symbol),
    setBarsStored: (when) => bars.setStored(when),
    flushBars: () => bars.flush(),
  };
}
