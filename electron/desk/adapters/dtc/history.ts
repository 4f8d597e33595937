import type { Bar, Timeframe } from '#shared/domain/market.ts';
import { epochMs } from '#shared/units.ts';
import type { MarketDataParts } from '#desk/adapters/connection-parts.ts';
import type { HistoryRequest } from '#desk/ports/market-data.ts';
import { type Frame, readFrame } from './codec.ts';
import { type DtcMarketConfig, loginOf, speechOf } from './config.ts';
import type { MessageOf } from './fields.ts';
import { HISTORICAL_PRICE_DATA_REJECT_REASON_CODE as REJECT } from './messages/enums.ts';
import {
  HISTORICAL_PRICE_DATA_RECORD_RESPONSE,
  HISTORICAL_PRICE_DATA_REJECT,
  HISTORICAL_PRICE_DATA_REQUEST,
  HISTORICAL_PRICE_DATA_RESPONSE_HEADER,
  HISTORICAL_PRICE_DATA_RESPONSE_TRAILER,
} from './messages/history.ts';
import { createSession } from './session.ts';
import type { Listed } from './symbols.ts';
import { secondsOf, timeOf } from './times.ts';

const LENGTH_MS: Readonly<Record<Timeframe, number>> = { '1m': 60_000, '1d': 86_400_000 };
/** No record for this long: the server has stopped in the middle. */
const SILENCE_MS = 30_000;

type Answer = { readonly kind: 'bars'; readonly bars: readonly Bar[] } | { readonly kind: 'none' };
type PriceRecord = MessageOf<typeof HISTORICAL_PRICE_DATA_RECORD_RESPONSE>;

/** A record as a bar; null for one without a time or a price, as the last one may be. */
function barOf(record: PriceRecord, listed: Listed, timeframe: Timeframe): Bar | null {
  const openAt = timeOf(record.StartDateTime);
  const { OpenPrice: open, HighPrice: high, LowPrice: low, LastPrice: close } = record;
  if (openAt === null || open === undefined || high === undefined || low === undefined || close === undefined)
    return null;
  // A record of a single trade has its price last and bid and ask in the others.
  if (open === 0 || close === 0) return null;
  const { toTicks } = listed.scale();
  return {
    ...{ symbol: listed.symbol, timeframe, openAt, closeAt: epochMs(openAt + LENGTH_MS[timeframe]) },
    ...{ open: toTicks(open), high: toTicks(high), low: toTicks(low), close: toTicks(close) },
    volume: record.Volume ?? 0,
  };
}

/** Reads one request's answer; `done` is told once. */
function createReading(listed: Listed, timeframe: Timeframe, done: (answer: Answer | Error) => void) {
  const bars = new Map<number, Bar>();
  const finish = (): void => done({ kind: 'bars', bars: [...bars.values()].sort((a, b) => a.openAt - b.openAt) });
  return (frame: Frame): void => {
    switch (frame.type) {
      case HISTORICAL_PRICE_DATA_RESPONSE_HEADER.type:
        if (readFrame(HISTORICAL_PRICE_DATA_RESPONSE_HEADER, frame).NoRecordsToReturn === 1) finish();
        return;
      case HISTORICAL_PRICE_DATA_RECORD_RESPONSE.type: {
        const record = readFrame(HISTORICAL_PRICE_DATA_RECORD_RESPONSE, frame);
        const bar = barOf(record, listed, timeframe);
        if (bar !== null) bars.set(bar.openAt, bar);
        if (record.IsFinalRecord === 1) finish();
        return;
      }
      case HISTORICAL_PRICE_DATA_RESPONSE_TRAILER.type:
        finish();
        return;
      case HISTORICAL_PRICE_DATA_REJECT.type: {
        const { RejectReasonCode: code, RejectText: text } = readFrame(HISTORICAL_PRICE_DATA_REJECT, frame);
        const isNone = code === REJECT.HPDR_UNABLE_TO_SERVE_DATA_DO_NOT_RETRY;
        const isOutside = code === REJECT.HPDR_DATA_REQUEST_OUTSIDE_BOUNDS_OF_AVAILABLE_DATA;
        done(isNone || isOutside ? { kind: 'none' } : new Error(`the server gives no past prices: ${text}`));
      }
    }
  };
}

/**
 * Asks a DTC server for completed bars, on a connection of their own as the protocol wants it. Null when it has none of
 * the symbol; rejects with a sentence when it cannot be asked.
 */
export async function askHistory(
  config: DtcMarketConfig & { readonly historyPort: number },
  parts: Pick<MarketDataParts, 'clock' | 'secrets'> & { readonly listed: Listed },
  { request, signal }: { readonly request: HistoryRequest; readonly signal: AbortSignal },
): Promise<readonly Bar[] | null> {
  const { clock, listed } = parts;
  const { timeframe, from, to } = request;
  const login = await loginOf(config, parts.secrets, { clientName: 'Kelly Desk history', tradeAccount: '' });
  const answer = await new Promise<Answer>((resolve, reject) => {
    let cancel: () => void = () => undefined;
    const done = (outcome: Answer | Error): void => {
      cancel();
      signal.removeEventListener('abort', giveUp);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
      session.close('the answer is here');
    };
    const giveUp = (): void => done(new Error('the question for past prices was given up'));
    const wait = (): void => {
      cancel();
      cancel = clock.after(SILENCE_MS, () => done(new Error('the server stopped in the middle of past prices')));
    };
    const take = createReading(listed, timeframe, done);
    const session = createSession(speechOf(config), {
      clock,
      onFrame: (frame) => {
        wait();
        take(frame);
      },
      onDown: (why) => done(new Error(why)),
      onHeard: () => undefined,
      onWarning: () => undefined,
    });
    signal.addEventListener('abort', giveUp, { once: true });
    const ask = async (): Promise<void> => {
      await session.logOn({ host: config.host, port: config.historyPort }, login, signal);
      session.release();
      wait();
      const values = { RequestID: 1, Symbol: listed.venueSymbol, RecordInterval: LENGTH_MS[timeframe] / 1_000 };
      const span = { StartDateTime: secondsOf(from), EndDateTime: secondsOf(to) };
      session.write(session.encode(HISTORICAL_PRICE_DATA_REQUEST, { ...values, ...span, UseZLibCompression: 0 }));
    };
    ask().catch((error: unknown) => done(error instanceof Error ? error : new Error('the server cannot be asked')));
  });
  if (answer.kind === 'none') return null;
  return answer.bars.filter((bar) => bar.openAt >= from && bar.closeAt <= to);
}
