/**
 * What a code of TWS means for the desk. `definitive` rejects say that the order does not exist; everything that is not
 * listed says nothing about an order, and the order is asked for.
 * @source protocols.md 2.6
 */
export type IbCodeClass =
  | 'connection-lost'
  | 'connection-restored'
  | 'port-reset'
  | 'client-id-in-use'
  | 'cannot-connect'
  | 'order-rejected'
  /** A reject only as long as nothing confirms the order within two seconds. */
  | 'order-doubtful'
  | 'order-canceled'
  | 'change-refused'
  | 'duplicate-id'
  | 'no-contract'
  | 'data-refused'
  | 'data-delayed'
  | 'data-competing'
  | 'data-lost'
  | 'farm-lost'
  | 'farm-restored'
  | 'history-failed'
  | 'information'
  | 'unlisted';

type Row = readonly [code: number, kind: IbCodeClass, sentence: string];

const ROWS: readonly Row[] = [
  [1100, 'connection-lost', 'TWS has lost the connection to IB. Orders at the exchange go on working.'],
  [1101, 'connection-restored', 'TWS is connected to IB again; market data is asked for anew.'],
  [1102, 'connection-restored', 'TWS is connected to IB again.'],
  [1300, 'port-reset', 'TWS was given another port and closes this connection.'],
  [2110, 'connection-lost', 'TWS has lost the connection to IB and is restoring it by itself.'],
  [326, 'client-id-in-use', 'Another program is connected to TWS under the same client id.'],
  [502, 'cannot-connect', 'TWS or IB Gateway does not answer.'],
  [503, 'cannot-connect', 'This version of TWS is too old: update it.'],
  [504, 'connection-lost', 'The connection to TWS is gone.'],
  [506, 'cannot-connect', 'This version of TWS speaks a protocol that is not known here.'],
  [201, 'order-rejected', 'IB refused the order.'],
  [203, 'order-rejected', 'This contract may not be traded in this account.'],
  [321, 'order-rejected', 'TWS refused the request. If it says "read-only", uncheck Read-Only API in its settings.'],
  [460, 'order-rejected', 'The account has no permission to trade this contract.'],
  [10289, 'order-rejected', 'The order needs the account to be set up for it.'],
  [10293, 'order-rejected', 'The account is not permitted to place this order.'],
  [110, 'order-doubtful', 'The price is not on the tick grid of the contract.'],
  [434, 'order-doubtful', 'The quantity of an order cannot be zero.'],
  [109, 'order-doubtful', 'The price is outside what TWS allows for API orders.'],
  [202, 'order-canceled', 'The order was cancelled.'],
  [103, 'duplicate-id', 'TWS has an order under this id already: it is asked which one.'],
  [104, 'change-refused', 'A filled order cannot be changed.'],
  [105, 'change-refused', 'The change does not match the order.'],
  [135, 'change-refused', 'TWS does not know the order.'],
  [161, 'change-refused', 'The order is not in a state in which it can be cancelled.'],
  [10147, 'change-refused', 'TWS does not find the order to cancel.'],
  [10148, 'change-refused', 'The order can no longer be cancelled.'],
  [200, 'no-contract', 'IB has no contract of this description.'],
  [354, 'data-refused', 'The account has no market data subscription for this contract.'],
  [10189, 'data-refused', 'The account has no tick data subscription for this contract.'],
  [10089, 'data-refused', 'The account needs a market data subscription for the API.'],
  [10167, 'data-delayed', 'There is no subscription for live data: TWS shows delayed data.'],
  [10197, 'data-competing', 'The same user is logged on elsewhere and takes the market data there.'],
  [10182, 'data-lost', 'TWS ended the subscription: it is asked for again.'],
  [10038, 'data-lost', 'TWS ended the subscription: it is asked for again.'],
  [2103, 'farm-lost', 'IB’s market data servers cannot be reached.'],
  [2105, 'farm-lost', 'IB’s historical data servers cannot be reached.'],
  [2157, 'farm-lost', 'IB’s contract servers cannot be reached.'],
  [2104, 'farm-restored', 'IB’s market data servers are connected.'],
  [2106, 'farm-restored', 'IB’s historical data servers are connected.'],
  [2158, 'farm-restored', 'IB’s contract servers are connected.'],
  [162, 'history-failed', 'IB did not give the historical data.'],
  [366, 'history-failed', 'The historical data was not asked for, or is no longer.'],
  [420, 'history-failed', 'Too much historical data was asked for in a short time.'],
  [399, 'information', 'TWS has a remark on the order.'],
  [10090, 'information', 'A part of the market data is not subscribed.'],
  [165, 'information', 'TWS looks for historical data.'],
  [492, 'information', 'TWS has a remark on the request.'],
];
const TABLE: ReadonlyMap<number, Row> = new Map(ROWS.map((row) => [row[0], row]));

const WARNING_CODES = { from: 2100, until: 3000 } as const;

/** Returns what a code means. The text decides where TWS itself calls it a warning. */
export function classOf(code: number, text: string): IbCodeClass {
  const row = TABLE.get(code);
  if (row !== undefined) return row[1];
  const isWarning = (code >= WARNING_CODES.from && code < WARNING_CODES.until) || text.startsWith('Warning:');
  return isWarning ? 'information' : 'unlisted';
}

/** TWS's own words, tidied: no markup, one line, not endless. */
const tidy = (text: string): string =>
  text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 300);

/** A code as a sentence for the trader, with TWS's own words where they say more. */
export function sentenceOf(code: number, text: string): string {
  const row = TABLE.get(code);
  const own = tidy(text);
  if (row === undefined) return own === '' ? `TWS reports code ${code}.` : `${own} (TWS ${code})`;
  if (own === '') return row[2];
  return `${row[2]} TWS ${code}: ${own}`;
}

/** The new port in the text of code 1300; null when it names none. */
export function newPortOf(text: string): number | null {
  const [last] = /\d{2,5}(?!.*\d)/.exec(text) ?? [];
  const port = Number(last);
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null;
}
