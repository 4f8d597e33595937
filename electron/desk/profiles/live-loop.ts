import type { Logger } from 'pino';
import type { Publish } from '#shared/contract/index.ts';
import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { Assembly } from '#desk/assembly.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import type { Notices } from '#desk/records/notices.ts';
import type { DeskClock } from './clocks.ts';

const PULSE_MS = 1_000;
/** Time for the last of a minute's bars to arrive before the models are asked. */
const SETTLE_MS = 100;
/** A pulse this late: the computer slept, or its clock was set. */
const SLEPT_MS = 10_000;

export type LiveLoopParts = {
  readonly assembly: Assembly;
  readonly clock: DeskClock;
  readonly notices: Pick<Notices, 'raise' | 'clear'>;
  readonly logger: Logger;
  readonly publish: Publish;
  readonly calendar: SessionCalendar;
  readonly isLive: () => boolean;
  /** Which symbols the models are asked about when the bars of `closed` have closed. */
  readonly asked: (closed: readonly string[]) => readonly string[];
  /** Asks about a symbol at its first price as well, where the bars before it are the market's own. */
  readonly asksAtFirstQuote?: boolean;
  /** Shown the market before the desk is: the paper broker. */
  readonly showMarket: (event: MarketEvent) => void;
  readonly onNewDay: () => void;
  /** Whatever else is looked after once a second. */
  readonly onPulse: () => void;
  /** The networks this machine is on, as a text that changes with them. */
  readonly network?: () => string;
  /** After a sleep, or on another network, nothing known about the market or the orders is known any more. */
  readonly onWake?: (why: 'slept' | 'network-changed') => void;
};

/** What every live desk does with bars, quotes and time. */
export interface LiveLoop {
  /** A price that could not be processed must not stop the ones after it; while history is made it stops the start. */
  take(event: MarketEvent): void;
  /** Asks the models of these symbols now, and sizes the answers. Never rejects: what fails is told. */
  evaluate(symbols: readonly string[]): void;
  /** Begins the pulse: the session's day, the breakers, the figures of the screens. */
  begin(): void;
}

/** Returns the loop of one live desk. */
export function createLiveLoop(parts: LiveLoopParts): LiveLoop {
  const { assembly, clock, notices, logger, publish, calendar } = parts;
  const { pipeline, execution, recorder } = assembly;
  let closedAt = 0;
  let closed: string[] = [];
  const quoted = new Set<string>();

  const evaluate = (symbols: readonly string[]): void => {
    pipeline.evaluate(symbols).then(
      () => notices.clear('evaluate'),
      (error: unknown) => {
        logger.error({ event: 'evaluate-failed', err: error });
        notices.raise({
          id: 'evaluate',
          level: 'error',
          title: 'The signals of this minute were not sized',
          detail: error instanceof Error ? error.message : 'unknown error',
          remedy: 'The desk tries again with the next bar.',
        });
      },
    );
  };
  const show = (event: MarketEvent): void => {
    try {
      parts.showMarket(event);
      pipeline.onMarket(event);
    } catch (error) {
      if (!parts.isLive()) throw error;
      logger.error({ event: 'market-failed', err: error });
      notices.raise({
        id: 'market',
        level: 'error',
        title: 'The desk could not record what happened; new entries are blocked',
        detail: error instanceof Error ? error.message : 'unknown error',
        remedy: 'Check the disk, then start the desk again. What was acknowledged is kept.',
      });
    }
  };
  const settle = (): void => {
    const symbols = parts.asked(closed);
    closed = [];
    if (symbols.length > 0) evaluate(symbols);
  };

  return {
    evaluate,
    take: (event) => {
      show(event);
      if (!parts.isLive()) return;
      if (event.kind === 'quote') {
        if (parts.asksAtFirstQuote !== true || quoted.has(event.quote.symbol)) return;
        // The first price of a run: what its last bar says can be sized now, and need not wait for the next one.
        quoted.add(event.quote.symbol);
        if (closed.push(event.quote.symbol) === 1) clock.after(SETTLE_MS, settle);
        return;
      }
      closed.push(event.bar.symbol);
      if (event.bar.closeAt === closedAt) return;
      closedAt = event.bar.closeAt;
      clock.after(SETTLE_MS, settle);
    },
    begin: () => {
      let day = sessionDay(clock.now(), calendar);
      let last = clock.now();
      let network = parts.network?.();
      clock.every(PULSE_MS, () => {
        const now = clock.now();
        const today = sessionDay(now, calendar);
        // Day orders end with their day: an entry must not fill long after the signal it was for.
        if (today !== day) parts.onNewDay();
        day = today;
        const on = parts.network?.();
        if (Math.abs(now - last) > SLEPT_MS) parts.onWake?.('slept');
        else if (on !== network) parts.onWake?.('network-changed');
        [last, network] = [now, on];
        execution.guard.check();
        publish('desk.pulse', { now, risk: pipeline.risk() });
        recorder.publishPositions();
        parts.onPulse();
      });
    },
  };
}
