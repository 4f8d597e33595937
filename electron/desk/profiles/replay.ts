import { existsSync, readFileSync } from 'node:fs';
import { decisionStatusSchema, isBlocked, isVeto, type DecisionStatus } from '#shared/domain/decision.ts';
import type { Bar } from '#shared/domain/market.ts';
import { DeskError } from '#shared/contract/errors.ts';
import { epochMs, moneyFromUsd, type EpochMs, type Money } from '#shared/units.ts';
import { createPaperBroker } from '#desk/adapters/brokers/paper.ts';
import { readBars } from '#desk/adapters/market/csv.ts';
import { createForecastSource, modelConnectionSchema } from '#desk/adapters/models/forecast-sources.ts';
import { assemble, type Assembly } from '#desk/assembly.ts';
import { createClock, createIds } from './clocks.ts';
import { createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import type { Planning } from '#desk/engine/plan.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { continuousInstrument, knownRoots, withMargins } from './instruments.ts';
import { openErrorText } from '#desk/records/open-error-text.ts';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import { agesOfDays, playBar, REPLAY_SLIPPAGE } from './recorded-bars.ts';
import { startReplayModels } from './replay-models.ts';
import { parseSettings, type Settings } from './settings.ts';
import { timeless } from '#desk/decisions/signals.ts';

const DAY_MS = 86_400_000;
const BARS_PER_TRANSACTION = 50;
const INITIAL_EQUITY = moneyFromUsd(100_000);
const ACCOUNT = 'REPLAY';

export type ReplayOptions = {
  readonly prices: string;
  readonly symbol: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly journal: string;
  /** Folder of trained models; null or absent: two models that count, nothing learned elsewhere. */
  readonly models?: string | null;
  readonly lookBackDays: number;
  readonly seed: number;
  /** Proposals are approved as they are; only ever true in a replay. */
  readonly autoApprove: boolean;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
};

export type ReplayError = DeskError;

/** What a replay did, counted from its journal. */
export type ReplaySummary = {
  readonly bars: number;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly assumptions: readonly string[];
  readonly rejectedRows: number;
  readonly signals: number;
  /** Signals by how they ended, and by the status they ended with. */
  readonly vetoed: number;
  readonly sizedToZero: number;
  readonly evaluated: number;
  readonly sized: number;
  readonly byStatus: Readonly<Partial<Record<DecisionStatus, number>>>;
  /** How often each limit bound a size. */
  readonly bound: Readonly<Record<string, number>>;
  readonly trades: number;
  readonly endEquity: Money;
  readonly isCancelled: boolean;
};

/** Counted together: the signal did not stand, or the desk could not trade it. */
export const isRefused = (status: DecisionStatus): boolean => isVeto(status) || isBlocked(status);

const refuse = (field: string, value: string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'invalid-input', message, field, value, remedy });

function dayOf(option: string, text: string): EpochMs {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // A day the month does not have would silently become one of the next month.
  const isDay = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
  if (!isDay) throw refuse(option, text, `${option} is not a day`, 'write it as YYYY-MM-DD');
  return epochMs(at);
}

function readPrices(
  options: ReplayOptions,
  tickSize: number,
): { bars: readonly Bar[]; assumptions: readonly string[]; rejected: number } {
  let text: string;
  try {
    text = readFileSync(options.prices, 'utf8');
  } catch {
    throw refuse(
      '--prices',
      options.prices,
      `the file ${options.prices} cannot be read`,
      'name a CSV file of daily bars',
    );
  }
  const range: { from?: EpochMs; to?: EpochMs } = {};
  if (options.from !== null) range.from = dayOf('--from', options.from);
  // The last day named is part of the range.
  if (options.to !== null) range.to = epochMs(dayOf('--to', options.to) + DAY_MS);
  const read = readBars(text, { symbol: options.symbol, tickSize, timeframe: '1d', file: options.prices, ...range });
  if (!read.ok) {
    const { error } = read;
    // Rows that were all in order, and none of them in the range: the days are wrong, not the file.
    if (error.code === 'no-bars' && error.rejected.length === 0 && (options.from ?? options.to) !== null)
      throw refuse('--from', `${options.from ?? ''}…${options.to ?? ''}`, error.message, 'widen --from and --to');
    throw refuse('--prices', options.prices, error.message, error.remedy);
  }
  return { bars: read.value.bars, assumptions: read.value.assumptions, rejected: read.value.rejected.length };
}

function replaySettings(lookBackDays: number, plan: Planning): Omit<Settings, 'paper' | 'costs'> {
  const parsed = parseSettings('(replay)', JSON.stringify({}), plan);
  if (!parsed.ok) throw new Error('the default settings do not pass their own check');
  const { sizing, planning, risk } = agesOfDays(parsed.value);
  return { planning, risk, sizing: { ...sizing, sample: { ...sizing.sample, lookBackDays } } };
}

function openReplayJournal(options: ReplayOptions, at: Bar): SqliteJournal {
  if (existsSync(options.journal)) {
    throw refuse(
      '--journal',
      options.journal,
      `${options.journal} exists already; a replay writes a new journal`,
      'name another file, or move this one away',
    );
  }
  const opened = openJournal({ path: options.journal });
  if (!opened.ok) throw refuse('--journal', options.journal, openErrorText(opened.error), opened.error.remedy);
  opened.value.append([
    {
      at: at.openAt,
      event: {
        kind: 'opened',
        profile: 'replay',
        mode: 'replay',
        account: ACCOUNT,
        initialEquity: INITIAL_EQUITY,
        seed: options.seed,
      },
    },
  ]);
  return opened.value;
}

const noticeOf = (title: string, detail: string) => ({ kind: 'notice', level: 'info', title, detail }) as const;

function checkNumbers({ lookBackDays, seed }: ReplayOptions): void {
  if (!Number.isSafeInteger(lookBackDays) || lookBackDays < 1)
    throw refuse(
      '--look-back-days',
      String(lookBackDays),
      'the look-back is not a number of days',
      'give a whole number above 0',
    );
  if (!Number.isSafeInteger(seed))
    throw refuse('--seed', String(seed), 'the seed is not a whole number', 'give a whole number');
}

/** Counts the decisions of a journal by how they ended, and the limits that bound them. */
export function countDecisions(
  journal: SqliteJournal,
): Pick<ReplaySummary, 'signals' | 'vetoed' | 'sizedToZero' | 'evaluated' | 'sized' | 'byStatus' | 'bound'> {
  const byStatus: Partial<Record<DecisionStatus, number>> = {};
  const bound: Record<string, number> = {};
  let signals = 0;
  for (const { event } of journal.events({ kinds: ['decision'] })) {
    const { status, walls, contracts } = event.decision;
    signals += 1;
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    if (contracts > 0) for (const wall of walls) if (wall.binds) bound[wall.code] = (bound[wall.code] ?? 0) + 1;
  }
  const count = (matches: (status: DecisionStatus) => boolean): number =>
    decisionStatusSchema.options.filter(matches).reduce((sum, status) => sum + (byStatus[status] ?? 0), 0);
  return {
    signals,
    vetoed: count((s) => isRefused(s)),
    sizedToZero: count((s) => !isRefused(s) && s !== 'sized' && s !== 'evaluation'),
    evaluated: count((s) => s === 'evaluation'),
    sized: count((s) => s === 'sized'),
    byStatus,
    bound,
  };
}

/**
 * Replays recorded daily bars through the desk: models over HTTP, sizing, risk, paper fills at the next bar's open, and a
 * new journal. The same file, options and seed give the same journal.
 * Throws DeskError 'invalid-input' naming the option, its value and what to do.
 */
export async function runReplay(options: ReplayOptions): Promise<ReplaySummary> {
  checkNumbers(options);
  const instrument = continuousInstrument(options.symbol);
  if (instrument === null)
    throw refuse(
      '--symbol',
      options.symbol,
      `the desk does not know the symbol ${options.symbol}`,
      `choose one of ${knownRoots()}`,
    );
  const { bars, assumptions, rejected } = readPrices(options, instrument.tickSize);
  const [first] = bars;
  const last = bars.at(-1);
  if (first === undefined || last === undefined)
    throw refuse(
      '--from',
      `${options.from ?? ''}…${options.to ?? ''}`,
      'no bar lies in this range',
      'widen --from and --to',
    );
  const services = await startReplayModels(options.models ?? null);
  let journal: SqliteJournal;
  try {
    journal = openReplayJournal(options, first);
  } catch (error) {
    await services.close();
    throw error;
  }
  const settings = replaySettings(options.lookBackDays, services.planning);
  const clock = createClock(first.openAt);
  const prng = createPrng(options.seed);
  const ids = createIds(clock, () => prng.nextDouble());
  const asked = { clock, maxAgeMs: settings.sizing.maxPredictionAgeMs, features: createFeatureBuilder() };
  const source = (model: 'lstm' | 'ensemble'): ForecastSource => {
    const { horizonBars } = services;
    const connection = { kind: 'desk', ...services[model], timeframe: '1d', horizonBars };
    return timeless(createForecastSource(modelConnectionSchema.parse(connection), { model, ...asked }), () => true);
  };
  const models = { lstm: source('lstm'), ensemble: source('ensemble') };
  const broker = createPaperBroker({
    account: ACCOUNT,
    clock,
    ids,
    instruments: [instrument],
    fillFrom: 'bars',
    startingCash: INITIAL_EQUITY,
    slippage: REPLAY_SLIPPAGE,
  });
  const instruments = withMargins(new Map([[instrument.symbol, instrument]]), broker);
  let running: Assembly | null = null;
  try {
    const assembly = assemble({
      journal,
      clock,
      ids,
      broker,
      models,
      instruments,
      initialEquity: INITIAL_EQUITY,
      settings: () => settings,
      publish: () => undefined,
      notices: { raise: () => undefined, clear: () => undefined },
      entries: () => 'market',
      refitsBy: () => 'auto',
      timeframe: '1d',
      maxShadowBars: services.maxShadowBars,
      entryBlock: () => null,
    });
    running = assembly;
    assembly.recorder.setQuiet(true);
    await assembly.execution.start(options.signal ?? new AbortController().signal);
    assembly.recorder.record([
      ...[...instruments.values()].map((listed) => ({ kind: 'instrument' as const, instrument: listed })),
      { kind: 'config', config: settings.sizing, actor: 'auto' },
      ...services.notes.map((detail) => noticeOf('Models of this replay', detail)),
      ...assumptions.map((detail) => noticeOf('Assumption about the prices', detail)),
    ]);
    assembly.pipeline.setBarsStored('on-flush');
    let done = 0;
    while (done < bars.length && options.signal?.aborted !== true) {
      const slice = bars.slice(done, done + BARS_PER_TRANSACTION);
      await journal.batch(async () => {
        for (const bar of slice) await playBar(bar, { assembly, broker, clock }, options.autoApprove);
        assembly.pipeline.flushBars();
      });
      done += slice.length;
      options.onProgress?.(done, bars.length);
    }
    assembly.recorder.record([{ kind: 'stopped' }]);
    return {
      bars: done,
      firstDay: new Date(first.openAt).toISOString().slice(0, 10),
      lastDay: new Date(last.openAt).toISOString().slice(0, 10),
      assumptions,
      rejectedRows: rejected,
      ...countDecisions(journal),
      trades: journal.tradeCount({}),
      endEquity: assembly.book.account().equity,
      isCancelled: done < bars.length,
    };
  } finally {
    running?.execution.stop();
    clock.stop();
    await Promise.all([models.lstm.close(), models.ensemble.close()]);
    await broker.close();
    await services.close();
    journal.close();
  }
}
