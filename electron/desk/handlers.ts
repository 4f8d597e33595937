import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers } from '#shared/contract/index.ts';
import type { DeskSnapshot, KellyPosition } from '#shared/contract/views.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Position } from '#shared/domain/order.ts';
import type { PerformanceHistory } from '#shared/domain/performance.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import type { Connection, Notice, Startup } from '#shared/domain/status.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import { reasoning } from '#shared/wording/index.ts';
import type { Assembly } from './assembly.ts';
import { decide } from './engine/decide.ts';
import type { EventStream } from './door/event-stream.ts';
import { performanceHistory } from './records/performance-history.ts';
import type { Clock } from './ports/clock.ts';
import { knownInstrument } from './profiles/instruments.ts';
import type { Journal } from './ports/journal.ts';
import { recommendationOf } from './decisions/recommendations.ts';

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
  const proposed = contracts * (decision?.direction ?? 0);
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
  /** History in the making has a stand-in for the trader; the trader's own decisions begin when the desk is live. */
  const mustBeReady = (): void => {
    const { phase, text } = parts.startup();
    if (phase === 'ready') return;
    throw new DeskError({
      code: 'not-ready',
      message: `the desk is not ready: ${text}`,
      remedy: 'wait until it says Ready',
    });
  };
  let history: { readonly key: string; readonly value: PerformanceHistory } | null = null;
  const range = (at: number | undefined): EpochMs | null => (at === undefined ? null : epochMs(at));

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
    'performance.history': ({ from, to }) => {
      // The bootstrap behind the verdict takes a while: it is done again only when an outcome or a trade was added.
      const { resolved } = pipeline.risk().watch;
      const key = [from, to, journal.tradeCount({}), resolved, ledger.dayOpening()].join(' ');
      if (history?.key !== key) {
        const value = performanceHistory({
          journal,
          initialEquity: ledger.initialEquity,
          maxContracts: parts.config().maxContracts,
          scratchR: parts.config().sample.scratchR,
          maxHeat: parts.config().maxHeat,
          calendar: [...instruments.values()][0]?.calendar ?? 'always',
          from: range(from),
          to: range(to),
        });
        history = { key, value };
      }
      return history.value;
    },
    'risk.metrics': () => ({ risk: pipeline.risk(), connections: [...parts.connections()] }),
    'chart.bars': ({ symbol, limit }) => {
      const { symbol: known } = instrumentOf(symbol);
      pipeline.flushBars();
      const intraday = journal.bars({ symbol: known, timeframe: '1m', limit });
      const bars = intraday.length > 0 ? intraday : journal.bars({ symbol: known, timeframe: '1d', limit });
      return { symbol: known, bars: [...bars] };
    },
    'recommendation.get': ({ id }) => recommendations.get(id),
    'recommendation.preview': ({ id, stopDistance, targetDistance }) => {
      const recommendation = recommendations.get(id);
      const { plan } = recommendations.snapshotOf(id);
      if (plan === null) throw new DeskError({ code: 'refused', message: 'this recommendation has no plan' });
      const changed = {
        ...plan,
        stopDistance: stopDistance ?? plan.stopDistance,
        targetDistance: targetDistance ?? plan.targetDistance,
      };
      const { decision } = pipeline.recheck(recommendation, changed);
      const direction = decision.direction;
      return {
        decision,
        entry: plan.entry,
        stop: direction === 0 ? null : plan.entry - direction * changed.stopDistance,
        target: direction === 0 ? null : plan.entry + direction * changed.targetDistance,
      };
    },
    'sizing.decide': ({ snapshot }) => decide(snapshot),
    'journal.trades': ({ symbol, limit, offset }) => {
      const filter = symbol === undefined ? {} : { symbol };
      return { total: journal.tradeCount(filter), trades: [...journal.trades({ ...filter, limit, offset })] };
    },
    'journal.decisions': (page) => ({
      total: journal.decisionCount(),
      recommendations: journal.decisions(page).map(({ decision, status }) => recommendationOf(decision, status)),
    }),
    'recommendation.approve': ({ id, contracts, reason }) => {
      mustBeReady();
      return pipeline.approve({ id, contracts, reason: reason ?? null }, 'trader');
    },
    'recommendation.reject': ({ id, reason }) => {
      mustBeReady();
      return pipeline.reject(id, reason, 'trader');
    },
    'order.cancel': ({ clientOrderId }) => execution.cancel(clientOrderId),
    'position.flatten': async ({ symbol }) => ({ orders: [...(await execution.flatten(instrumentOf(symbol).symbol))] }),
    'trading.halt': ({ reason }) => pipeline.halt(reason, 'trader'),
    'trading.resume': ({ reason }) => pipeline.resume(reason, 'trader'),
    'trading.arm': ({ account }) => parts.arm(account),
  };
}
