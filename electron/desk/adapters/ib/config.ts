import { z } from 'zod';

const address = {
  host: z.string().min(1).max(253).default('127.0.0.1').describe('Where TWS or IB Gateway runs'),
  port: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .describe('TWS: 7497 paper, 7496 live. IB Gateway: 4002 paper, 4001 live. As set in its API settings'),
};
/** TWS takes one connection for each number, and lets only the number that placed an order change it. */
const clientIdSchema = z.number().int().min(1).max(999);

/** Orders through Trader Workstation or IB Gateway. There is no secret in it: TWS is logged on by hand. */
export const ibConnectionSchema = z.strictObject({
  kind: z.literal('ib'),
  ...address,
  clientId: clientIdSchema
    .default(11)
    .describe('Never change it while orders work: TWS lets only the number that placed an order change it'),
  outsideRth: z
    .boolean()
    .default(true)
    .describe('Orders also trigger and fill outside regular trading hours; futures trade around the clock'),
  whatIfMargin: z
    .boolean()
    .default(false)
    .describe(
      'Asks TWS for the initial margin of one contract with a what-if order, which TWS answers and never sends',
    ),
});
export type IbConnection = z.output<typeof ibConnectionSchema>;

/** Prices from Trader Workstation or IB Gateway. */
export const ibMarketDataSchema = z.strictObject({
  kind: z.literal('ib'),
  ...address,
  clientId: clientIdSchema.default(12).describe('Another number than the broker connection has'),
  prices: z
    .enum(['live', 'delayed'])
    .default('live')
    .describe('delayed: 15 minutes old without a subscription; shown, and never sized with'),
});
export type IbMarketDataConfig = z.output<typeof ibMarketDataSchema>;

/** Paper accounts of IB begin with D: DU (individual), DF (advisor), DI. */
export const isPaperAccount = (account: string): boolean => account.startsWith('D');

/** Whether an order or an execution is of an account: without a name it is of the only one there is. */
export const isOfAccount = (named: string, account: string): boolean => named === '' || named === account;

/** Ports TWS and IB Gateway use unless told otherwise, and what the other kind of account uses. */
const LIVE_PORTS: ReadonlyMap<number, number> = new Map([
  [7496, 7497],
  [4001, 4002],
]);
const PAPER_PORTS: ReadonlyMap<number, number> = new Map([
  [7497, 7496],
  [4002, 4001],
]);

/** A warning where the port is usually of the other kind of account; null where nothing speaks against it. */
export function portWarning(port: number, mode: 'paper' | 'live'): string | null {
  const other = mode === 'paper' ? 'live' : 'paper';
  const usual = (mode === 'paper' ? LIVE_PORTS : PAPER_PORTS).get(port);
  if (usual === undefined) return null;
  return `port ${port} is where a ${other} TWS or IB Gateway usually listens; ${mode} is usually ${usual}`;
}

/** Why orders may not go to what answered; null when it is the account of the profile. */
export function accountFault(account: string, mode: 'paper' | 'live', managed: readonly string[]): string | null {
  if (!managed.includes(account)) {
    const listed = managed.length === 0 ? 'none' : managed.join(', ');
    return `this login of TWS does not manage account ${account}; it manages ${listed}`;
  }
  if (mode === 'paper' && !isPaperAccount(account))
    return `${account} is a live account, and this profile is for paper trading`;
  if (mode === 'live' && isPaperAccount(account))
    return `${account} is a paper account, and this profile is for live trading`;
  return null;
}
