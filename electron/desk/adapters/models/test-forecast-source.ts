import type { FeatureSpec } from '#shared/domain/feature.ts';
import type { Bar, Timeframe } from '#shared/domain/market.ts';
import { type Result, err, ok } from '#shared/result.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { type StepFailure, type StepReport, type StepValue, createSteps } from '#desk/adapters/connection-test.ts';
import { secretScreenOf } from '#desk/adapters/secret-screen.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { FeatureBuilder } from '#desk/ports/feature-builder.ts';
import type { SecretSource } from '#desk/ports/secrets.ts';
import type { ModelConnection } from './config.ts';
import { type ForecastError, detailOf, printable, stateOf } from './error.ts';
import { createClient } from './forecast-sources.ts';
import type { Answer, Question, ServiceCard } from './model-client.ts';

export type ModelTestParts = {
  readonly clock: Clock;
  readonly features: FeatureBuilder;
  readonly secrets?: SecretSource;
  readonly report: StepReport;
  /** The symbol the one question is about: a service may know some only. */
  readonly symbol?: string;
};

const REMEDY = 'See the log of the desk: this should not happen.';
const BAR_MS = { '1m': 60_000, '1d': 86_400_000 } as const satisfies Record<Timeframe, number>;

const failure = (error: ForecastError): Result<never, StepFailure> =>
  err({ detail: detailOf(error), remedy: REMEDIES[stateOf(error)] });

const REMEDIES = {
  ok: REMEDY,
  stale: 'Check the clocks of both computers.',
  invalid: 'Correct the output of the connection, or what the service sends.',
  unavailable: 'Start the service, or correct address and secret of the connection.',
  mismatch: 'Correct the connection, or serve the model that was meant.',
} as const;

const said = (card: Result<ServiceCard, ForecastError>): Result<StepValue<true>, StepFailure> =>
  card.ok ? ok({ detail: printable(card.value.summary), value: true }) : failure(card.error);

/**
 * Tests the connection to a model: its features, readiness, metadata, one question on made-up bars, and what is read of
 * the answer. Steps after one that failed are left out. Never rejects. Returns whether all went well.
 */
export async function testForecastSource(config: ModelConnection, parts: ModelTestParts): Promise<boolean> {
  const screen = secretScreenOf(parts.secrets ?? { get: () => Promise.resolve(null) });
  const steps = createSteps((step) => parts.report(screen.hideIn(step)));
  const spec = parts.features.resolve(config.features);
  const client = createClient(config, {
    ...{ spec, screen, onProbe: () => undefined },
    parts: {},
  });
  const { signal } = new AbortController();
  try {
    const question = await steps.run('features', REMEDY, () => Promise.resolve(questionOf(config, spec, parts)));
    if (question === null) return false;
    if ((await steps.run('ready', REMEDY, async () => said(await client.ready(signal)))) === null) return false;
    if ((await steps.run('metadata', REMEDY, async () => said(await client.metadata(signal)))) === null) return false;
    const answer = await steps.run('inference', REMEDY, async () => {
      const asked = await client.ask(question, signal);
      // What came but cannot be read is the next step's business.
      if (!asked.ok && stateOf(asked.error) !== 'invalid') return failure(asked.error);
      return ok({ detail: 'the service answered one question on made-up bars', value: asked });
    });
    if (answer !== null) await steps.run('mapping', REMEDY, () => Promise.resolve(mapping(answer, config)));
    return steps.isOk();
  } finally {
    await client.close();
  }
}

function questionOf(
  config: ModelConnection,
  spec: Result<FeatureSpec, string>,
  { clock, features, symbol = 'NQ' }: ModelTestParts,
): Result<StepValue<Question>, StepFailure> {
  if (!spec.ok) return err({ detail: spec.error, remedy: 'Correct the features of the connection.' });
  const bars = madeUpBars(spec.value.rows + spec.value.lookBack, {
    symbol,
    timeframe: config.timeframe,
    end: clock.now(),
  });
  const window = features.build(bars, spec.value, 0.25);
  const asOf = bars.at(-1)?.closeAt;
  if (!window.ok || asOf === undefined) return err({ detail: 'the features cannot be built', remedy: REMEDY });
  const { timeframe } = config;
  const [rows, width] = window.value.shape;
  const detail = `${spec.value.schema}: ${rows} rows of ${width} features`;
  return ok({ detail, value: { id: 'connection-test', symbol, timeframe, asOf, window: window.value } });
}

/** Bars of no market, for a question whose answer nobody trades on. */
function madeUpBars(
  count: number,
  of: { readonly symbol: string; readonly timeframe: Timeframe; readonly end: number },
): readonly Bar[] {
  const length = BAR_MS[of.timeframe];
  const last = Math.floor(of.end / length) * length;
  return Array.from({ length: count }, (_, i) => {
    const close = 80_000 + Math.round(60 * Math.sin(i / 5)) + i;
    const closeAt = last - (count - 1 - i) * length;
    return {
      ...{ symbol: of.symbol, timeframe: of.timeframe, openAt: epochMs(closeAt - length), closeAt: epochMs(closeAt) },
      ...{ open: ticks(close - 3), high: ticks(close + 8), low: ticks(close - 9), close: ticks(close) },
      volume: 500 + ((i * 37) % 90),
    };
  });
}

const WORDS = { '-1': 'short', '0': 'flat', '1': 'long' } as const;

function mapping(
  answer: Result<Answer, ForecastError>,
  { output, expectedVersion, expectedSha256 }: ModelConnection,
): Result<StepValue<true>, StepFailure> {
  if (!answer.ok) return failure(answer.error);
  const { opinion, version } = answer.value;
  const { name, version: running, sha256 } = version;
  const isOther =
    (expectedVersion !== null && running !== expectedVersion) || (expectedSha256 !== null && sha256 !== expectedSha256);
  if (isOther) {
    const detail = `${printable(name)} ${printable(running)} answers; the connection expects another version or file.`;
    return err({ detail, remedy: REMEDIES.mismatch });
  }
  const word = WORDS[opinion.direction];
  const detail = `${output.kind}: ${word}, confidence ${opinion.confidence.toFixed(3)} by ${printable(name)} ${printable(running)}`;
  return ok({ detail, value: true });
}
