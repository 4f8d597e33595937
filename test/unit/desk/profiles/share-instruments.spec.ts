import { describe, expect, test } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { servedBy, tradedInstruments } from '#desk/profiles/connected-instruments.ts';
import { parseConnections } from '#desk/profiles/connections-config.ts';

const parse = (instruments: readonly unknown[], over: Readonly<Record<string, unknown>> = {}) => {
  const model = { kind: 'desk', url: 'http://127.0.0.1:8001' };
  const file = {
    ...{
      profile: 'paper',
      account: 'PA3TEST',
      equityUsd: 100_000,
      instruments,
      models: { lstm: model, ensemble: model },
    },
    ...{ broker: { kind: 'alpaca' }, marketData: [{ kind: 'alpaca' }] },
    ...over,
  };
  return parseConnections('connections.json', JSON.stringify(file), 2026);
};
const QQQ = { contract: 'QQQ', market: 'share', lot: 10 };
const BTC = { contract: 'btc/usd', market: 'crypto', lot: 0.01, tickSize: 1 };

describe('shares and crypto in a connections file', () => {
  test('become instruments of which one contract is one lot', () => {
    const parsed = parse([QQQ, BTC, { contract: 'ES', market: 'share' }]);
    if (!parsed.ok) throw new Error(parsed.error.remedy);
    const traded = tradedInstruments(parsed.value, epochMs(Date.UTC(2026, 0, 15)));
    expect(traded).toMatchObject([
      { symbol: 'QQQ', tickSize: 0.01, tickValue: 1_000, lastTradeDate: null, group: 'equity', calendar: 'nyse' },
      { symbol: 'BTC/USD', tickSize: 1, tickValue: 100, group: 'crypto', calendar: 'always' },
      // A share of the name of a future's root.
      { symbol: 'ES.STK', tickValue: 100 },
    ]);
    expect(servedBy(parsed.value, traded)[0]?.map(({ venueSymbol }) => venueSymbol)).toEqual([null, null, null]);
    expect(parsed.value.broker).toMatchObject({ keyIdSecret: 'alpaca-key-id', secretKeySecret: 'alpaca-secret-key' });
  });

  test.each([
    [[{ contract: 'NQ' }], 'instruments.0.contract'],
    [[{ ...QQQ, lot: 0.5 }], 'instruments.0.contract'],
    [[{ ...BTC, lot: 0.00001 }], 'instruments.0.contract'],
    [[{ contract: 'BTCUSD', market: 'crypto' }], 'instruments.0.contract'],
    [[{ contract: 'TOOLONGNAME', market: 'share' }], 'instruments.0.contract'],
    [[QQQ, { ...QQQ, contract: 'qqq' }], 'instruments.1.contract'],
  ])('%j is refused at its field', (instruments, field) => {
    const parsed = parse(instruments);
    expect(parsed.ok ? null : parsed.error.field).toBe(field);
  });

  test('a lot is of shares, a share is of Alpaca, and keys go to no other computer', () => {
    const futures = { broker: { kind: 'ib', port: 7497 }, marketData: [{ kind: 'ib', port: 7497 }] };
    const lot = parse([{ contract: 'NQ', lot: 10 }], futures);
    expect(lot.ok ? null : lot.error.field).toBe('instruments.0.market');
    const share = parse([QQQ], futures);
    expect(share.ok ? null : share.error.remedy).toContain('broker alpaca');
    for (const tradingUrl of ['http://10.0.0.1:1', 'https://127.0.0.1', 'http://u@127.0.0.1'])
      expect(parse([QQQ], { broker: { kind: 'alpaca', tradingUrl } }).ok).toBe(false);
    expect(parse([QQQ], { broker: { kind: 'alpaca', tradingUrl: 'http://127.0.0.1:8080' } }).ok).toBe(true);
  });
});
