import type { PredictionState } from '#shared/domain/prediction.ts';
import { assertNever } from '#shared/result.ts';

/** Failures of the way to the service: nothing is known about what the model thinks. */
export type TransportError =
  | { readonly code: 'bad-url'; readonly url: string }
  | { readonly code: 'timeout'; readonly afterMs: number; readonly origin: string }
  | { readonly code: 'unreachable'; readonly origin: string; readonly reason: string }
  | {
      readonly code: 'http-status';
      readonly status: number;
      readonly message: string | null;
      /** What this protocol's servers mean by it; null: nothing in particular. */
      readonly remedy: string | null;
    }
  | { readonly code: 'redirect'; readonly origin: string; readonly status: number; readonly location: string }
  | { readonly code: 'binary' }
  | { readonly code: 'encoding'; readonly encoding: string; readonly problem: string }
  | { readonly code: 'too-large'; readonly limitBytes: number }
  | { readonly code: 'circuit-open'; readonly failures: number; readonly retryMs: number }
  | { readonly code: 'aborted' }
  | { readonly code: 'no-secret' | 'bad-secret'; readonly name: string };

/** Everything that can stand between a question and a usable answer, with its numbers. */
export type ForecastError =
  | TransportError
  | { readonly code: 'superseded' }
  | { readonly code: 'not-ready'; readonly what: string }
  | { readonly code: 'runtime'; readonly what: string; readonly remedy: string }
  | { readonly code: 'too-few-bars'; readonly needed: number; readonly got: number }
  | { readonly code: 'bad-bars'; readonly detail: string }
  | { readonly code: 'not-json'; readonly what: string; readonly remedy: string }
  | { readonly code: 'bad-field'; readonly field: string; readonly value: string; readonly expected: string }
  | { readonly code: 'wrong-echo'; readonly field: string; readonly sent: string; readonly got: string }
  | { readonly code: 'future'; readonly asOf: string; readonly now: string }
  | { readonly code: 'too-old'; readonly ageMs: number; readonly maxAgeMs: number }
  | { readonly code: 'older-answer'; readonly asOf: string; readonly than: string }
  | { readonly code: 'quorum'; readonly heard: number; readonly missing: string }
  | { readonly code: 'differs'; readonly what: string; readonly remedy: string }
  | { readonly code: 'version'; readonly expected: string; readonly offered: string }
  | { readonly code: 'feature-schema'; readonly built: string; readonly expected: string };

/** The state a prediction takes when this error stands in its way. */
export function stateOf(error: ForecastError): PredictionState {
  switch (error.code) {
    case 'too-old':
    case 'older-answer':
      return 'stale';
    case 'differs':
    case 'version':
    case 'feature-schema':
      return 'mismatch';
    case 'not-json':
    case 'bad-field':
    case 'wrong-echo':
    case 'future':
    case 'encoding':
    case 'binary':
    case 'quorum':
      return 'invalid';
    case 'bad-url':
    case 'timeout':
    case 'unreachable':
    case 'http-status':
    case 'redirect':
    case 'too-large':
    case 'circuit-open':
    case 'aborted':
    case 'superseded':
    case 'no-secret':
    case 'bad-secret':
    case 'not-ready':
    case 'runtime':
    case 'too-few-bars':
    case 'bad-bars':
      return 'unavailable';
    default:
      return assertNever(error);
  }
}

/** Whether asking once more can help: predictions change nothing at the service, so asking twice is safe. */
export const isRetryable = (error: ForecastError): boolean =>
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
      return statusDetail(error);
    case 'redirect':
      return `${error.origin} answered HTTP ${error.status} and points to ${printable(error.location)}: the desk follows no redirect, so that features and tokens go nowhere else; correct the address in Settings.`;
    case 'encoding':
      return `The answer came compressed as "${printable(error.encoding)}" and ${error.problem}: the desk asks for plain answers; check the service or the proxy before it.`;
    case 'binary':
      return 'The answer holds its numbers as bytes, which the desk did not ask for: make the service answer in JSON.';
    case 'too-large':
      return `The answer is larger than ${error.limitBytes} bytes and was cut off: check that the address is a prediction service.`;
    case 'circuit-open':
      return `Not asked: the last ${error.failures} asks failed. The service is probed every ${error.retryMs / 1000} s and asked again once it answers.`;
    case 'aborted':
      return 'The ask was cancelled before an answer came.';
    case 'superseded':
      return 'Not asked: a newer bar closed while an earlier ask was still under way.';
    case 'no-secret':
      return `The desk holds no secret named "${error.name}": store it under that name, or correct the connection.`;
    case 'bad-secret':
      return `The secret named "${error.name}" holds characters that no request header can carry: store it again, as one line.`;
    case 'not-ready':
      return `Not asked: ${printable(error.what)}. Wait until the model is loaded, or see the service's own log.`;
    case 'runtime':
      return `${printable(error.what)}. ${error.remedy}`;
    case 'too-few-bars':
      return `The model needs ${error.needed} completed bars and the desk holds ${error.got}: wait for more bars or import history.`;
    case 'bad-bars':
      return `The features cannot be built: ${error.detail}.`;
    default:
      return answerDetail(error);
  }
}

function statusDetail({ status, message, remedy }: Extract<TransportError, { code: 'http-status' }>): string {
  const said = message === null ? '' : `, saying "${printable(message)}"`;
  if (status === 401 || status === 403)
    return `The service refused the ask with HTTP ${status}${said}: check its token.`;
  return `The service answered HTTP ${status}${said}: ${remedy ?? "see the service's own log"}.`;
}

type AnswerError = Extract<
  ForecastError,
  {
    code:
      | 'not-json'
      | 'bad-field'
      | 'wrong-echo'
      | 'future'
      | 'too-old'
      | 'older-answer'
      | 'quorum'
      | 'differs'
      | 'version'
      | 'feature-schema';
  }
>;

function answerDetail(error: AnswerError): string {
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
    case 'quorum':
      return `Members with ${percent(error.heard)} of the weight could be read; at least 50 % is needed. Missing: ${printable(error.missing)}.`;
    case 'differs':
      return `${error.what}. ${error.remedy}`;
    case 'version':
      return `The service runs ${printable(error.offered)}; the connection expects ${printable(error.expected)}. Start that version, or change what the connection expects.`;
    case 'feature-schema':
      return `The model was trained on feature schema "${printable(error.expected)}"; the desk builds "${error.built}". Use a model trained on "${error.built}".`;
    default:
      return assertNever(error);
  }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const MAX_QUOTED = 200;
/** Words of plain letters with one space between them: most texts, and nothing to be made safe. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/u;

/** Text of a stranger made safe to show: one line, no control or direction characters, at most 200 characters. */
export function printable(text: string): string {
  if (PLAIN.test(text) && text.length <= MAX_QUOTED) return text;
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return line.length <= MAX_QUOTED ? line : `${line.slice(0, MAX_QUOTED - 1)}…`;
}
