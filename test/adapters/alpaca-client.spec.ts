import { Alpaca, streaming, trading } from '@alpacahq/alpaca-trade-api';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '#test/support/broker-contract.ts';
import { KEYS, NUMBER, startAlpaca } from '#test/support/alpaca-server/server.ts';

/** The client Alpaca publishes, before the server the adapter is tested against: so the server is an honest one. */
async function client() {
  const server = await startAlpaca();
  onTestFinished(() => server.stop());
  const alpaca = new Alpaca({
    ...{ keyId: KEYS.keyId, secret: KEYS.secretKey, paper: true, retry: false as const, rateLimit: false as const },
    fetchApi: (input, init) => fetch(input.replace('https://paper-api.alpaca.markets', server.rest), init),
  });
  const stream = new streaming.TradingStream({
    ...{ credentials: { keyId: KEYS.keyId, secret: KEYS.secretKey }, url: server.stream, reconnect: false },
  });
  onTestFinished(() => stream.disconnect());
  const updates: streaming.TradeUpdate[] = [];
  stream.onTradeUpdate((update) => updates.push(update));
  stream.subscribeTradeUpdates();
  stream.connect();
  expect(await stream.waitForAuthentication(5_000)).toBe(true);
  await until(() => server.streams() === 1);
  return { server, alpaca, updates };
}

it('reads the account, and is turned away with other keys', async () => {
  const { server, alpaca } = await client();
  expect(await alpaca.trading.account.getAccount()).toMatchObject({ accountNumber: NUMBER, equity: '100000' });
  const other = new trading.AccountsApi(
    new trading.Configuration({ basePath: server.rest, keyId: 'no', secret: 'no' }),
  );
  await expect(other.getAccount()).rejects.toMatchObject({ status: 401 });
});

it('places, lists, finds, changes and cancels orders, and hears of it', async () => {
  const { server, alpaca, updates } = await client();
  const { orders } = alpaca.trading;
  const placed = await orders.limit({
    ...{ symbol: 'QQQ', qty: 3, side: 'buy', limitPrice: 480.1, timeInForce: 'day', clientOrderId: 'mine-1' },
  });
  expect(placed).toMatchObject({ clientOrderId: 'mine-1', qty: '3', status: 'new' });
  expect(await orders.getOrderByClientOrderId({ clientOrderId: 'mine-1' })).toMatchObject({ id: placed.id });
  const changed = await orders.patchOrderByOrderId({
    orderId: placed.id ?? '',
    patchOrderRequest: { limitPrice: '479.50' },
  });
  expect(changed.replaces).toBe(placed.id);
  expect(await orders.getAllOrders({ status: 'open' })).toMatchObject([{ id: changed.id, limitPrice: '479.50' }]);
  await orders.deleteOrderByOrderID({ orderId: changed.id ?? '' });
  await until(() => updates.some(({ event }) => event === 'canceled'));
  expect(updates.map(({ event }) => event)).toEqual(['new', 'replaced', 'canceled']);
  await expect(orders.deleteOrderByOrderID({ orderId: changed.id ?? '' })).rejects.toMatchObject({ status: 422 });
  expect(server.complaints).toEqual([]);
});

it('works a bracket and hears of its fills one by one', async () => {
  const { server, alpaca, updates } = await client();
  server.exchange.setOffer(1);
  const placed = await alpaca.trading.orders.bracket({
    ...{ symbol: 'QQQ', qty: 2, side: 'buy', type: 'limit', limitPrice: 480, timeInForce: 'gtc' },
    ...{ takeProfit: { limitPrice: 490 }, stopLoss: { stopPrice: 470 } },
  });
  expect(placed.legs).toHaveLength(2);
  server.exchange.move('QQQ', { bid: '479.90', ask: '480.00' });
  server.exchange.move('QQQ', { bid: '479.90', ask: '480.00' });
  await until(() => updates.some(({ event }) => event === 'fill'));
  const fills = updates.filter(({ event }) => event === 'fill' || event === 'partial_fill');
  expect(fills.map(({ event, qty, price }) => [event, Number(qty), Number(price)])).toEqual([
    ['partial_fill', 1, 480],
    ['fill', 1, 480],
  ]);
  expect(await alpaca.trading.positions.getAllOpenPositions()).toMatchObject([{ symbol: 'QQQ', qty: '2' }]);
});
