import { z } from 'zod';
import { secretNameSchema } from '#desk/adapters/connection-parts.ts';
import type { Login, Speech } from './session.ts';

const latin = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[\x20-\x7e]*$/, 'use plain characters only');

/** A DTC server: Sierra Chart's own, or another that speaks the protocol in JSON. */
export const dtcConnectionSchema = z.strictObject({
  kind: z.literal('dtc'),
  host: z.string().min(1).max(253).default('127.0.0.1').describe('Computer the DTC server runs on'),
  port: z.number().int().min(1).max(65_535).default(11_099).describe('Listening port of the DTC server'),
  encoding: z
    .enum(['json', 'json-compact'])
    .default('json')
    .describe('Asked of the server; what it answers counts. Sierra: Encoding must be Automatic or JSON'),
  isEncodingFixed: z
    .boolean()
    .default(false)
    .describe('The server is set to this encoding and is not to be asked for one'),
  username: latin(31).optional().describe('Where the server requires authentication'),
  passwordSecret: secretNameSchema.optional(),
  heartbeatSeconds: z.number().int().min(5).max(60).default(10),
  clientName: latin(31).min(1).default('Kelly Desk').describe('A second client of the same name drives the first out'),
  priceMultipliers: z
    .record(z.string().min(1).max(32), z.number().positive())
    .optional()
    .describe('What prices of the server are multiplied with, by root or contract, where it does not say itself'),
});
export type DtcConnectionConfig = z.output<typeof dtcConnectionSchema>;

/** A DTC server as the broker. */
export const dtcBrokerSchema = dtcConnectionSchema.extend({
  isAutomatedOrder: z
    .boolean()
    .default(true)
    .describe('Marks orders as coming from a model, as CME Group requires of them'),
});
export type DtcBrokerConfig = z.output<typeof dtcBrokerSchema>;

/** A DTC server as the source of prices. Sierra gives none of CME, Eurex, Nasdaq and Cboe: use its files for those. */
export const dtcMarketSchema = dtcConnectionSchema.extend({
  historyPort: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .nullable()
    .default(11_098)
    .describe('Port for historical prices; null: none are asked for'),
});
export type DtcMarketConfig = z.output<typeof dtcMarketSchema>;

export const speechOf = ({ encoding, isEncodingFixed }: DtcConnectionConfig): Speech => ({
  encoding,
  isFixed: isEncodingFixed,
});

/** Who logs on. The password is asked for at each logon and kept nowhere. */
export async function loginOf(
  config: DtcConnectionConfig,
  secrets: { get(name: string): Promise<string | null> },
  as: { readonly clientName: string; readonly tradeAccount: string },
): Promise<Login> {
  const { username, passwordSecret, heartbeatSeconds } = config;
  const password = passwordSecret === undefined ? '' : await secrets.get(passwordSecret);
  if (password === null)
    throw new Error(
      `the secret ${passwordSecret ?? ''} is not set: run connections secret set ${passwordSecret ?? ''}`,
    );
  return { username: username ?? '', password, heartbeatSeconds, flags: 0, ...as };
}

/** Sierra Chart's simulated accounts begin with this word; DTC itself says nothing of the kind of an account. */
const SIMULATED = /^[\W_]*sim/iu;

/** Why orders may not go to an account; null when it is one of the server's and nothing says that it is of the other kind. */
export function accountFault(account: string, mode: 'paper' | 'live', told: readonly string[] | null): string | null {
  if (told !== null && !told.includes(account))
    return `the server has no account ${account}: it has ${told.join(', ')}`;
  if (mode === 'live' && SIMULATED.test(account))
    return `${account} is a simulated account, and this profile is for live trading`;
  return null;
}

/** A warning where an account of a paper profile may be a live one; null where it may not. */
export const accountWarning = (account: string, mode: 'paper' | 'live'): string | null =>
  mode === 'live' || SIMULATED.test(account)
    ? null
    : `DTC does not say whether ${account} is simulated: make sure it is, orders of this profile are not armed by hand`;
