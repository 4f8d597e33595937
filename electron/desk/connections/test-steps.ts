import type { ConnectionReport, ConnectionStep } from '#shared/domain/connection-test.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Quote } from '#shared/domain/market.ts';
import { durationText, moneyText, priceText } from '#shared/format/numbers.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { epochMs, type Money } from '#shared/units.ts';
import { createSteps, type Steps, type StepFailure, type StepValue } from '#desk/adapters/connection-test.ts';
import type { Broker, BrokerSnapshot } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { MarketData } from '#desk/ports/market-data.ts';

const DAY_MS = 86_400_000;
/** Time one step may take. */
export const STEP_MS = 15_000;
const QUOTE_MS = 10_000;
/** What an account is worth is waited for this long, and looked for this often. */
const BALANCE_MS = 2_000;
const LOOK_MS = 20;

/** What every test needs: the time, and when to give up. */
export type TestBench = { readonly clock: Pick<Clock, 'now'>; readonly signal: AbortSignal };

export type Found<T> = Result<StepValue<T>, StepFailure>;
export const found = <T>(detail: string, value: T): Found<T> => ok({ detail, value });
export const fault = (detail: string, remedy: string): Found<never> => err({ detail, remedy });

/** Waits for a step, but no longer than it may take. */
export async function timed<T>(ms: number, work: Promise<T>): Promise<T> {
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

/** What the account is worth. Some brokers tell it beside what it holds, and a little later. */
async function worthOf(broker: Broker, holdings: () => Promise<BrokerSnapshot>): Promise<Money | null> {
  const told = (): Money | null => {
    const balance = broker.balance?.() ?? null;
    return balance?.equity ?? balance?.cash ?? null;
  };
  if (told() !== null || broker.balance === undefined) return told();
  await holdings().catch(() => undefined);
  for (let waited = 0; waited < BALANCE_MS && told() === null; waited += LOOK_MS)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  return told();
}

/** Asks a broker for the account and what it holds: positions and orders. */
export async function testHoldings(broker: Broker, steps: Steps, bench: TestBench): Promise<void> {
  const since = epochMs(bench.clock.now() - DAY_MS);
  const holdings = (): Promise<BrokerSnapshot> => timed(STEP_MS, broker.snapshot(since, bench.signal));
  await steps.run('accounts', 'look whether the account is the one of the configuration', async () => {
    const worth = await worthOf(broker, holdings);
    const text = worth === null ? 'the broker states no balance' : `worth ${moneyText(worth)}`;
    return found(`${broker.account}: ${text}`, null);
  });
  const snapshot = await steps.run<BrokerSnapshot>(
    'positions',
    'look at the broker whether the account is right',
    async () => {
      const taken = await holdings();
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

/** The first quote of each instrument, as they come; those that did not come by then are missing. */
export function firstQuotes(
  source: MarketData,
  wanted: readonly Instrument[],
): { readonly quotes: Map<string, Quote>; readonly all: Promise<void>; readonly stop: () => void } {
  const quotes = new Map<string, Quote>();
  let stop = (): void => undefined;
  const all = new Promise<void>((resolve) => {
    stop = source.onEvent((event) => {
      if (event.kind !== 'quote' || quotes.has(event.quote.symbol)) return;
      quotes.set(event.quote.symbol, event.quote);
      if (wanted.every(({ symbol }) => quotes.has(symbol))) resolve();
    });
    if (wanted.length === 0) resolve();
  });
  return { quotes, all, stop: () => stop() };
}

/** Waits for the first quotes of the instruments whose market is open, and says how old they are. */
export async function testQuotes(
  first: ReturnType<typeof firstQuotes>,
  open: readonly Instrument[],
  { bench, steps }: { readonly bench: TestBench; readonly steps: Steps },
): Promise<void> {
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
          `${instrument.symbol} ${priceText(instrument, quote.last)}, ${durationText(Math.max(0, bench.clock.now() - quote.asOf))} old`,
        ];
      });
      return found(text.join('; '), null);
    },
  );
}

type Head = Pick<ConnectionReport, 'id' | 'kind' | 'name'>;
export type Reported = { readonly ok: boolean; readonly reports: readonly ConnectionReport[] };

/** Gathers the reports of connections tested one after the other. What a test throws is a step that failed. */
export function createReports(parts: {
  readonly signal: AbortSignal;
  readonly onStep: (id: string, step: ConnectionStep) => void;
  readonly only?: string | undefined;
}): {
  readonly report: (
    head: Head,
    test: (steps: Steps, onStep: (step: ConnectionStep) => void) => Promise<unknown>,
  ) => Promise<void>;
  readonly result: () => Reported;
} {
  const reports: ConnectionReport[] = [];
  return {
    report: async (head, test) => {
      if (parts.signal.aborted || (parts.only !== undefined && parts.only !== head.id)) return;
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
      reports.push({ ...head, ok: taken.every((step) => step.ok), steps: taken });
    },
    result: () => ({ ok: reports.length > 0 && reports.every((one) => one.ok), reports }),
  };
}
