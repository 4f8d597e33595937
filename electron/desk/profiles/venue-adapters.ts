import { createAlpacaBroker } from '#desk/adapters/alpaca/broker.ts';
import { createAlpacaMarketData } from '#desk/adapters/alpaca/market-data.ts';
import type { BrokerParts, MarketDataParts } from '#desk/adapters/connection-parts.ts';
import { createDtcBroker } from '#desk/adapters/dtc/broker.ts';
import { createDtcMarketData } from '#desk/adapters/dtc/market.ts';
import { createIbBroker } from '#desk/adapters/ib/broker.ts';
import { createIbMarketData } from '#desk/adapters/ib/market-data.ts';
import { createReplayedMarket } from '#desk/adapters/market/replayed.ts';
import { createScidMarketData } from '#desk/adapters/scid/scid-market.ts';
import { screenedBroker, screenedMarket } from '#desk/adapters/screened.ts';
import { secretScreenOf } from '#desk/adapters/secret-screen.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { MarketData } from '#desk/ports/market-data.ts';
import type { MarketDataConfig, VenueBrokerConfig } from './venues.ts';

/** Makes the broker connection a configuration names. Nothing is connected yet, and no secret comes back from it. */
export function createVenueBroker(config: VenueBrokerConfig, parts: BrokerParts): Broker {
  const screen = secretScreenOf(parts.secrets);
  return screenedBroker(brokerOf(config, { ...parts, secrets: screen.secrets }), screen);
}

function brokerOf(config: VenueBrokerConfig, parts: BrokerParts): Broker {
  switch (config.kind) {
    case 'dtc':
      return createDtcBroker(config, parts);
    case 'ib':
      return createIbBroker(config, parts);
    case 'alpaca':
      return createAlpacaBroker(config, parts);
  }
}

/** Makes the source of prices a configuration names. Nothing is connected yet, and no secret comes back from it. */
export function createMarketSource(config: MarketDataConfig, parts: MarketDataParts): MarketData {
  const screen = secretScreenOf(parts.secrets);
  return screenedMarket(marketOf(config, { ...parts, secrets: screen.secrets }), screen);
}

function marketOf(config: MarketDataConfig, parts: MarketDataParts): MarketData {
  switch (config.kind) {
    case 'replay':
      return createReplayedMarket(config, parts);
    case 'dtc':
      return createDtcMarketData(config, parts);
    case 'ib':
      return createIbMarketData(config, parts);
    case 'alpaca':
      return createAlpacaMarketData(config, parts);
    case 'scid':
      return createScidMarketData(config, parts);
  }
}
