import type { Quote } from '#shared/domain/market.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import { err, ok } from '#shared/result.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import type { ForecastError } from '#desk/adapters/models/error.ts';
import type { Answer, ModelClient, Question } from '#desk/adapters/models/model-client.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { FeedEvent, MarketData } from '#desk/ports/market-data.ts';

/** What a fault script knows of one connection: since when it was tried, and when it was really up. */
export type Truth = {
  tried(at: number): void;
  set(isUp: boolean, at: number): void;
  /** Share of the time since it was first tried; null before that. */
  share(now: number): number | null;
  /** Times it went down. */
  outages(): number;
};

export function createTruth(): Truth {
  let triedAt: number | null = null;
  let upSince: number | null = null;
  let upMs = 0;
  let outages = 0;
  return {
    tried: (at) => {
      triedAt ??= at;
    },
    set: (isUp, at) => {
      triedAt ??= at;
      if (isUp) upSince ??= at;
      else if (upSince !== null) {
        upMs += at - upSince;
        upSince = null;
        outages += 1;
      }
    },
    share: (now) =>
      triedAt === null || now <= triedAt ? null : (upMs + (upSince === null ? 0 : now - upSince)) / (now - triedAt),
    outages: () => outages,
  };
}

/** A source of prices whose line breaks when told. */
export type ScriptedMarket = {
  readonly source: MarketData;
  readonly truth: Truth;
  quote(quote: Quote): void;
  /** Breaks the line, and refuses the next ones for a while. */
  fail(outageMs: number): void;
};

export function scriptedMarket(id: string, clock: Clock): ScriptedMarket {
  const log = createConnectionLog({ id, kind: 'market', name: id }, () => clock.monotonic());
  const truth = createTruth();
  const listeners = new Set<(event: FeedEvent) => void>();
  let refusedUntil = 0;
  const isLive = (): boolean => log.current().state === 'live';
  return {
    truth,
    source: {
      onEvent: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      start: () => {
        log.set('connecting', null);
        truth.tried(clock.now());
        if (clock.now() < refusedUntil) {
          log.set('disconnected', 'refused');
          return Promise.reject(new Error('refused'));
        }
        truth.set(true, clock.now());
        log.set('live', null);
        return Promise.resolve();
      },
      connection: log.current,
      onConnection: log.onChange,
      close: () => {
        log.set('disconnected', 'closed');
        return Promise.resolve();
      },
    },
    quote: (quote) => {
      if (!isLive()) return;
      log.heard(quote.receivedAt, null);
      for (const listener of listeners) listener({ kind: 'quote', quote });
    },
    fail: (outageMs) => {
      if (!isLive()) return;
      refusedUntil = clock.now() + outageMs;
      truth.set(false, clock.now());
      log.set('disconnected', 'the line broke');
    },
  };
}

/** What goes wrong with one answer of a model service. */
const TROUBLES: readonly ForecastError[] = [
  { code: 'unreachable', origin: 'http://models', reason: 'ECONNREFUSED' },
  { code: 'timeout', afterMs: 2_000, origin: 'http://models' },
  { code: 'http-status', status: 503, message: 'overloaded', remedy: null },
  { code: 'too-large', limitBytes: 1_000_000 },
  { code: 'not-json', what: 'it holds a bare NaN', remedy: 'Send numbers.' },
  { code: 'bad-field', field: 'probabilities.long', value: '7', expected: 'a probability in [0, 1]' },
];

/** A model service that is down when told, slow now and then, and wrong now and then. */
export type ScriptedModel = {
  readonly client: ModelClient;
  readonly truth: Truth;
  fail(outageMs: number): void;
  /** Answers that could be read, and those that could not. */
  counts(): { readonly ok: number; readonly failed: number };
};

export function scriptedModel(model: ModelId, clock: Clock, random: () => number): ScriptedModel {
  const truth = createTruth();
  let downUntil = 0;
  let [good, failed] = [0, 0];
  const waitFor = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  const troubleNow = (): ForecastError | null => {
    if (clock.now() < downUntil) return TROUBLES[Math.floor(random() * 2)] ?? null;
    return random() < 0.01 ? (TROUBLES[Math.floor(random() * TROUBLES.length)] ?? null) : null;
  };
  const answerTo = ({ asOf }: Question): Answer => {
    const said = { direction: random() < 0.5 ? 1 : -1, confidence: 0.5 + random() / 3 } as const;
    const version = { name: model, version: '1', featureSchema: 'fs-1', sha256: null };
    return { opinion: { ...said, chance: 1 / 3, raw: said, edge: null }, asOf, version };
  };
  const card = ok({ summary: 'scripted', version: '1' });
  return {
    truth,
    counts: () => ({ ok: good, failed }),
    fail: (outageMs) => {
      downUntil = clock.now() + outageMs;
    },
    client: {
      origin: 'http://models',
      ready: () => Promise.resolve(card),
      metadata: () => Promise.resolve(card),
      ask: async (question) => {
        const trouble = troubleNow();
        await waitFor(trouble?.code === 'timeout' ? trouble.afterMs : 1 + random() * (random() < 0.02 ? 3_000 : 40));
        truth.set(trouble === null, clock.now());
        if (trouble === null) good += 1;
        else failed += 1;
        return trouble === null ? ok(answerTo(question)) : err(trouble);
      },
      close: () => Promise.resolve(),
    },
  };
}
