import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { BacktestRun } from '#shared/contract/backtest-operations.ts';
import type { BacktestRequest } from '#shared/contract/backtest-requests.ts';
import { policyKey, policySpecSchema, type PolicySpec } from '#shared/domain/policy.ts';
import { epochMs } from '#shared/units.ts';
import packageJson from '#package.json' with { type: 'json' };
import { DEFAULT_POLICIES, POLICY_OFFERS } from '#desk/backtest/catalogue.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { jobOf } from './job-of.ts';
import { runInThread } from './job-thread.ts';
import { checkRequest } from './requests.ts';
import { createRunStore, readRun } from './run-store.ts';
import type { JobProgress } from './thread-messages.ts';

/** What can stand for a policy on the command line. */
const SHORT_NAMES: Readonly<Record<string, PolicySpec>> = Object.fromEntries(
  DEFAULT_POLICIES.map((spec, i) => [
    [
      ...['fixed', 'fixed-1%', 'fixed-2%', 'kelly', 'kelly-half', 'kelly-third', 'kelly-quarter', 'recommended'],
      ...['baker-mchale', 'tilted', 'optimal-f', 'vol-target', 'rck'],
    ][i] ?? policyKey(spec),
    spec,
  ]),
);

/** Short names and keys of the thirteen policies, for help and errors. */
export const policyNames = (): readonly string[] => Object.keys(SHORT_NAMES);

const known = (name: string): PolicySpec | undefined =>
  SHORT_NAMES[name] ?? POLICY_OFFERS.find(({ key }) => key === name)?.spec;

const badPolicy = (value: string, message: string): DeskError =>
  new DeskError({
    code: 'invalid-input',
    field: '--policies',
    value,
    message,
    remedy: `Choose among ${policyNames().join(', ')}; parameters follow a colon, as in kelly:multiplier=0.4`,
  });

/** Reads one policy: a name, and parameters after a colon (`recommended:multiplier=0.25:lookBackDays=60`). */
export function parsePolicy(text: string): PolicySpec {
  const [name = '', ...settings] = text.split(':');
  const spec = known(name.trim());
  if (spec === undefined) throw badPolicy(text, 'there is no such policy');
  const given = settings.map((setting) => {
    const [field = '', value = ''] = setting.split('=').map((part) => part.trim());
    if (!Object.hasOwn(spec, field) || field === 'kind') throw badPolicy(text, `${name} has no parameter ${field}`);
    return [field, value === '' ? Number.NaN : Number(value)] as const;
  });
  const parsed = policySpecSchema.safeParse({ ...spec, ...Object.fromEntries(given) });
  if (!parsed.success) throw badPolicy(text, 'a parameter is not a number in its range');
  return parsed.data;
}

/** Reads a list of policies; `all` is the thirteen of the comparison. */
export const parsePolicies = (text: string): readonly PolicySpec[] =>
  text.trim() === 'all' ? DEFAULT_POLICIES : text.split(',').map((one) => parsePolicy(one.trim()));

export type JournalRun = {
  /** A request; a stored run to draw from cannot be named here, for a journal file is all that is known. */
  readonly request: BacktestRequest;
  readonly journal: string;
  /** A page to print is written here; the file must not be there yet. */
  readonly report: string | null;
};

const taken = (path: string): DeskError =>
  new DeskError({
    ...{ code: 'refused', field: '--report', value: path },
    ...{ message: 'there is a file of this name already', remedy: 'choose another name' },
  });

/**
 * Runs a request over a journal file, also one that a desk has open, and keeps nothing but the report asked for.
 * Throws DeskError naming the option and the remedy; rejects with the signal's reason when it is given up.
 */
export async function runOverJournal(
  { request, journal, report }: JournalRun,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: JobProgress) => void },
): Promise<BacktestRun> {
  checkRequest(request);
  if (report !== null && existsSync(report)) throw taken(report);
  const scratch = mkdtempSync(join(tmpdir(), 'kelly-desk-backtest-'));
  const clock = createClock(epochMs(Date.now()));
  try {
    const runId = createIds(clock).next();
    const folder = createRunStore(scratch).begin(runId);
    const given = {
      runId,
      journalPath: resolve(journal),
      folder,
      startedAt: clock.now(),
      version: packageJson.version,
    };
    await runInThread(jobOf(request, given, null), { signal, onProgress });
    const stored = readRun(folder);
    if (stored === null) throw new Error('the run was not written whole');
    if (report !== null) await writeReport(folder, report, signal);
    return stored;
  } finally {
    clock.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function writeReport(folder: string, report: string, signal: AbortSignal): Promise<void> {
  const part = join(dirname(resolve(report)), `.${Date.now().toString(36)}.report.part`);
  const quiet = { signal, onProgress: () => undefined };
  try {
    await runInThread({ kind: 'export', format: 'html', folder, path: part }, quiet);
    if (existsSync(report)) throw taken(report);
    renameSync(part, report);
  } finally {
    rmSync(part, { force: true });
  }
}
