import type { PredictionState } from '#shared/domain/prediction.ts';
import { assertNever } from '#shared/result.ts';

/** Failures of the way to the service: nothing is known about what the model thinks. */
export type TransportError =
  | { readonly code: 'bad-url'; readonly url: string }
  | { readonly code: 'timeout'; readonly afterMs: number; readonly origin: string }
  | { readonly code: 'unreachable'; readonly origin: string; readonly reason: string }
  | { readonly code: 'http-status'; readonly origin: string; readonly status: number; readonly message: string | null }
  | { readonly code: 'too-large'; readonly limitBytes: number }
  | { readonly code: 'circuit-open'; readonly failures: number; readonly retryMs: number }
  | { readonly code: 'aborted' };

/** Everything that can stand between a question and a usable answer, with its numbers. */
export type ForecastError =
  | TransportError
  | { readonly code: 'superseded' }
  | { readonly code: 'too-few-bars'; readonly needed: number; readonly got: number }
  | { readonly code: 'bad-bars'; readonly detail: string }
  | { readonly code: 'not-json'; readonly what: string; readonly remedy: string }
  | { readonly code: 'bad-field'; readonly field: string; readonly value: string; readonly expected: string }
  | { readonly code: 'wrong-echo'; readonly field: string; readonly sent: string; readonly got: string }
  | { readonly code: 'future'; readonly asOf: string; readonly now: string }
  | { readonly code: 'too-old'; readonly ageMs: number; readonly maxAgeMs: number }
  | { readonly code: 'older-answer'; readonly asOf: string; readonly than: string }
  | { readonly code: 'version'; readonly accepted: string; readonly offered: string }
  | { readonly code: 'feature-schema'; readonly built: string; readonly expected: string };

/** The state a prediction takes when this error stands in its way. */
export function stateOf(error: ForecastError): PredictionState {
  switch (error.code) {
    case 'too-old':
    case 'older-answer':
      return 'stale';
    case 'version':
    case 'feature-schema':
      return 'mismatch';
    case 'not-json':
    case 'bad-field':
    case 'wrong-echo':
    case 'future':
      return 'invalid';
    case 'bad-url':
    case 'timeout':
    case 'unreachable':
    case 'http-status':
    case 'too-large':
    case 'circuit-open':
    case 'aborted':
    case 'superseded':
    case 'too-few-bars':
    case 'bad-bars':
      return 'unavailable';
    default:
      return assertNever(error);
  }
}

/** Whether asking once more can help: predictions change nothing at the service, so asking twice is safe. */
export const isRetryable = (error: TransportError): boolean =>
  error.code === 'timeout' || error.code === 'unreachable' || (error.code === 'http-status' && error.status >= 500);

/** Says what is wrong, where, and what to do about it. */
export function detailOf(error: ForecastError): string {
  switch (error.code) {
    case 'bad-url':
      return `"${printable(error.url)}" is not an http:// or https:// address: correct the model's address in Settings.`;
    case 'timeout':
      return `No answer from ${error.origin} within ${error.afterMs} ms: the service is slow or stuck; check it, or raise the timeout.`;
    case 'unreachable':
      return `${error.origin} cannot be reached (${printable(error.reason)}): start the service or correct its address in Settings.`;
    case 'http-status':
      return statusDetail(error.status, error.message);
    case 'too-large':
      return `The answer is larger than ${error.limitBytes} bytes and was cut off: check that the address is a prediction service.`;
    case 'circuit-open':
      return `Not asked: the last ${error.failures} asks failed. The service is probed every ${error.retryMs / 1000} s and asked again once it answers.`;
    case 'aborted':
      return 'The ask was cancelled before an answer came.';
    case 'superseded':
      return 'Not asked: a newer bar closed while an earlier ask was still under way.';
    case 'too-few-bars':
      return `The model needs ${error.needed} completed bars and the desk holds ${error.got}: wait for more bars or import history.`;
    case 'bad-bars':
      return `The features cannot be built: ${error.detail}.`;
    default:
      return answerDetail(error);
  }
}

function statusDetail(status: number, message: string | null): string {
  const said = message === null ? '' : `, saying "${printable(message)}"`;
  if (status === 401 || status === 403)
    return `The service refused the ask with HTTP ${status}${said}: check its token.`;
  if (status === 404) return `The service answered HTTP 404${said}: it has no /predict at this address.`;
  return `The service answered HTTP ${status}${said}: see the service's own log.`;
}

function answerDetail(
  error: Exclude<ForecastError, TransportError | { code: 'superseded' | 'too-few-bars' | 'bad-bars' }>,
) {
  switch (error.code) {
    case 'not-json':
      return `The answer is not JSON: ${printable(error.what)}. ${error.remedy}`;
    case 'bad-field':
      return `Field "${error.field}" is ${printable(error.value)}; expected ${error.expected}. Correct the service, or its output kind in Settings.`;
    case 'wrong-echo':
      return `Field "${error.field}" is "${printable(error.got)}" but "${error.sent}" was asked: the answer belongs to another ask and was dropped.`;
    case 'future':
      return `Field "asOf" is ${error.asOf}, later than the desk's ${error.now}: check both clocks.`;
    case 'too-old':
      return `The answer rests on a bar ${Math.round(error.ageMs / 1000)} s old; the limit is ${Math.round(error.maxAgeMs / 1000)} s. Check the market data.`;
    case 'older-answer':
      return `The answer is as of ${error.asOf}, older than ${error.than}: it was dropped.`;
    case 'version':
      return `The service now runs ${printable(error.offered)}; the desk accepted ${printable(error.accepted)}. Accept the new version on the Models screen to trade on it.`;
    case 'feature-schema':
      return `The model was trained on feature schema "${printable(error.expected)}"; the desk builds "${error.built}". Use a model trained on "${error.built}".`;
    default:
      return assertNever(error);
  }
}

const MAX_QUOTED = 200;

/** Text of a stranger made safe to show: one line, no control or direction characters, at most 200 characters. */
export function printable(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return line.length <= MAX_QUOTED ? line : `${line.slice(0, MAX_QUOTED - 1)}…`;
}
