import { onTestFinished } from 'vitest';
import type { Instrument } from '#shared/domain/instrument.ts';
import { epochMs, money } from '#shared/units.ts';
import { createAlpacaBroker } from '#desk/adapters/alpaca/broker.ts';
import { type AlpacaConnection, alpacaConnectionSchema } from '#desk/adapters/alpaca/config.ts';
import type { BrokerParts } from '#desk/adapters/connection-parts.ts';
import type { Broker, BrokerEvent } from '#desk/ports/broker.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { type AlpacaServer, KEYS, NUMBER, startAlpaca } from '#test/support/alpaca-server/server.ts';

export const ACCOUNT = NUMBER;

/** A share, priced in cents; `lot` shares are one contract. */
export const share = (root: string, over: Partial<Instrument> = {}): Instrument => ({
  ...{ symbol: root, root, name: root, exchange: 'NASDAQ', group: 'equity', tickSize: 0.01, tickValue: money(100) },
  ...{ priceFormat: 'decimal', microRoot: null, lastTradeDate: null, firstNoticeDate: null, calendar: 'always' },
  ...{ initialMargin: null, roundTurnFee: money(0), slippageTicks: 2 },
  ...over,
});
/** A tenth of a bitcoin is one contract: a tick of 1 USD is worth 0.10 USD. */
export const bitcoin = (): Instrument => share('BTC/USD', { group: 'crypto', tickSize: 1, tickValue: money(1_000) });

export const secrets = {
  get: (name: string) => Promise.resolve(name === 'alpaca-key-id' ? KEYS.keyId : KEYS.secretKey),
};

export type DeskSide = {
  readonly server: AlpacaServer;
  readonly broker: Broker;
  readonly events: BrokerEvent[];
  readonly parts: BrokerParts;
  readonly connect: () => Promise<void>;
};
export type DeskSideOptions = {
  readonly parts?: Partial<BrokerParts>;
  readonly config?: Partial<AlpacaConnection>;
  readonly server?: AlpacaServer;
  readonly instruments?: readonly Instrument[];
};

export function brokerParts(over: Partial<BrokerParts> = {}, instruments = [share('QQQ')]): BrokerParts {
  const clock = createClock(epochMs(Date.now()));
  clock.goLive();
  onTestFinished(() => clock.stop());
  return {
    ...{ id: 'broker:alpaca', name: 'Alpaca', clock, account: ACCOUNT, mode: 'paper', ids: createIds(clock), secrets },
    instruments: instruments.map((instrument) => ({ instrument, venueSymbol: null })),
    ...over,
  };
}

/** An Alpaca and a broker connection to it, not connected yet. */
export async function deskSide(options: DeskSideOptions = {}): Promise<DeskSide> {
  const server = options.server ?? (await startAlpaca());
  onTestFinished(() => server.stop());
  const config = alpacaConnectionSchema.parse({
    ...{ kind: 'alpaca', tradingUrl: server.rest, streamUrl: server.stream },
    ...options.config,
  });
  const parts = brokerParts(options.parts, [...(options.instruments ?? [share('QQQ')])]);
  const broker = createAlpacaBroker(config, parts);
  onTestFinished(() => broker.close());
  const events: BrokerEvent[] = [];
  broker.onEvent((event) => events.push(event));
  return { server, broker, events, parts, connect: () => broker.connect(new AbortController().signal) };
}
