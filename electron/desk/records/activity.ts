import type { Instrument } from '#shared/domain/instrument.ts';
import type { Activity } from '#shared/domain/status.ts';
import { priceText } from '#shared/format/numbers.ts';
import { zeroText } from '#shared/wording/index.ts';
import type { Order } from '#shared/domain/order.ts';
import type { JournalEvent, JournalEventOf, StoredEvent } from '#desk/ports/events.ts';

export type ActivitySources = {
  readonly instrument: (symbol: string) => Instrument;
  readonly symbolOf: (recommendationId: string) => string | null;
  readonly order: (clientOrderId: string) => Order | null;
};

type Line = Omit<Activity, 'seq' | 'at'>;

const side = (direction: number): string => (direction > 0 ? 'long' : 'short');

function decisionLine(event: JournalEventOf<'decision'>): Line {
  const { decision, snapshot } = event;
  const symbol = snapshot.instrument.symbol;
  const isProposal = decision.status === 'sized' || decision.status === 'evaluation';
  return {
    kind: isProposal ? 'recommended' : 'vetoed',
    symbol,
    text:
      isProposal || decision.zero === null
        ? `${side(decision.direction)} ${decision.contracts}`
        : zeroText(decision.zero),
    pnl: null,
  };
}

function recommendationLine(event: JournalEventOf<'recommendation'>, symbol: string | null): Line | null {
  const why =
    event.reason === null ? '' : ` ${event.reason.text === '' ? event.reason.code : `“${event.reason.text}”`}`;
  switch (event.state) {
    case 'approved':
      return { kind: 'approved', symbol, text: String(event.contracts ?? 0), pnl: null };
    case 'overridden':
      return { kind: 'overridden', symbol, text: `→ ${event.contracts ?? 0}${why}`, pnl: null };
    case 'rejected':
      return { kind: 'rejected', symbol, text: why.trim(), pnl: null };
    case 'expired':
      return { kind: 'expired', symbol, text: 'nothing was sent', pnl: null };
    case 'proposed':
    case 'superseded':
    case 'blocked':
      return null;
  }
}

function orderLine(event: JournalEventOf<'order'>, order: Order | null): Line | null {
  if (order === null) return null;
  const name = order.role;
  switch (event.event.kind) {
    case 'denied':
      return { kind: 'denied', symbol: order.symbol, text: `${name}: ${event.event.reason}`, pnl: null };
    case 'rejected':
      return { kind: 'order-rejected', symbol: order.symbol, text: `${name}: ${event.event.reason}`, pnl: null };
    case 'in-doubt':
      return { kind: 'in-doubt', symbol: order.symbol, text: `${name}: ${event.event.why}`, pnl: null };
    case 'canceled':
      return order.role === 'entry' ? { kind: 'canceled', symbol: order.symbol, text: name, pnl: null } : null;
    case 'cancel-refused':
    case 'replace-refused':
      return { kind: 'notice', symbol: order.symbol, text: `${name}: ${event.event.reason}`, pnl: null };
    case 'send-attempt':
    case 'acknowledged':
    case 'working':
    case 'cancel-requested':
    case 'expired':
    case 'resized':
    case 'replace-requested':
    case 'replaced':
    case 'restated':
      return null;
  }
}

function fillLine(event: JournalEventOf<'fill'>, sources: ActivitySources): Line {
  const { fill } = event;
  const price = priceText(sources.instrument(fill.symbol), fill.price);
  const signed = `${fill.direction > 0 ? '+' : '−'}${fill.quantity}`;
  return { kind: 'filled', symbol: fill.symbol, text: `${signed} at ${price}`, pnl: null };
}

const CHOSEN = { adopt: 'taken over', balance: 'balanced', ignore: 'set aside' } as const;

function killLine({ kill }: JournalEventOf<'kill'>): Line | null {
  switch (kill.step) {
    case 'cancelled':
    case 'flat':
      return { kind: 'halted', symbol: null, text: kill.detail, pnl: null };
    case 'cancel-incomplete':
    case 'flatten-incomplete':
      return {
        kind: 'halted',
        symbol: null,
        text: `not done: ${[...kill.unknown, ...kill.remaining].join('; ')}`,
        pnl: null,
      };
    case 'idle':
    case 'cancelling':
    case 'flattening':
      return null;
  }
}

function stateLine(event: JournalEventOf<'trading-state'>): Line {
  const kind = event.state === 'halted' ? 'halted' : event.state === 'reducing' ? 'reducing' : 'resumed';
  return { kind, symbol: null, text: event.reason, pnl: null };
}

function lineOf(event: JournalEvent, sources: ActivitySources): Line | null {
  switch (event.kind) {
    case 'decision':
      return decisionLine(event);
    case 'recommendation':
      return recommendationLine(event, sources.symbolOf(event.recommendationId));
    case 'order':
      return orderLine(event, sources.order(event.clientOrderId));
    case 'fill':
      return fillLine(event, sources);
    case 'trading-state':
      return stateLine(event);
    case 'started':
      return { kind: 'started', symbol: null, text: `Desk ${event.version}`, pnl: null };
    case 'notice':
      return { kind: 'notice', symbol: null, text: event.title, pnl: null };
    case 'breaker-tripped':
      return { kind: 'reducing', symbol: null, text: `breaker ${event.latch.code}`, pnl: null };
    case 'breaker-rearmed':
      return { kind: 'resumed', symbol: null, text: `breaker ${event.code}: ${event.reason}`, pnl: null };
    case 'difference-resolved':
      return {
        kind: 'notice',
        symbol: event.difference.symbol,
        text: `difference ${CHOSEN[event.choice]}: ${event.reason}`,
        pnl: null,
      };
    case 'calibration': {
      const { kind } = event.calibrator;
      const fit = `${kind === 'none' ? 'no calibration' : `${kind} calibration`} of ${event.fittedOn} outcomes`;
      return { kind: 'notice', symbol: null, text: `${fit} ${event.choice}`, pnl: null };
    }
    case 'kill':
      return killLine(event);
    case 'import':
      return {
        kind: 'notice',
        symbol: null,
        text: `imported ${event.added} executions of ${event.fileName}`,
        pnl: null,
      };
    case 'fill-correction':
    case 'risk-check':
    case 'reconciliation':
    case 'import-mapping':
    case 'annotation':
    case 'attachment':
    case 'opened':
    case 'stopped':
    case 'instrument':
    case 'config':
    case 'model-version':
    case 'intent':
    case 'outcome':
    case 'equity':
      return null;
  }
}

/** Returns a journaled event as a line of the activity feed; null when it is not one. */
export function activityOf(stored: StoredEvent, sources: ActivitySources): Omit<Activity, 'seq'> | null {
  const line = lineOf(stored.event, sources);
  return line === null ? null : { at: stored.at, ...line };
}
