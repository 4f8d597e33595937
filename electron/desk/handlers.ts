import type { Handlers } from '#shared/contract/index.ts';
import type { DeskSnapshot, KellyPosition } from '#shared/contract/views.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Position } from '#shared/domain/order.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import type { Connection, Notice, Startup } from '#shared/domain/status.ts';
import { reasoning } from '#shared/wording/index.ts';
import type { Assembly } from './assembly.ts';
import { decide } from './engine/decide.ts';
import type { EventStream } from './door/event-stream.ts';
import { createExecutionHandlers } from './execution-handlers.ts';
import { createModelVersionHandlers } from './model-version-handlers.ts';
import type { BacktestOperation } from './proof/backtest-handlers.ts';
import type { ConnectionOperation } from './connections/connection-handlers.ts';
import type { BackupOperation } from './records/backup-handlers.ts';
import type { JournalOperation } from './records/journal-handlers.ts';
import { createPerformanceHandlers } from './records/performance-handlers.ts';
import type { RecoveryOperation } from './records/recovery.ts';
import type { Clock } from './ports/clock.ts';
import { knownInstrument } from './profiles/instruments.ts';
import type { Journal } from './ports/journal.ts';
import { recommendationOf } from './decisions/recommendations.ts';
import type { InstrumentOperation } from './settings/instrument-handlers.ts';
import type { SettingsOperation } from './settings/settings-handlers.ts';
import type { ModelsOperation } from './watch/models-handlers.ts';
import type { ReportThread } from './watch/report-thread.ts';

const RECENT_ORDERS = 20;

export type HandlerParts = {
  readonly assembly: Assembly;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly stream: EventStream;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly config: () => SizingConfig;
  readonly identity: () => DeskSnapshot['identity'];
  readonly startup: () => Startup;
  readonly connections: () => readonly Connection[];
  readonly notices: () => readonly Notice[];
  readonly arm: (account: string) => DeskSnapshot['identity'];
  /** Throws 'not-ready' while history is made: it has a stand-in for the trader, whose own decisions begin after it. */
  readonly mustBeReady: () => void;
  readonly journalHandlers: Pick<Handlers, JournalOperation | RecoveryOperation | BackupOperation>;
  readonly backtestHandlers: Pick<Handlers, BacktestOperation>;
  readonly modelsHandlers: Pick<Handlers, ModelsOperation>;
  readonly reports: ReportThread;
  readonly connectionHandlers: Pick<Handlers, ConnectionOperation>;
  readonly settingsHandlers: Pick<Handlers, SettingsOperation | InstrumentOperation>;
};

function kellyPosition(
  recommendation: Recommendation | null,
  position: Position | null,
  instrument: Instrument,
  working: boolean,
): KellyPosition {
  const decision = recommendation?.decision ?? null;
  const status =
    position !== null ? 'open' : working ? 'working' : recommendation?.state === 'proposed' ? 'proposed' : 'blocked';
  // What was rejected, expired or vetoed holds nothing; what is working is what the trader let through.
  const contracts = status === 'blocked' ? 0 : (recommendation?.approvedContracts ?? decision?.contracts ?? 0);
  // Short of nothing is nothing, not a negative zero.
  const proposed = contracts === 0 ? 0 : contracts * (decision?.direction ?? 0);
  return {
    symbol: instrument.symbol,
    kelly_fraction: decision?.kellyFraction ?? null,
    position_size: position?.quantity ?? proposed,
    confidence: decision?.confidence ?? null,
    win_probability: decision?.winProbability ?? null,
    win_loss_ratio: decision?.winLossRatio ?? null,
    risk_adjusted: decision?.isRiskAdjusted ?? false,
    max_capital_risk: decision?.riskFraction ?? 0,
    reasoning: decision === null ? 'No recommendation is recorded for this position.' : reasoning(decision, instrument),
    status,
    full_kelly: decision?.fullKelly ?? null,
    recommendation_id: recommendation?.id ?? null,
    decision,
    position,
  };
}

/** Returns one function per operation of the contract. */
export function createHandlers(parts: HandlerParts): Handlers {
  const { assembly, journal, clock, stream, instruments } = parts;
  const { book, pipeline, recommendations, execution, recorder, ledger } = assembly;

  const instrumentOf = (symbol: string): Instrument => knownInstrument(instruments, symbol);
  const recommendationOr = (id: string | null): Recommendation | null => {
    if (id === null) return null;
    const found = journal.decision(id);
    return found === null ? null : recommendationOf(found.decision, found.status);
  };
  const journalStatus = (): DeskSnapshot['journal'] => ({
    events: journal.lastSeq(),
    trades: journal.tradeCount({}),
    headHash: journal.headHash(),
  });
  const { mustBeReady } = parts;

  return {
    'desk.snapshot': () => ({
      seq: stream.seq(),
      now: clock.now(),
      identity: parts.identity(),
      startup: parts.startup(),
      instruments: [...instruments.values()],
      config: parts.config(),
      recommendations: [...recommendations.current()],
      positions: [...book.positions()],
      orders: [
        ...book.orders(),
        ...journal
          .orders({ limit: RECENT_ORDERS })
          .filter((o) => !book.orders().some((b) => b.clientOrderId === o.clientOrderId)),
      ],
      quotes: [...book.quotes()],
      risk: pipeline.risk(),
      connections: [...parts.connections()],
      activity: [...recorder.activity()],
      notices: [...parts.notices()],
      execution: execution.view(),
      journal: journalStatus(),
    }),
    'positions.current': () => {
      const positions = book.positions();
      const latest = new Map(recommendations.current().map((r) => [r.symbol, r]));
      return [...instruments.values()].flatMap((instrument) => {
        const position = positions.find((p) => p.symbol === instrument.symbol) ?? null;
        const standing = latest.get(instrument.symbol) ?? null;
        const entry = book.workingOrders(instrument.symbol).find((order) => order.role === 'entry') ?? null;
        // What is held or on its way is explained by what it was sent for, not by what was decided since.
        const cause = position ?? entry;
        const recommendation = cause === null ? standing : recommendationOr(cause.recommendationId);
        if (cause === null && recommendation === null) return [];
        return [kellyPosition(recommendation, position, instrument, entry !== null)];
      });
    },
    ...createPerformanceHandlers({
      ...{ reports: parts.reports, journal, initialEquity: ledger.initialEquity, config: parts.config },
      calendar: [...instruments.values()][0]?.calendar ?? 'always',
      resolved: () => pipeline.risk().watch.resolved,
      dayOpening: () => ledger.dayOpening(),
      marked: () => [book.revision(), ...[...instruments.keys()].map((s) => pipeline.lastBar(s)?.closeAt)].join(' '),
    }),
    'risk.metrics': () => ({ risk: pipeline.risk(), connections: [...parts.connections()] }),
    'chart.bars': ({ symbol, limit, until }) => {
      const { symbol: known } = instrumentOf(symbol);
      pipeline.flushBars();
      const wanted = { symbol: known, limit, ...(until === undefined ? {} : { until }) };
      const intraday = journal.bars({ ...wanted, timeframe: '1m' });
      const bars = intraday.length > 0 ? intraday : journal.bars({ ...wanted, timeframe: '1d' });
      return { symbol: known, bars: [...bars] };
    },
    'recommendation.get': ({ id }) => recommendations.get(id),
    'recommendation.preview': ({ id, ...change }) => pipeline.preview(id, change),
    'sizing.decide': ({ snapshot }) => decide(snapshot),
    'recommendation.approve': ({ id, contracts, plan, reason }) => {
      mustBeReady();
      return pipeline.approve({ id, contracts, plan: plan ?? null, reason: reason ?? null }, 'trader');
    },
    'recommendation.reject': ({ id, reason }) => {
      mustBeReady();
      return pipeline.reject(id, reason, 'trader');
    },
    ...createExecutionHandlers({ execution, pipeline, instrumentOf }),
    ...createModelVersionHandlers(assembly.versions, mustBeReady),
    ...parts.journalHandlers,
    ...parts.backtestHandlers,
    ...parts.modelsHandlers,
    ...parts.connectionHandlers,
    ...parts.settingsHandlers,
    'trading.arm': ({ account }) => parts.arm(account),
  };
}
