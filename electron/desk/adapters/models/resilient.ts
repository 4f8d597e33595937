import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  ConstantBackoff,
  circuitBreaker,
  handleWhenResult,
  retry,
  wrap,
} from 'cockatiel';
import { type Result, err } from '#shared/result.ts';
import type { Headers } from './auth.ts';
import { type TransportError, isRetryable } from './error.ts';
import { createHttpEndpoint } from './http.ts';

type Sent = Result<string, TransportError>;

/** An endpoint with one retry, a circuit breaker, and health probes while nothing else is heard. */
export interface ResilientEndpoint {
  readonly origin: string;
  /** A GET where `body` is null, else a POST. */
  send(path: string, body: string | null, signal: AbortSignal): Promise<Sent>;
  close(): void;
}

const RETRY_DELAY_MS = 50;

const failedToAnswer = (result: unknown): boolean => {
  const sent = result as Sent;
  return !sent.ok && isRetryable(sent.error);
};

/**
 * Makes a resilient endpoint. After `breakAfter` failed asks in a row the circuit opens and asks fail at once; the
 * health probe that runs every `probeMs` is what closes it again, so no ask is spent on a dead service.
 * `onProbe` hears the outcome of every probe (null: healthy).
 */
export function createResilientEndpoint(options: {
  readonly url: string;
  readonly headers: Headers;
  /** Takes secrets out of what comes back. */
  readonly hide: (text: string) => string;
  /** What is asked for to see whether the service is there. */
  readonly healthPath: string;
  readonly timeoutMs: number;
  readonly breakAfter: number;
  readonly probeMs: number;
  readonly onProbe: (error: TransportError | null) => void;
}): ResilientEndpoint {
  const { timeoutMs, breakAfter, probeMs } = options;
  const endpoint = createHttpEndpoint(options.url, options.headers, options.hide);
  const handled = handleWhenResult(failedToAnswer);
  const breaker = circuitBreaker(handled, {
    // Half open by the time of the next probe.
    halfOpenAfter: probeMs * 0.9,
    breaker: new ConsecutiveBreaker(breakAfter),
  });
  const policy = wrap(breaker, retry(handled, { maxAttempts: 1, backoff: new ConstantBackoff(RETRY_DELAY_MS) }));
  const noSignal = new AbortController().signal;
  let isClosed = false;
  let heardAt = Number.NEGATIVE_INFINITY;

  const guarded = async (
    execute: (work: () => Promise<Sent>) => Promise<Sent>,
    work: () => Promise<Sent>,
  ): Promise<Sent> => {
    try {
      const result = await execute(work);
      if (result.ok) heardAt = performance.now();
      return result;
    } catch (cause) {
      if (cause instanceof BrokenCircuitError) {
        return err({ code: 'circuit-open', failures: breakAfter, retryMs: probeMs });
      }
      throw cause;
    }
  };
  const probe = async (): Promise<void> => {
    if (performance.now() - heardAt < probeMs && breaker.state === CircuitState.Closed) return;
    const ask = { path: options.healthPath, body: null, timeoutMs, signal: noSignal };
    const result = await guarded(
      (work) => breaker.execute(work),
      () => endpoint.send(ask),
    );
    if (isClosed) return;
    // A service without a health page that answers all the same (404) is there.
    const isThere = result.ok || (result.error.code === 'http-status' && !isRetryable(result.error));
    options.onProbe(isThere ? null : result.error);
  };
  void probe();
  const timer = setInterval(() => void probe(), probeMs);
  timer.unref();
  return {
    origin: endpoint.origin,
    send: (path, body, signal) =>
      guarded(
        (work) => policy.execute(work),
        () => endpoint.send({ path, body, timeoutMs, signal }),
      ),
    close: () => {
      clearInterval(timer);
      isClosed = true;
      endpoint.close();
    },
  };
}
