import type { TwsExchange } from './exchange.ts';
import {
  commission,
  completedOrder,
  contractData,
  errorMessage,
  execution,
  openOrder,
  orderStatus,
  position,
} from './layouts.ts';
import { isOpen, type TwsContract } from './model.ts';
import { readContractRequest } from './requests.ts';
import type { TwsClient } from './server.ts';

export type ListAnswers = {
  readonly version: number;
  readonly accounts: readonly string[];
  readonly contracts: readonly TwsContract[];
  readonly exchange: TwsExchange;
  readonly timeText: (at: number) => string;
  readonly now: () => number;
  /** Told of what a client said and the server does not understand. */
  readonly complain: (what: string) => void;
};

/** Cancels of lists and subscriptions, and the kind of prices wanted: taken without a word. */
const UNANSWERED: ReadonlySet<number> = new Set([25, 59, 63, 64]);

function contracts({ version, contracts: listed }: ListAnswers, client: TwsClient, fields: readonly string[]): void {
  const asked = readContractRequest(fields);
  const fits = (own: string, wanted: string): boolean => wanted === '' || own === wanted;
  const found = listed.filter(
    (one) =>
      (Number.isNaN(asked.conId) || asked.conId === 0 || one.conId === asked.conId) &&
      fits(one.symbol, asked.symbol) &&
      fits(one.exchange, asked.exchange) &&
      fits(one.localSymbol, asked.localSymbol) &&
      fits(one.tradingClass, asked.tradingClass) &&
      (one.contractMonth.startsWith(asked.month) || one.lastTradeDate === asked.month),
  );
  if (found.length === 0) {
    const text = 'No security definition has been found for the request';
    client.send(errorMessage(version, asked.reqId, [200, text]));
    return;
  }
  for (const one of found) client.send(contractData(version, asked.reqId, one));
  client.send([52, 1, asked.reqId]);
}

/** `20261129-15:30:12` in UTC, or nothing for now. */
const endOf = (text: string | undefined, now: () => number): number => {
  const [, year, month, day, time] = /^(\d{4})(\d{2})(\d{2})-(\d{2}:\d{2}:\d{2})$/.exec(text ?? '') ?? [];
  return year === undefined ? now() : Date.parse(`${year}-${month}-${day}T${time}Z`);
};

function historicalBars({ version, exchange, now }: ListAnswers, client: TwsClient, fields: readonly string[]): void {
  const at = version < 124 ? 2 : 1;
  const [reqId, conId] = [Number(fields[at]), Number(fields[at + 1])];
  const [end, barSize, duration] = [endOf(fields[at + 14], now), fields[at + 15], fields[at + 16] ?? '60 S'];
  const step = barSize === '1 day' ? 86_400 : 60;
  const count = Math.max(1, Math.floor((Number.parseInt(duration, 10) * (duration.endsWith('D') ? 86_400 : 1)) / step));
  const price = exchange.quotes.get(conId)?.last ?? 20_000;
  const last = Math.floor(end / 1_000 / step) * step;
  const bars = Array.from({ length: Math.min(count, 500) }, (_, n) => {
    const open = last - (Math.min(count, 500) - n) * step;
    return [open, price, price + 1, price - 1, price + 0.5, 100 + n, price, 10];
  });
  client.send([17, reqId, 'start', 'end', bars.length, ...bars.flat()]);
}

/** Answers the questions that end with an end. */
export function answerList(parts: ListAnswers, client: TwsClient, fields: readonly string[]): void {
  const { version, exchange, complain } = parts;
  switch (Number(fields[0])) {
    case 5:
    case 16: {
      const isAll = Number(fields[0]) === 16;
      for (const order of exchange.orders) {
        if (order.status === 'Filled' || order.status === 'Cancelled') continue;
        if (!isAll && order.clientId !== client.id) continue;
        client.send(openOrder(version, order));
        client.send(orderStatus(order));
      }
      client.send([53, 1]);
      return;
    }
    case 7: {
      const reqId = Number(fields[2]);
      for (const made of exchange.executions) {
        if (fields[4] !== '' && made.order.account !== fields[4]) continue;
        client.send(execution(version, reqId, made, parts.timeText(made.at)));
        client.send(commission(made));
      }
      client.send([55, 1, reqId]);
      return;
    }
    case 8:
      client.send([9, 1, 1 + Math.max(0, ...exchange.orders.map(({ orderId }) => orderId))]);
      return;
    case 9:
      contracts(parts, client, fields);
      return;
    case 20:
      historicalBars(parts, client, fields);
      return;
    case 61:
      for (const { account, contract, quantity, cost } of exchange.positions())
        client.send(position(account, contract, { quantity, cost }));
      client.send([62, 1]);
      return;
    case 62: {
      const reqId = Number(fields[2]);
      for (const account of parts.accounts) {
        client.send([63, 1, reqId, account, 'NetLiquidation', '100000.50', 'USD']);
        client.send([63, 1, reqId, account, 'TotalCashValue', '99000.25', 'USD']);
      }
      client.send([64, 1, reqId]);
      return;
    }
    case 91: {
      const ruleId = Number(fields[1]);
      const found = parts.contracts.find((one) => one.ruleId === ruleId);
      client.send([93, ruleId, 1, 0, found?.increment ?? 0.01]);
      return;
    }
    case 99:
      for (const order of exchange.orders)
        if (!isOpen(order) && order.status !== 'Inactive') client.send(completedOrder(version, order));
      client.send([102]);
      return;
    default:
      if (!UNANSWERED.has(Number(fields[0]))) complain(`message ${fields[0] ?? ''} is not known`);
  }
}
