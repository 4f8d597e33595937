import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import { createAlpacaBroker } from '#desk/adapters/alpaca/broker.ts';
import { alpacaConnectionSchema, alpacaMarketSchema } from '#desk/adapters/alpaca/config.ts';
import { createAlpacaMarketData } from '#desk/adapters/alpaca/market-data.ts';
import { assemble } from '#desk/assembly.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { decide } from '#desk/engine/decide.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { DEFAULT_PLANNING } from '#desk/profiles/settings.ts';
import { createNotices } from '#desk/records/notices.ts';
import { brokerParts, secrets, share } from '#test/support/alpaca/desk-side.ts';
import { KEYS, startAlpaca } from '#test/support/alpaca-server/server.ts';
import { until } from '#test/support/broker-contract.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import { ACCOUNT, MINUTE, type Opinion, scripted, START, writeHistory } from './stage.ts';

const BARS = 50;
const HALF_RANGE = 750;
const MID = 80_000;
const AT_LIMIT = { bid: '799.99', ask: '800.00' };

/** A whole desk whose account and prices are at Alpaca, all on the machine's time, set to a Thursday in January. */
async function deskAtAlpaca() {
  // Five hundred shares are one contract here, so that the stage's account trades a few of them.
  const instrument = share('QQQ', { tickValue: money(50_000) });
  const initialEquity = moneyFromUsd(1_000_000);
  const folder = temporaryFolder();
  const opened = openJournal({ path: join(folder, 'journal.db') });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const journal = opened.value;
  onTestFinished(() => journal.close());
  writeHistory(journal, { roots: ['QQQ'], config: {}, history: { wins: 24, losses: 16 }, initialEquity }, [instrument]);
  const clock = createClock(epochMs(START), START + BARS * MINUTE - Date.now());
  onTestFinished(() => clock.stop());
  const server = await startAlpaca(0, { account: ACCOUNT });
  onTestFinished(() => server.stop());
  server.exchange.now = () => clock.now();

  const parts = brokerParts({ clock, account: ACCOUNT, instruments: [{ instrument, venueSymbol: null }], journal });
  const broker = createAlpacaBroker(
    alpacaConnectionSchema.parse({ kind: 'alpaca', tradingUrl: server.rest, streamUrl: server.stream }),
    parts,
  );
  const market = createAlpacaMarketData(
    alpacaMarketSchema.parse({
      ...{ kind: 'alpaca', dataUrl: server.rest, streamUrl: server.stream.replace('/stream', '') },
    }),
    { id: 'market:alpaca', name: 'Alpaca', clock, instruments: parts.instruments, secrets },
  );
  onTestFinished(() => broker.close());
  onTestFinished(() => market.close());
  const opinions = new Map<string, Opinion>([['QQQ', { direction: 1, confidence: 0.75 }]]);
  const notices = createNotices(clock, () => undefined);
  const assembly = assemble({
    ...{ journal, clock, ids: createIds(clock), broker, instruments: new Map([['QQQ', instrument]]) },
    ...{ publish: () => undefined, initialEquity, notices },
    models: { lstm: scripted('lstm', clock, opinions), ensemble: scripted('ensemble', clock, opinions) },
    settings: () => ({
      sizing: {
        ...PRESETS.conservative,
        ...{ maxRiskPerTrade: 0.1, calibrate: false, evidenceTrades: 0, multiplier: { mode: 'fixed', value: 0.08 } },
      },
      ...{ planning: DEFAULT_PLANNING, risk: DEFAULT_RISK_LIMITS },
    }),
    ...{ entries: () => 'limit' as const, timeframe: '1m', maxShadowBars: 1_440, entryBlock: () => null },
  });
  onTestFinished(() => assembly.execution.stop());
  market.onEvent((event) => {
    if (event.kind !== 'trade') assembly.pipeline.onMarket(event);
  });
  for (let n = 0; n < BARS; n += 1) {
    const openAt = epochMs(START + n * MINUTE);
    const closeAt = epochMs(openAt + MINUTE);
    clock.advanceTo(closeAt);
    const prices = { open: ticks(MID), high: ticks(MID + HALF_RANGE), low: ticks(MID - HALF_RANGE), close: ticks(MID) };
    const bar = { symbol: 'QQQ', timeframe: '1m' as const, openAt, closeAt, volume: 1_000, ...prices };
    assembly.pipeline.onMarket({ kind: 'bar', bar });
  }
  clock.goLive();
  await assembly.execution.start(new AbortController().signal);
  await market.start();
  const t = (): string => new Date(clock.now()).toISOString();
  const show = (): void =>
    server.market.send([
      { T: 't', S: 'QQQ', p: 800, s: 100, t: t() },
      { T: 'q', S: 'QQQ', bp: 800, ap: 800.01, t: t() },
    ]);
  show();
  await until(() => assembly.book.quote('QQQ') !== null, 'a quote');
  const [recommendation] = await assembly.pipeline.evaluate(['QQQ']);
  if (recommendation?.state !== 'proposed') throw new Error(JSON.stringify(recommendation?.decision ?? 'nothing'));
  return { server, journal, assembly, broker, market, clock, recommendation, folder };
}
/** A quote below the stop: what is sold is sold there. */
const below = (stop: number | null): { bid: string; ask: string } => {
  const bid = ((stop ?? 0) - 1) / 100;
  return { bid: bid.toFixed(2), ask: (bid + 0.01).toFixed(2) };
};

it('connect, sync, quote, recommendation, approval, bracket, partial fills, stop hit, trade in the journal', async () => {
  const { server, journal, assembly, broker, recommendation, folder } = await deskAtAlpaca();
  const { execution, pipeline, book } = assembly;
  const { exchange } = server;
  expect(execution.view().reconciliation.detail).toBe('Broker and journal agree');
  const { contracts } = recommendation.decision;
  expect(contracts).toBe(3);

  // One contract is offered at a time: the entry fills in parts.
  exchange.setOffer(500);
  const { clientOrderId } = await pipeline.approve({ id: recommendation.id, contracts, reason: null }, 'trader');
  const entry = clientOrderId ?? '';
  expect(journal.order(entry)).toMatchObject({ life: 'working', filled: 0 });
  expect(exchange.orders).toHaveLength(3);
  expect(exchange.orders[0]).toMatchObject({ clientOrderId: entry, qty: 1_500, orderClass: 'bracket', tif: 'gtc' });
  for (const part of [1, 2, 3]) {
    exchange.move('QQQ', AT_LIMIT);
    await until(() => journal.order(entry)?.filled === part, `part ${part}`);
  }
  expect(journal.order(entry)).toMatchObject({ life: 'filled', averagePrice: MID });
  await until(() => journal.order(`${entry}S`)?.life === 'working', 'the stop');
  expect(book.positions()).toMatchObject([{ symbol: 'QQQ', quantity: 3, stop: recommendation.stop }]);

  exchange.setOffer(Infinity);
  exchange.move('QQQ', below(recommendation.stop));
  await until(() => journal.order(`${entry}T`)?.life === 'canceled', 'the target');
  await until(() => book.positions().length === 0, 'flat');

  // First in, first out: a trade for each part of the entry.
  const trades = journal.trades({ limit: 9 }).filter((trade) => trade.recommendationId === recommendation.id);
  expect(trades).toHaveLength(3);
  for (const trade of trades) {
    expect(trade).toMatchObject({
      quantity: 1,
      direction: 1,
      entryPrice: MID,
      exitPrice: (recommendation.stop ?? 0) - 1,
    });
    expect(trade.r).toBeLessThan(-0.9);
  }
  await execution.reconcile('asked');
  expect(execution.view().reconciliation).toMatchObject({ state: 'clean', differences: [], externalOrders: [] });
  expect(journal.verify(decide).findings).toEqual([]);
  expect(server.posted(entry)).toBe(1);
  expect(exchange.orders).toHaveLength(3);
  expect(exchange.position('QQQ')).toBe(0);
  expect(server.complaints).toEqual([]);
  expect(broker.connection()).toMatchObject({ state: 'live', detail: null });
  // No key has come to rest in the journal.
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('latin1'));
  expect(files.some((text) => text.includes(entry))).toBe(true);
  for (const key of Object.values(KEYS)) expect(files.filter((text) => text.includes(key))).toEqual([]);
});

it('a stream that is lost in the middle loses no fill and doubles no order', async () => {
  const { server, journal, assembly, recommendation } = await deskAtAlpaca();
  const { execution, pipeline, book } = assembly;
  const { exchange } = server;
  exchange.setOffer(500);
  const { clientOrderId } = await pipeline.approve({ id: recommendation.id, contracts: 3, reason: null }, 'trader');
  const entry = clientOrderId ?? '';
  exchange.move('QQQ', AT_LIMIT);
  await until(() => journal.order(entry)?.filled === 1, 'the first part');

  server.drop();
  exchange.setOffer(Infinity);
  exchange.move('QQQ', AT_LIMIT);
  exchange.move('QQQ', below(recommendation.stop));

  // The desk connects again by itself, compares, and finds what it missed.
  await until(() => execution.brokerState() === 'live' && book.positions().length === 0, 'what was missed');
  expect(journal.order(entry)).toMatchObject({ life: 'filled', filled: 3 });
  expect(journal.order(`${entry}S`)).toMatchObject({ life: 'filled', filled: 3 });
  await until(() => journal.order(`${entry}T`)?.life === 'canceled', 'the target');
  const trades = journal.trades({ limit: 9 }).filter((trade) => trade.recommendationId === recommendation.id);
  expect(trades.map(({ quantity }) => quantity).sort()).toEqual([1, 2]);
  expect(server.posted(entry)).toBe(1);
  expect(journal.verify(decide).findings).toEqual([]);
});

it('an execution that is busted, filled again and corrected leaves the journal with the money of the venue', async () => {
  const { server, journal, assembly, recommendation } = await deskAtAlpaca();
  const { execution, pipeline, book } = assembly;
  const { exchange } = server;
  const held = (): number => book.positions().reduce((sum, { quantity }) => sum + quantity, 0);
  exchange.setOffer(500);
  const { clientOrderId } = await pipeline.approve({ id: recommendation.id, contracts: 3, reason: null }, 'trader');
  const entry = clientOrderId ?? '';
  for (const part of [1, 2, 3]) {
    exchange.move('QQQ', AT_LIMIT);
    await until(() => journal.order(entry)?.filled === part, `part ${part}`);
  }
  const [first, , third] = exchange.executions;
  exchange.amend(third!, null);
  await until(() => held() === 2, 'the bust');
  // The desk asks what became of the order, and finds that it works again.
  await until(() => journal.order(entry)?.certainty.kind === 'known', 'the word on the order');
  expect(journal.order(entry)).toMatchObject({ life: 'working', filled: 2 });
  exchange.move('QQQ', AT_LIMIT);
  await until(() => held() === 3, 'the part that was filled again');

  server.faults.mute = true;
  server.drop();
  exchange.amend(first!, { qty: 500, price: '799.00' });
  server.faults.mute = false;
  await until(() => execution.brokerState() === 'live' && journal.order(entry)?.averagePrice !== MID, 'the price');
  expect(journal.order(entry)).toMatchObject({ life: 'filled', filled: 3, averagePrice: MID - 100 / 3 });

  exchange.setOffer(Infinity);
  exchange.move('QQQ', below(recommendation.stop));
  await until(() => held() === 0, 'flat');
  const trades = journal.trades({ limit: 9 }).filter((trade) => trade.recommendationId === recommendation.id);
  const cost = exchange.orders.reduce((sum, { cost: usd, side }) => sum + (side === 'buy' ? -usd : usd), 0);
  expect(trades.reduce((sum, { gross }) => sum + gross, 0)).toBe(moneyFromUsd(cost));
  await execution.reconcile('asked');
  expect(execution.view().reconciliation).toMatchObject({ state: 'clean', differences: [] });
  expect(journal.verify(decide).findings).toEqual([]);
  expect(server.posted(entry)).toBe(1);
});
