import type { ConnectionReport, ConnectionStep } from '#shared/domain/connection-test.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Quote } from '#shared/domain/market.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { durationText, moneyText, priceText } from '#shared/format/numbers.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { createSteps, type Steps, type StepFailure, type StepValue } from '#desk/adapters/connection-test.ts';
import { secretScreenOf } from '#desk/adapters/secret-screen.ts';
import { isSessionOpen } from '#desk/engine/session.ts';
import type { Broker, BrokerSnapshot } from '#desk/ports/broker.ts';
import type { MarketData } from '#desk/ports/market-data.ts';
import type { SecretSource } from '#desk/ports/secrets.ts';
import { createClock, createIds, type DeskClock } from '#desk/profiles/clocks.ts';
import { servedBy, tradedInstruments } from '#desk/profiles/connected-instruments.ts';
import { createProfileBroker } from '#desk/profiles/connected-venue.ts';
import { secretNamesOf, type ConnectionsConfig } from '#desk/profiles/connections-config.ts';
import { definitionLock } from '#desk/profiles/instruments.ts';
import { testModelConnection } from '#desk/profiles/model-services.ts';
import { DEFAULT_PAPER } from '#desk/profiles/settings.ts';
import { createMarketSource, VENUE_NAMES } from '#desk/profiles/venues.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Time one step may take. */
const STEP_MS = 15_000;
const QUOTE_MS = 10_000;

export type TestParts = {
  readonly config: ConnectionsConfig;
  readonly secrets: SecretSource;
  readonly signal: AbortSignal;
  /** Told of each step as it ends. */
  readonly onStep: (id: string, step: ConnectionStep) => void;
};

type Found<T> = Result<StepValue<T>, StepFailure>;
type Bench = TestParts & { readonly clock: DeskClock; readonly instruments: readonly Instrument[] };

const found = <T>(detail: string, value: T): Found<T> => ok({ detail, value });
const fault = (detail: string, remedy: string): Found<never> => err({ detail, remedy });

/** Waits for a step, but no longer than it may take. */
async function timed<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function describeHoldings(snapshot: BrokerSnapshot): string {
  if (snapshot.positions.length === 0) return 'no open position';
  return snapshot.positions.map(({ symbol, quantity }) => `${symbol} ${quantity > 0 ? '+' : ''}${quantity}`).join(', ');
}

async function testHoldings(broker: Broker, steps: Steps, bench: Bench): Promise<void> {
  await steps.run('accounts', 'look whether the account is the one of the configuration', () => {
    const balance = broker.balance?.() ?? null;
    const equity = balance?.equity ?? balance?.cash ?? null;
    const text = equity === null ? 'the broker states no balance' : `worth ${moneyText(equity)}`;
    return Promise.resolve(found(`${broker.account}: ${text}`, null));
  });
  const since = epochMs(bench.clock.now() - DAY_MS);
  const snapshot = await steps.run<BrokerSnapshot>(
    'positions',
    'look at the broker whether the account is right',
    async () => {
      const taken = await timed(STEP_MS, broker.snapshot(since, bench.signal));
      if (!taken.isComplete) return fault('the broker said only part of what it holds', 'try again; look at its log');
      return found(describeHoldings(taken), taken);
    },
  );
  if (snapshot === null) return;
  await steps.run('open orders', '', () => {
    const own = snapshot.orders.filter(({ clientOrderId }) => clientOrderId !== null).length;
    const text = `${snapshot.orders.length} open (${own} of this desk), ${snapshot.fills.length} executions in a day`;
    return Promise.resolve(found(text, null));
  });
}

async function testBroker(bench: Bench, steps: Steps): Promise<void> {
  const { config, clock, instruments, secrets } = bench;
  const opened = await steps.run('configuration', 'correct it under broker', () => {
    const cash = moneyFromUsd(config.equityUsd);
    const parts = { config, clock, instruments, secrets, cash, ids: createIds(clock), paper: DEFAULT_PAPER, seed: 1 };
    return Promise.resolve(found('the connection is configured', createProfileBroker(parts).broker));
  });
  if (opened === null) return;
  try {
    const isOn = await steps.run(
      'logon',
      'look whether the program runs, its port is open and the secrets are set',
      async () => {
        await timed(STEP_MS, opened.connect(bench.signal));
        const { state, detail } = opened.connection();
        if (state === 'disconnected') return fault(detail ?? 'it hung up', 'look at the log of the broker');
        const { brackets } = opened.capabilities;
        return found(`logged on; brackets ${brackets === 'native' ? 'held by the broker' : 'sent by this desk'}`, true);
      },
    );
    if (isOn === null) return;
    await testHoldings(opened, steps, bench);
    await steps.run('contracts', 'correct the symbol, or leave the instrument out', () => {
      const locks = instruments.flatMap((instrument) => definitionLock(instrument, opened) ?? []);
      const silent = instruments.filter(({ symbol }) => opened.definition(symbol) === null).length;
      if (locks.length > 0)
        return Promise.resolve(fault(locks.join('; '), 'a wrong tick value is a wrong size: it stays locked'));
      const text = `${instruments.length - silent} of ${instruments.length} defined by the broker as in the table`;
      return Promise.resolve(found(text, null));
    });
  } finally {
    await opened.close();
  }
}

/** The first quote of each instrument, as they come; those that did not come by then are missing. */
function firstQuotes(
  source: MarketData,
  wanted: readonly Instrument[],
): { readonly quotes: Map<string, Quote>; readonly all: Promise<void> } {
  const quotes = new Map<string, Quote>();
  const all = new Promise<void>((resolve) => {
    source.onEvent((event) => {
      if (event.kind !== 'quote' || quotes.has(event.quote.symbol)) return;
      quotes.set(event.quote.symbol, event.quote);
      if (wanted.every(({ symbol }) => quotes.has(symbol))) resolve();
    });
    if (wanted.length === 0) resolve();
  });
  return { quotes, all };
}

async function testMarket(bench: Bench, index: number, steps: Steps): Promise<void> {
  const { clock, secrets } = bench;
  const config = bench.config.marketData[index];
  const served = servedBy(bench.config, bench.instruments)[index] ?? [];
  if (config === undefined) return;
  const source = await steps.run('configuration', 'correct it under marketData', () => {
    const id = `market:${config.kind}`;
    const made = createMarketSource(config, {
      id,
      name: VENUE_NAMES[config.kind],
      clock,
      secrets,
      instruments: served,
    });
    return Promise.resolve(
      found(`${served.length} instruments: ${served.map((s) => s.instrument.symbol).join(', ')}`, made),
    );
  });
  if (source === null) return;
  try {
    const open = served
      .map(({ instrument }) => instrument)
      .filter(({ calendar }) => isSessionOpen(clock.now(), calendar));
    const first = firstQuotes(source, open);
    const isOn = await steps.run('connect', 'look whether the program runs and its port is open', async () => {
      await timed(STEP_MS, source.start(bench.signal));
      const { state, detail } = source.connection();
      return state === 'disconnected' ? fault(detail ?? 'it hung up', 'look at its log') : found('connected', true);
    });
    if (isOn === null) return;
    await steps.run(
      'quote',
      'look whether the source may tell these symbols, and what it calls them (`symbols`)',
      async () => {
        if (open.length === 0) return found('the market is closed: no price is owed', null);
        await timed(QUOTE_MS, first.all).catch(() => undefined);
        const missing = open.filter(({ symbol }) => !first.quotes.has(symbol)).map(({ symbol }) => symbol);
        if (missing.length > 0)
          return fault(
            `no price of ${missing.join(', ')} within ${QUOTE_MS / 1_000} s`,
            'check the subscription and `symbols`',
          );
        const text = open.flatMap((instrument) => {
          const quote = first.quotes.get(instrument.symbol);
          if (quote === undefined) return [];
          return [
            `${instrument.symbol} ${priceText(instrument, quote.last)}, ${durationText(Math.max(0, clock.now() - quote.asOf))} old`,
          ];
        });
        return found(text.join('; '), null);
      },
    );
    await steps.run('history', 'bars are then gathered as they come: features need some first', async () => {
      const [one] = served;
      if (source.history === undefined || one === undefined) return found('the source keeps no history', null);
      const to = epochMs(clock.now() - (clock.now() % MINUTE_MS));
      const request = { symbol: one.instrument.symbol, timeframe: '1m' as const, from: epochMs(to - 5 * DAY_MS), to };
      const bars = await timed(2 * STEP_MS, source.history(request, bench.signal));
      return found(`${bars?.length ?? 0} minute bars of ${one.instrument.symbol}`, null);
    });
  } finally {
    await source.close();
  }
}

/**
 * Connects everything a configuration names, one after the other, looks, and hangs up. Nothing is sent but questions.
 * Never rejects: what fails is a step that says so.
 */
export async function testConnections(
  parts: TestParts,
): Promise<{ readonly ok: boolean; readonly reports: readonly ConnectionReport[] }> {
  const clock = createClock(epochMs(Date.now()));
  clock.goLive();
  const bench: Bench = { ...parts, clock, instruments: tradedInstruments(parts.config, clock.now()) };
  const reports: ConnectionReport[] = [];
  const report = async (
    head: Pick<ConnectionReport, 'id' | 'kind' | 'name'>,
    test: (steps: Steps, onStep: (step: ConnectionStep) => void) => Promise<unknown>,
  ): Promise<void> => {
    if (parts.signal.aborted) return;
    const taken: ConnectionStep[] = [];
    const onStep = (step: ConnectionStep): void => {
      taken.push(step);
      parts.onStep(head.id, step);
    };
    const steps = createSteps(onStep);
    try {
      await test(steps, onStep);
    } catch (error) {
      const failed = error instanceof Error ? error.message : 'the test broke off';
      await steps.run('test', '', () => Promise.resolve(fault(failed, 'look at the log of the desk')));
    }
    reports.push({ ...head, ok: taken.every(({ ok }) => ok), steps: taken });
  };
  try {
    // Whatever a server repeats, of its own secret or of another's, is in no report.
    await secretScreenOf(parts.secrets).learn(secretNamesOf(parts.config));
    const symbol = bench.instruments[0]?.symbol ?? 'NQ';
    for (const model of ['lstm', 'ensemble'] as const)
      await report({ id: `model:${model}`, kind: 'model', name: model }, (_, onStep) =>
        testModelConnection(parts.config.models[model], { clock, secrets: parts.secrets, symbol, report: onStep }),
      );
    const { broker, marketData } = parts.config;
    const brokerHead = { id: `broker:${broker.kind}`, kind: 'broker', name: VENUE_NAMES[broker.kind] } as const;
    await report(brokerHead, (steps) => testBroker(bench, steps));
    for (const [index, { kind }] of marketData.entries()) {
      const id = marketData.length === 1 ? `market:${kind}` : `market:${kind}-${index + 1}`;
      await report({ id, kind: 'market', name: VENUE_NAMES[kind] }, (steps) => testMarket(bench, index, steps));
    }
  } finally {
    clock.stop();
  }
  return { ok: reports.every((one) => one.ok), reports };
}
