import { epochMs } from '#shared/units.ts';
import type { ConnectionLog } from '#desk/adapters/connection-log.ts';
import type { BrokerParts } from '#desk/adapters/connection-parts.ts';
import type { VenueTimes } from '#desk/adapters/venue-times.ts';
import { type AlpacaConnection, keysOf, tradingUrls } from './config.ts';
import { createRest, type Rest } from './rest.ts';
import { createTradeStream, type TradeStream } from './trade-stream.ts';
import { accountSchema, clockSchema, timeOf, type WireAccount, type WireTradeUpdate } from './wire.ts';

export type LineParts = {
  readonly config: AlpacaConnection;
  readonly parts: BrokerParts;
  readonly log: ConnectionLog;
  readonly times: VenueTimes;
  readonly onUpdate: (update: WireTradeUpdate) => void;
  readonly onAccount: (account: WireAccount) => void;
  /** A part of connecting: what the orders are must be known before the first update of one. */
  readonly onReady: (rest: Rest) => Promise<void>;
  readonly onLost: (why: string) => void;
};

/** One connection after the other: REST, and the stream of what becomes of orders. */
export interface Line {
  readonly connect: (signal: AbortSignal) => Promise<void>;
  /** The REST side of a connection that stands; null without one. */
  readonly rest: () => Rest | null;
  /** Why nothing that adds risk may be sent now; null when it may. */
  readonly block: () => string | null;
  readonly close: (why: string) => void;
}

/** The account and the clock are asked for this often while the connection stands. */
const LOOK_MS = 60_000;
const NOT_CONNECTED = 'Alpaca is not connected';

/** Why an account may not trade; null when it may. */
export function accountFlaw(account: WireAccount): string | null {
  if (account.status !== 'ACTIVE') return `the account is ${account.status} at Alpaca, and not ACTIVE`;
  if (account.account_blocked) return 'the account is blocked at Alpaca';
  if (account.trading_blocked) return 'trading is blocked for this account at Alpaca';
  return account.trade_suspended_by_user ? 'trading is suspended in the settings of the account at Alpaca' : null;
}

/** Says that the keys are another account's than the profile names; null when they are its own. */
export function accountFault(account: string, { account_number: number, id }: WireAccount): string | null {
  if (account === number || account === id) return null;
  return `the keys are those of account ${number}, and this profile is for ${account}`;
}

type Standing = { readonly rest: Rest; readonly stream: TradeStream; isLive: boolean };

/** Makes a line that is not connected yet. */
export function createAlpacaLine({ config, parts, log, times, ...on }: LineParts): Line {
  const { clock } = parts;
  let standing: Standing | null = null;
  let flaw: string | null = null;
  let stopLooks: () => void = () => undefined;

  const show = (): void => log.set(flaw === null ? 'live' : 'degraded', flaw);
  const drop = (of: Standing, why: string): void => {
    if (standing !== of) return;
    standing = null;
    stopLooks();
    of.stream.close(why);
    of.rest.close();
    on.onLost(why);
    log.set('disconnected', why);
  };
  const readAccount = async (rest: Rest): Promise<void> => {
    const account = await rest.get('/v2/account', accountSchema);
    if (!account.ok) throw new Error(account.error.why);
    const fault = accountFault(parts.account, account.value);
    if (fault !== null) throw new Error(fault);
    flaw = accountFlaw(account.value);
    on.onAccount(account.value);
  };
  const readClock = async (rest: Rest): Promise<void> => {
    const askedAt = clock.monotonic();
    const answer = await rest.get('/v2/clock', clockSchema);
    if (!answer.ok) throw new Error(answer.error.why);
    const at = timeOf(answer.value.timestamp);
    if (at !== null) times.read({ at: epochMs(at), askedAt });
  };
  const look = (of: Standing): void => {
    void Promise.all([readAccount(of.rest), readClock(of.rest)]).then(
      () => {
        if (standing === of && of.isLive) show();
      },
      (cause: unknown) => drop(of, cause instanceof Error ? cause.message : 'Alpaca does not answer'),
    );
  };

  const open = async (): Promise<void> => {
    log.set('connecting', null);
    const urls = tradingUrls(config, parts.mode);
    const keys = await keysOf(config, parts.secrets);
    const onHeard = (latencyMs: number | null): void => log.heard(clock.now(), latencyMs);
    const rest = createRest({ clock, url: urls.rest, keys, onHeard });
    const stream = createTradeStream({
      ...{ clock, url: urls.stream, keys, onHeard, onUpdate: on.onUpdate },
      onDown: (why) => drop(mine, why),
    });
    const mine: Standing = { rest, stream, isLive: false };
    standing = mine;
    times.forget();
    try {
      await readAccount(rest);
      await readClock(rest);
      // Updates are heard before orders are asked for, so that nothing falls between.
      await stream.open();
      log.set('syncing', 'Orders are being read.');
      await on.onReady(rest);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'Alpaca could not be connected';
      drop(mine, why);
      throw new Error(why, { cause });
    }
    if (standing !== mine) throw new Error(log.current().detail ?? NOT_CONNECTED);
    mine.isLive = true;
    stopLooks = clock.every(LOOK_MS, () => look(mine));
    show();
  };
  const close = (why: string): void => {
    if (standing === null) log.set('disconnected', why);
    else drop(standing, why);
  };

  return {
    connect: async (signal) => {
      signal.throwIfAborted();
      if (standing !== null) drop(standing, 'a new connection was asked for');
      const giveUp = (): void => close('the connection attempt was given up');
      signal.addEventListener('abort', giveUp, { once: true });
      try {
        await open();
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    },
    rest: () => (standing?.isLive === true ? standing.rest : null),
    block: () => (standing?.isLive === true ? flaw : NOT_CONNECTED),
    close,
  };
}
