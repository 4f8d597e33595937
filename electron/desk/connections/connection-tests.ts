import type { ConnectionStep } from '#shared/domain/connection-test.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import type { Steps } from '#desk/adapters/connection-test.ts';
import { secretScreenOf } from '#desk/adapters/secret-screen.ts';
import { isSessionOpen } from '#desk/engine/session.ts';
import type { SecretSource } from '#desk/ports/secrets.ts';
import { createClock, createIds, type DeskClock } from '#desk/profiles/clocks.ts';
import { servedBy, tradedInstruments } from '#desk/profiles/connected-instruments.ts';
import { createProfileBroker } from '#desk/profiles/connected-venue.ts';
import { secretNamesOf, type ConnectionsConfig } from '#desk/profiles/connections-config.ts';
import { definitionLock } from '#desk/profiles/instruments.ts';
import { testModelConnection } from '#desk/profiles/model-services.ts';
import { DEFAULT_PAPER } from '#desk/profiles/settings.ts';
import { createMarketSource } from '#desk/profiles/venue-adapters.ts';
import { marketIdentity, VENUE_NAMES } from '#desk/profiles/venues.ts';
import { connectRemedy } from './connect-remedies.ts';
import {
  createReports,
  fault,
  firstQuotes,
  found,
  STEP_MS,
  testHoldings,
  testQuotes,
  timed,
  type Reported,
} from './test-steps.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export type TestParts = {
  readonly config: ConnectionsConfig;
  readonly secrets: SecretSource;
  readonly signal: AbortSignal;
  /** Told of each step as it ends. */
  readonly onStep: (id: string, step: ConnectionStep) => void;
  /** The one connection to test, by the id of its report; left out: all of them. */
  readonly only?: string | undefined;
};

const MEND = 'Mend what is said there: until then the desk sends nothing new.';

type Bench = TestParts & { readonly clock: DeskClock; readonly instruments: readonly Instrument[] };

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
      (detail) => connectRemedy(config.broker.kind, detail),
      async () => {
        await timed(STEP_MS, opened.connect(bench.signal));
        const { state, detail } = opened.connection();
        if (state === 'disconnected') throw new Error(detail ?? 'it hung up');
        const { brackets } = opened.capabilities;
        const caution = detail === null ? '' : `; ${detail}`;
        return found(
          `logged on; brackets ${brackets === 'native' ? 'held by the broker' : 'sent by this desk'}${caution}`,
          true,
        );
      },
    );
    if (isOn === null) return;
    const { state, detail } = opened.connection();
    // Logged on is not fit to trade: what is in the way is told before an order is refused.
    if (state === 'degraded')
      await steps.run('trading', MEND, () => Promise.resolve(fault(detail ?? 'it is not as it should be', MEND)));
    await testHoldings(opened, steps, bench);
    await steps.run('contracts', 'correct the symbol, or leave the instrument out', () => {
      const locks = instruments.flatMap((instrument) => definitionLock(instrument, opened) ?? []);
      const silent = instruments.filter(({ symbol }) => opened.definition(symbol) === null).length;
      if (locks.length > 0)
        return Promise.resolve(fault(locks.join('; '), 'a wrong tick value is a wrong size: it stays locked'));
      const silence = silent === 0 ? '' : `; ${silent} the broker does not describe`;
      const text = `${instruments.length - silent} of ${instruments.length} known to the broker, none of them otherwise than in the table${silence}`;
      return Promise.resolve(found(text, null));
    });
  } finally {
    await opened.close();
  }
}

async function testMarket(bench: Bench, index: number, steps: Steps): Promise<void> {
  const { clock, secrets } = bench;
  const config = bench.config.marketData[index];
  const served = servedBy(bench.config, bench.instruments)[index] ?? [];
  if (config === undefined) return;
  const source = await steps.run('configuration', 'correct it under marketData', () => {
    const identity = marketIdentity(config, bench.config.marketData);
    const made = createMarketSource(config, { ...identity, clock, secrets, instruments: served });
    return Promise.resolve(found(`for ${served.map((s) => s.instrument.symbol).join(', ') || 'no instrument'}`, made));
  });
  if (source === null) return;
  try {
    const open = served
      .map(({ instrument }) => instrument)
      .filter(({ calendar }) => isSessionOpen(clock.now(), calendar));
    const first = firstQuotes(source, open);
    const isOn = await steps.run(
      'connect',
      (detail) => connectRemedy(config.kind, detail),
      async () => {
        await timed(STEP_MS, source.start(bench.signal));
        const { state, detail } = source.connection();
        if (state === 'disconnected') throw new Error(detail ?? 'it hung up');
        return found(state === 'degraded' ? `connected, but: ${detail ?? 'not as it should be'}` : 'connected', true);
      },
    );
    if (isOn === null) return;
    await testQuotes(first, open, { bench, steps });
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
export async function testConnections(parts: TestParts): Promise<Reported> {
  const clock = createClock(epochMs(Date.now()));
  clock.goLive();
  const bench: Bench = { ...parts, clock, instruments: tradedInstruments(parts.config, clock.now()) };
  const { report, result } = createReports(parts);
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
    for (const [index, source] of marketData.entries())
      await report({ ...marketIdentity(source, marketData), kind: 'market' }, (steps) =>
        testMarket(bench, index, steps),
      );
  } finally {
    clock.stop();
  }
  return result();
}
