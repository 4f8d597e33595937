import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { epochMs, moneyFromUsd, ticks } from '#shared/units.ts';
import { createIbBroker } from '#desk/adapters/ib/broker.ts';
import { ibConnectionSchema, ibMarketDataSchema } from '#desk/adapters/ib/config.ts';
import { createIbMarketData } from '#desk/adapters/ib/market-data.ts';
import { assemble } from '#desk/assembly.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { decide } from '#desk/engine/decide.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';
import { DEFAULT_PLANNING } from '#desk/profiles/settings.ts';
import { createNotices } from '#desk/records/notices.ts';
import { brokerParts, until } from '#test/support/ib/desk-side.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import { startTws } from '#test/support/tws-server/server.ts';
import { ACCOUNT, MINUTE, type Opinion, scripted, START, writeHistory } from './stage.ts';

const BARS = 50;
const HALF_RANGE = 750;
const MID = 80_000;
/** A price at which the planned entry fills. */
const AT_LIMIT = { bid: 19_999.75, ask: 20_000, last: 20_000 };

/** A whole desk whose account and prices are at a TWS, both on the machine's time, set to a Thursday in January. */
async function deskAtTws() {
  const instrument = continuousInstrument('NQ');
  if (instrument === null) throw new Error('no NQ');
  const initialEquity = moneyFromUsd(1_000_000);
  const opened = openJournal({ path: join(temporaryFolder(), 'journal.db') });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const journal = opened.value;
  onTestFinished(() => journal.close());
  writeHistory(journal, { roots: ['NQ'], config: {}, history: { wins: 24, losses: 16 }, initialEquity }, [instrument]);
  const clock = createClock(epochMs(START), START + BARS * MINUTE - Date.now());
  onTestFinished(() => clock.stop());
  const tws = await startTws({ accounts: [ACCOUNT] });
  onTestFinished(() => tws.stop());
  tws.setNow(() => clock.now());

  // The account of the stage is no paper account of IB's, so it is traded as a live one.
  const named = [{ instrument, venueSymbol: 'NQZ6' }];
  const parts = { ...brokerParts(clock, []), account: ACCOUNT, mode: 'live' as const, instruments: named };
  const broker = createIbBroker(ibConnectionSchema.parse({ kind: 'ib', port: tws.port }), {
    ...parts,
    stateFolder: temporaryFolder(),
  });
  const market = createIbMarketData(ibMarketDataSchema.parse({ kind: 'ib', port: tws.port }), {
    ...{ id: 'market:ib', name: 'IB', clock, instruments: named, secrets: parts.secrets },
  });
  onTestFinished(() => broker.close());
  onTestFinished(() => market.close());
  const opinions = new Map<string, Opinion>([['NQ', { direction: 1, confidence: 0.75 }]]);
  const notices = createNotices(clock, () => undefined);
  const assembly = assemble({
    ...{ journal, clock, ids: createIds(clock), broker, instruments: new Map([['NQ', instrument]]) },
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
    const bar = { symbol: 'NQ', timeframe: '1m' as const, openAt, closeAt, volume: 1_000, ...prices };
    assembly.pipeline.onMarket({ kind: 'bar', bar });
  }
  clock.goLive();
  return { tws, journal, assembly, broker, market, clock, startSeq: journal.lastSeq() };
}

it('connect, sync, quote, recommendation, approval, bracket, partial fills, stop hit, trade in the journal', async () => {
  const { tws, journal, assembly, broker, market } = await deskAtTws();
  const { execution, pipeline, book } = assembly;
  const nq = tws.contract('NQZ6');

  await execution.start(new AbortController().signal);
  expect(execution.brokerState()).toBe('live');
  expect(execution.view().reconciliation.detail).toBe('Broker and journal agree');
  await market.start();
  tws.move(nq, { bid: 20_000, ask: 20_000.25, last: 20_000 });
  await until(() => book.quote('NQ') !== null, 'a quote');

  const [recommendation] = await pipeline.evaluate(['NQ']);
  if (recommendation?.state !== 'proposed') throw new Error(JSON.stringify(recommendation?.decision ?? 'nothing'));
  const contracts = recommendation.decision.contracts;
  expect(contracts).toBe(3);

  // One contract is offered at a time: the entry fills in parts.
  tws.exchange.setOffer(1);
  const { clientOrderId } = await pipeline.approve({ id: recommendation.id, contracts, reason: null }, 'trader');
  const entry = clientOrderId ?? '';
  expect(journal.order(entry)).toMatchObject({ life: 'working', filled: 0 });
  expect(tws.order(`${entry}S`)).toMatchObject({ parentId: tws.order(entry).orderId, ocaGroup: entry, tif: 'GTC' });
  for (const part of [1, 2, 3]) {
    tws.move(nq, AT_LIMIT);
    await until(() => journal.order(entry)?.filled === part, `part ${part}`);
  }
  expect(journal.order(entry)).toMatchObject({ life: 'filled', averagePrice: MID });
  await until(() => journal.order(`${entry}S`)?.life === 'working', 'the stop');
  expect(book.positions()).toMatchObject([{ symbol: 'NQ', quantity: 3, stop: recommendation.stop }]);

  // The market falls through the stop.
  tws.exchange.setOffer(Infinity);
  const hit = (recommendation.stop ?? 0) / 4 - 0.25;
  tws.move(nq, { bid: hit, ask: hit + 0.25, last: hit });
  await until(() => journal.order(`${entry}T`)?.life === 'canceled', 'the target');
  await until(() => book.positions().length === 0, 'flat');

  // First in, first out: a trade for each part of the entry.
  const trades = journal.trades({ limit: 9 }).filter((trade) => trade.recommendationId === recommendation.id);
  expect(trades).toHaveLength(3);
  for (const trade of trades) {
    expect(trade).toMatchObject({
      ...{ quantity: 1, direction: 1, entryPrice: MID, exitPrice: Math.round(hit * 4), account: ACCOUNT },
      fees: moneyFromUsd(2 * 2.25),
    });
    expect(trade.r).toBeLessThan(-0.9);
  }
  await execution.reconcile('asked');
  expect(execution.view().reconciliation).toMatchObject({ state: 'clean', differences: [], externalOrders: [] });
  expect(journal.verify(decide).findings).toEqual([]);
  // Each order was sent once, and nothing else was.
  for (const id of [entry, `${entry}S`, `${entry}T`]) expect(tws.placed(id)).toBe(1);
  expect(tws.exchange.orders).toHaveLength(3);
  expect(broker.connection().detail).toBeNull();
});

it('a line that is lost in the middle loses no fill and doubles no order', async () => {
  const { tws, journal, assembly, market } = await deskAtTws();
  const { execution, pipeline, book } = assembly;
  const nq = tws.contract('NQZ6');
  await execution.start(new AbortController().signal);
  await market.start();
  tws.move(nq, { bid: 20_000, ask: 20_000.25, last: 20_000 });
  await until(() => book.quote('NQ') !== null, 'a quote');
  const [recommendation] = await pipeline.evaluate(['NQ']);
  if (recommendation?.state !== 'proposed') throw new Error('nothing was proposed');
  tws.exchange.setOffer(1);
  const { clientOrderId } = await pipeline.approve({ id: recommendation.id, contracts: 3, reason: null }, 'trader');
  const entry = clientOrderId ?? '';
  tws.move(nq, AT_LIMIT);
  await until(() => journal.order(entry)?.filled === 1, 'the first part');

  tws.drop();
  tws.exchange.setOffer(Infinity);
  tws.move(nq, AT_LIMIT);
  const hit = (recommendation.stop ?? 0) / 4 - 0.25;
  tws.move(nq, { bid: hit, ask: hit + 0.25, last: hit });

  // The desk connects again by itself, compares, and finds what it missed.
  await until(() => execution.brokerState() === 'live' && book.positions().length === 0, 'what was missed');
  expect(journal.order(entry)).toMatchObject({ life: 'filled', filled: 3 });
  expect(journal.order(`${entry}S`)).toMatchObject({ life: 'filled', filled: 3 });
  await until(() => journal.order(`${entry}T`)?.life === 'canceled', 'the target');
  const trades = journal.trades({ limit: 9 }).filter((trade) => trade.recommendationId === recommendation.id);
  expect(trades.map(({ quantity }) => quantity).sort()).toEqual([1, 2]);
  for (const id of [entry, `${entry}S`, `${entry}T`]) expect(tws.placed(id)).toBe(1);
  expect(journal.verify(decide).findings).toEqual([]);
});
