import type { ConnectionStep } from '#shared/domain/connection-test.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { Steps } from '#desk/adapters/connection-test.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { MarketData } from '#desk/ports/market-data.ts';
import { testModelConnection, type ModelConnection } from '#desk/profiles/model-services.ts';
import {
  createReports,
  fault,
  firstQuotes,
  found,
  testHoldings,
  testQuotes,
  type Reported,
  type TestBench,
} from './test-steps.ts';

/** How one connection, or all of them, are tested. */
export type RunningTest = (parts: {
  readonly signal: AbortSignal;
  readonly onStep: (id: string, step: ConnectionStep) => void;
  readonly only?: string | undefined;
}) => Promise<Reported>;

export type SimulationParts = {
  /** Where its model services answer. */
  readonly models: Readonly<Record<ModelId, ModelConnection>>;
  readonly market: MarketData;
  readonly broker: Broker;
  /** What is traded now. */
  readonly instruments: readonly Instrument[];
  readonly clock: Clock;
};

type Connected = Pick<MarketData, 'connection'>;

/** Whether it stands: what runs in this program is connected already. */
const testStanding = (source: Connected, steps: Steps): Promise<boolean | null> =>
  steps.run('connect', 'start the desk again', () => {
    const { state, detail } = source.connection();
    return Promise.resolve(
      state === 'disconnected' ? fault(detail ?? 'it does not run', 'start the desk again') : found('it runs', true),
    );
  });

/**
 * Returns the test of the simulation's own connections. The models are asked over the network as any other is; market and
 * broker are looked at as they run, since there is no second one to connect to. Nothing is sent but questions.
 */
export function createSimulationTest({ models, market, broker, instruments, clock }: SimulationParts): RunningTest {
  return async (parts) => {
    const bench: TestBench = { clock, signal: parts.signal };
    const { report, result } = createReports(parts);
    const symbol = instruments[0]?.symbol ?? 'NQ';
    for (const model of ['lstm', 'ensemble'] as const)
      await report({ id: `model:${model}`, kind: 'model', name: model }, (_, onStep) =>
        testModelConnection(models[model], { clock, symbol, report: onStep }),
      );
    const heads = { market: market.connection(), broker: broker.connection() };
    await report({ id: heads.market.id, kind: 'market', name: heads.market.name }, async (steps) => {
      if ((await testStanding(market, steps)) === null) return;
      const quotes = firstQuotes(market, instruments);
      await testQuotes(quotes, instruments, { bench, steps });
      quotes.stop();
    });
    await report({ id: heads.broker.id, kind: 'broker', name: heads.broker.name }, async (steps) => {
      if ((await testStanding(broker, steps)) !== null) await testHoldings(broker, steps, bench);
    });
    return result();
  };
}
