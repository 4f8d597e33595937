import type { TransportError } from './error.ts';

/** Says what an HTTP status of a model server means, by the statuses this protocol gives a meaning to. */
export const withRemedy =
  (remedies: Readonly<Record<number, string>>) =>
  (error: TransportError): TransportError => {
    if (error.code !== 'http-status') return error;
    const remedy = remedies[error.status];
    return remedy === undefined ? error : { ...error, remedy };
  };
