import { type Money, moneyFromUsd } from '#shared/units.ts';
import type { BrokerBalance } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { ACCOUNTS, BALANCES, DEFINITION } from './batches.ts';
import type { MessageOf } from './fields.ts';
import type { DtcLink } from './link.ts';
import { ACCOUNT_BALANCE_REQUEST, type ACCOUNT_BALANCE_UPDATE, TRADE_ACCOUNTS_REQUEST } from './messages/accounts.ts';
import { SECURITY_DEFINITION_FOR_SYMBOL_REQUEST } from './messages/symbols.ts';
import type { Listing } from './symbols.ts';

type Update = MessageOf<typeof ACCOUNT_BALANCE_UPDATE>;

/** What the server says of the account itself. */
export interface Account {
  readonly take: (update: Update) => void;
  readonly balance: () => BrokerBalance | null;
  /** Why the account may not open positions; null while nothing is said against it. */
  readonly restriction: () => string | null;
}

/** Makes what is known of one account: nothing yet. */
export function createAccount(clock: Clock, account: string): Account {
  let last: Update | null = null;
  let at = clock.now();
  return {
    take: (update) => {
      if (update.NoAccountBalances === 1 || (update.TradeAccount !== '' && update.TradeAccount !== account)) return;
      last = update;
      at = clock.now();
    },
    balance: () => {
      if (last === null) return null;
      const { AccountCurrency: currency, CashBalance: cash, OpenPositionsProfitLoss: open } = last;
      const isUsd = currency === '' || currency.toUpperCase() === 'USD';
      const usd = (amount: number | undefined): Money | null =>
        amount === undefined || !isUsd ? null : moneyFromUsd(amount);
      const equity = cash === undefined || open === undefined ? undefined : cash + (last.SecuritiesValue ?? 0) + open;
      return { cash: usd(cash), equity: usd(equity), at };
    },
    restriction: () => {
      if (last?.TradingIsDisabled === 1) return 'the server has disabled trading for this account';
      if (last?.DailyNetLossLimitReached === 1) return 'the account has reached its daily loss limit at the server';
      if (last?.IsUnderRequiredMargin === 1) return 'the account is under the margin its positions require';
      return last?.IsUnderRequiredAccountValue === 1 ? 'the account is under the value it must have' : null;
    },
  };
}

/** Asks for the accounts; null when the server does not tell any. */
export async function askAccounts(link: Pick<DtcLink, 'ask'>): Promise<readonly string[] | null> {
  try {
    const { messages } = await link.ask({ kind: ACCOUNTS, request: TRADE_ACCOUNTS_REQUEST, values: {} });
    // A server without accounts answers with one that has no name.
    const names = [...new Set(messages.map(({ TradeAccount }) => TradeAccount))].filter((name) => name !== '');
    return names.length === 0 ? null : names;
  } catch {
    // Some servers have one account and do not answer: what the account holds is asked for by its name all the same.
    return null;
  }
}

/** Asks for the balances; what they say is also taken as they come. */
export async function askBalances(link: Pick<DtcLink, 'ask'>): Promise<readonly Update[]> {
  const { messages } = await link.ask({ kind: BALANCES, request: ACCOUNT_BALANCE_REQUEST, values: {} });
  return messages;
}

/** Asks what each contract is. Returns those the server does not know, with its reason. */
export async function askDefinitions(link: Pick<DtcLink, 'ask'>, listing: Listing): Promise<readonly string[]> {
  const unknown: string[] = [];
  for (const listed of listing.all) {
    const values = { Symbol: listed.venueSymbol };
    try {
      const request = SECURITY_DEFINITION_FOR_SYMBOL_REQUEST;
      const isAnswer = ({ Symbol: name }: { readonly Symbol: string }): boolean => listing.ofVenue(name) === listed;
      const { messages } = await link.ask({ kind: DEFINITION, request, values, isAnswer });
      const [definition] = messages;
      if (definition === undefined) unknown.push(`${listed.venueSymbol}: the server does not know this symbol`);
      else listed.define(definition);
    } catch (error) {
      unknown.push(`${listed.venueSymbol}: ${error instanceof Error ? error.message : 'no answer'}`);
    }
  }
  return unknown;
}
