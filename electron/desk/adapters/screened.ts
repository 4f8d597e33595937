import type { Broker } from '#desk/ports/broker.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import type { MarketData } from '#desk/ports/market-data.ts';
import type { SecretScreen } from './secret-screen.ts';

/**
 * The three ports behind a screen: what their adapters say goes out without the secrets of the connection, whichever
 * vendor's text it came in. Prices are not looked through: their texts are the desk's own symbols.
 */

async function rejecting<T>(screen: SecretScreen, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw screen.hideInError(error);
  }
}

const screened = async <T>(screen: SecretScreen, work: () => Promise<T>): Promise<T> =>
  screen.hideIn(await rejecting(screen, work));

const connectionOf = (of: Pick<Broker, 'connection' | 'onConnection'>, screen: SecretScreen) => ({
  connection: () => screen.hideIn(of.connection()),
  onConnection: (listener: Parameters<Broker['onConnection']>[0]) =>
    of.onConnection((told) => listener(screen.hideIn(told))),
});

export const screenedModel = (source: ForecastSource, screen: SecretScreen): ForecastSource => ({
  model: source.model,
  predict: (request, signal) => screened(screen, () => source.predict(request, signal)),
  ...connectionOf(source, screen),
  close: () => source.close(),
});

export const screenedMarket = (source: MarketData, screen: SecretScreen): MarketData => ({
  onEvent: (listener) => source.onEvent(listener),
  start: (signal) => screened(screen, () => source.start(signal)),
  ...(source.history === undefined
    ? {}
    : { history: (request, signal) => rejecting(screen, () => source.history?.(request, signal) ?? NO_BARS) }),
  ...connectionOf(source, screen),
  close: () => source.close(),
});

const NO_BARS = Promise.resolve(null);

export const screenedBroker = (broker: Broker, screen: SecretScreen): Broker => ({
  venue: broker.venue,
  account: broker.account,
  // A server says what it can do when it is connected.
  get capabilities() {
    return broker.capabilities;
  },
  connect: (signal) => screened(screen, () => broker.connect(signal)),
  snapshot: (since, signal) => screened(screen, () => broker.snapshot(since, signal)),
  submit: (group) => screened(screen, () => broker.submit(group)),
  cancel: (order) => screened(screen, () => broker.cancel(order)),
  replace: (order, terms) => screened(screen, () => broker.replace(order, terms)),
  cancelExternal: (id) => screened(screen, () => broker.cancelExternal(id)),
  find: (id) => screened(screen, () => broker.find(id)),
  definition: (symbol) => broker.definition(symbol),
  initialMargin: (symbol) => broker.initialMargin(symbol),
  ...(broker.balance === undefined ? {} : { balance: () => broker.balance?.() ?? null }),
  ...(broker.venueTime === undefined ? {} : { venueTime: () => broker.venueTime?.() ?? null }),
  onEvent: (listener) => broker.onEvent((event) => listener(screen.hideIn(event))),
  ...connectionOf(broker, screen),
  close: () => broker.close(),
});
