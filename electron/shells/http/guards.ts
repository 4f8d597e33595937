import type { IncomingHttpHeaders } from 'node:http';
import type { DeskErrorData } from '#shared/contract/errors.ts';

/** Largest request body and WebSocket message. */
export const MAX_BODY_BYTES = 64 * 1024;

/** A refusal: HTTP status and the error as data. */
export type Refusal = { readonly status: number; readonly error: DeskErrorData };

export const refuse = (status: number, error: Pick<DeskErrorData, 'code' | 'message'> & Partial<DeskErrorData>) => ({
  status,
  error: { field: null, value: null, remedy: null, incident: null, ...error },
});

type GuardedRequest = {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
};

const refused = (status: number, message: string, field: string, remedy: string): Refusal =>
  refuse(status, { code: 'refused', message, field, remedy });

/**
 * Refuses what no page and no program of ours sends, before anything of the request is looked at further.
 * The order matters: a request for another host (DNS rebinding) learns nothing but that.
 * @param origin the only origin of this server, `http://127.0.0.1:PORT`
 */
export function guardRequest(request: GuardedRequest, origin: string): Refusal | null {
  return guardHost(request, origin) ?? guardSite(request, origin) ?? guardBody(request);
}

/** The same for a WebSocket upgrade, where browsers always send an Origin: without one it is not our page. */
export function guardUpgrade(request: GuardedRequest, origin: string): Refusal | null {
  const early = guardHost(request, origin) ?? guardSite(request, origin);
  if (early !== null) return early;
  return request.headers.origin === undefined
    ? refused(403, 'A WebSocket needs an Origin.', 'Origin', `Send Origin: ${origin}.`)
    : null;
}

function guardHost(request: GuardedRequest, origin: string): Refusal | null {
  const expected = new URL(origin).host;
  const hosts = request.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
  return request.headers.host === expected && hosts.length === 1
    ? null
    : refused(421, 'This server answers for one address only.', 'Host', `Use ${origin}.`);
}

function guardSite(request: GuardedRequest, origin: string): Refusal | null {
  const { origin: given, 'sec-fetch-site': site } = request.headers;
  if (given !== undefined && given !== origin) {
    return refused(403, 'Other origins may not talk to the desk.', 'Origin', `Open ${origin} itself.`);
  }
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return refused(403, 'Other sites may not talk to the desk.', 'Sec-Fetch-Site', `Open ${origin} itself.`);
  }
  return null;
}

function guardBody(request: GuardedRequest): Refusal | null {
  const { 'content-length': length, 'content-type': type, 'transfer-encoding': encoding } = request.headers;
  const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
  if (!hasBody && request.method !== 'POST') return null;
  if (Number(length ?? 0) > MAX_BODY_BYTES) {
    return refused(413, 'The body is too large.', 'Content-Length', `Send at most ${MAX_BODY_BYTES} bytes.`);
  }
  return type?.split(';')[0]?.trim().toLowerCase() === 'application/json'
    ? null
    : refused(415, 'Only JSON is read here.', 'Content-Type', 'Send application/json.');
}
