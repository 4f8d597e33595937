import { z } from 'zod';
import { secretNameSchema } from '#desk/adapters/connection-parts.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Another address than Alpaca's own may only be a server on this computer: keys go nowhere else. */
const localUrl = (protocol: 'http:' | 'ws:', what: string) =>
  z
    .string()
    .max(200)
    .refine((text) => {
      const url = URL.parse(text);
      return url?.protocol === protocol && LOOPBACK.has(url.hostname) && url.username === '';
    }, `give a ${protocol}// address of this computer, or leave it out for Alpaca's own`)
    .optional()
    .describe(`${what} of a test server on this computer; left out: Alpaca's own`);

const keys = {
  keyIdSecret: secretNameSchema.default('alpaca-key-id'),
  secretKeySecret: secretNameSchema.default('alpaca-secret-key'),
};

/** Orders through Alpaca. A paper profile speaks to the paper address, a live profile to the live one. */
export const alpacaConnectionSchema = z.strictObject({
  kind: z.literal('alpaca'),
  ...keys,
  tradingUrl: localUrl('http:', 'REST address'),
  streamUrl: localUrl('ws:', 'Address of the trade_updates stream'),
});
export type AlpacaConnection = z.output<typeof alpacaConnectionSchema>;

/** Prices from Alpaca: shares and crypto. One connection per account and feed is all Alpaca allows. */
export const alpacaMarketSchema = z.strictObject({
  kind: z.literal('alpaca'),
  ...keys,
  feed: z
    .enum(['iex', 'sip'])
    .default('iex')
    .describe('Shares: iex is one exchange and free, sip is all of them and needs a subscription'),
  dataUrl: localUrl('http:', 'REST address of market data'),
  streamUrl: localUrl('ws:', 'Address of the market data streams'),
});
export type AlpacaMarketConfig = z.output<typeof alpacaMarketSchema>;

export type TradingUrls = { readonly rest: string; readonly stream: string };

/** Where the account of a profile is. */
export function tradingUrls({ tradingUrl, streamUrl }: AlpacaConnection, mode: 'paper' | 'live'): TradingUrls {
  const host = mode === 'live' ? 'api.alpaca.markets' : 'paper-api.alpaca.markets';
  return { rest: tradingUrl ?? `https://${host}`, stream: streamUrl ?? `wss://${host}/stream` };
}

/** Where prices come from. */
export const marketUrls = ({ dataUrl, streamUrl }: AlpacaMarketConfig): TradingUrls => ({
  rest: dataUrl ?? 'https://data.alpaca.markets',
  stream: streamUrl ?? 'wss://stream.data.alpaca.markets',
});

export type AlpacaKeys = { readonly keyId: string; readonly secretKey: string };

/** The keys, asked for at each connection and kept no longer than it. Throws a sentence where one is not set. */
export async function keysOf(
  config: { readonly keyIdSecret: string; readonly secretKeySecret: string },
  secrets: { get(name: string): Promise<string | null> },
): Promise<AlpacaKeys> {
  const read = async (name: string): Promise<string> => {
    const value = await secrets.get(name);
    if (value === null) throw new Error(`the secret ${name} is not set: run connections secret set ${name}`);
    return value;
  };
  return { keyId: await read(config.keyIdSecret), secretKey: await read(config.secretKeySecret) };
}
