import { Buffer } from 'node:buffer';
import { type Result, err, ok } from '#shared/result.ts';
import type { SecretSource } from '#desk/ports/secrets.ts';
import type { TokenAs } from './config.ts';
import type { TransportError } from './error.ts';

/** Request headers that prove who asks, looked up when they are needed. */
export type Headers = () => Promise<Result<Readonly<Record<string, string>>, TransportError>>;

/** Characters a header may carry: a line break in a secret would be a header of its own. */
const HEADER_VALUE = /^[\x20-\x7e]+$/;

/** Returns the headers of a connection. @errors 'no-secret'; 'bad-secret' for one that no header can carry */
export function authHeaders(
  config: { readonly tokenSecret?: string | undefined; readonly tokenAs: TokenAs },
  secrets: SecretSource | null,
): Headers {
  const { tokenSecret: name, tokenAs } = config;
  return async () => {
    if (name === undefined) return ok({});
    const secret = (await secrets?.get(name))?.trim() ?? '';
    if (secret === '') return err({ code: 'no-secret', name });
    if (tokenAs === 'basic') {
      return ok({ authorization: `Basic ${Buffer.from(secret, 'utf8').toString('base64')}` });
    }
    if (!HEADER_VALUE.test(secret)) return err({ code: 'bad-secret', name });
    return ok(
      tokenAs === 'bearer' ? { authorization: `Bearer ${secret}` } : { [tokenAs.header.toLowerCase()]: secret },
    );
  };
}
