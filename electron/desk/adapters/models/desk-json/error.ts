import type { TransportError } from '#desk/adapters/models/error.ts';

/** Says what an HTTP status means of a service in the desk's own contract. */
export function explain(error: TransportError): TransportError {
  if (error.code !== 'http-status') return error;
  return error.status === 404 ? { ...error, remedy: 'it has no /predict at this address' } : error;
}
