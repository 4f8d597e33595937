import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { openDesk, type Desk } from '#desk/desk.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { epochMs } from '#shared/units.ts';

/** A simulated Tuesday morning, five seconds into a minute. */
export const START = epochMs(Date.UTC(2026, 8, 15, 15, 0, 5));
const SEEDS = 40;
const JOURNAL = 'profiles/simulation/journal.db';
/** Sessions of history of a desk in a test. */
export const SESSIONS = 30;
/** What the folder of a run is called, before the number of its process. */
const RUN = 'kelly-desk-e2e-run-';
const isTestRun = process.env['VITEST_POOL_ID'] !== undefined;

/** A simulation whose history is made, closed before it went live: what opens on it goes live as at a first start. */
const warmedSchema = z.strictObject({ folder: z.string(), seed: z.number(), sessions: z.number() }).readonly();
export type WarmedProfile = z.infer<typeof warmedSchema>;

/** Opens the simulation and waits until it is live and has evaluated its markets once. */
export async function openSimulation(dataFolder: string, seed: number, warmUpSessions: number): Promise<Desk> {
  const desk = await openDesk({ dataFolder, profile: 'simulation', seed, startAt: START, warmUpSessions });
  await desk.ready();
  return desk;
}

/** The proposals of the first live evaluation: it starts when the desk is ready and takes a moment. */
export async function proposalsOf(desk: Desk): Promise<readonly Recommendation[]> {
  for (let round = 0; round < 200; round += 1) {
    const { recommendations } = await desk.handlers['desk.snapshot']({});
    if (recommendations.some((r) => r.createdAt >= START)) return recommendations.filter((r) => r.state === 'proposed');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the desk evaluated nothing within five seconds');
}

/** Makes the history and closes the desk within its last session: the session is finished, and nothing goes live. */
async function makeHistory(dataFolder: string, seed: number, warmUpSessions: number): Promise<void> {
  const desk = await openDesk({ dataFolder, profile: 'simulation', seed, startAt: START, warmUpSessions });
  await new Promise<void>((resolve, reject) => {
    desk.stream.subscribe(null, (event) => {
      if (event.topic === 'desk.startup' && event.payload.done === warmUpSessions - 1) resolve();
    });
    desk.ready().then(resolve, reject);
  });
  await desk.close();
}

/** Copies what a profile is made of into a data folder; what is there already, such as settings, stays. */
export function copyProfile(from: string, to: string): void {
  cpSync(path.join(from, 'profiles'), path.join(to, 'profiles'), {
    recursive: true,
    force: false,
    filter: (file) => !file.endsWith('.lock') && !file.endsWith('.ballast'),
  });
}

export const isWarm = (folder: string): boolean => existsSync(path.join(folder, JOURNAL));

/**
 * Makes the history of the first seed whose desk comes alive with a proposal of two contracts or more. What a seed
 * proposes changes with the engine, so tests look for one instead of trusting a number.
 */
async function warm(sessions: number): Promise<WarmedProfile> {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const folder = newFolder('warmed-');
    await makeHistory(folder, seed, sessions);
    const trial = newFolder('trial-');
    copyProfile(folder, trial);
    const desk = await openSimulation(trial, seed, sessions);
    const open = (await proposalsOf(desk)).filter((r) => r.decision.contracts >= 2);
    await desk.close();
    rmSync(trial, { recursive: true, force: true });
    if (open.length > 0) return { folder, seed, sessions };
    rmSync(folder, { recursive: true, force: true });
  }
  throw new Error(`none of ${SEEDS} seeds proposes a trade`);
}

const made = new Map<number, Promise<WarmedProfile>>();

/** The warmed profile of so many sessions: in a run of tests one for all of its processes, else one of this process. */
export function warmedProfile(sessions: number): Promise<WarmedProfile> {
  const found = made.get(sessions) ?? (isTestRun ? sharedProfile(sessions) : warm(sessions));
  made.set(sessions, found);
  return found;
}

/** Made by whichever process of the run needs it first; the others wait for it. */
async function sharedProfile(sessions: number): Promise<WarmedProfile> {
  const told = path.join(runFolder(), `${sessions}-sessions.json`);
  try {
    mkdirSync(`${told}.lock`);
  } catch {
    // Another process makes it.
    return waitFor(told);
  }
  const profile = await warm(sessions);
  writeFileSync(`${told}.new`, JSON.stringify(profile));
  renameSync(`${told}.new`, told);
  return profile;
}

async function waitFor(told: string): Promise<WarmedProfile> {
  for (let round = 0; round < 1_000; round += 1) {
    if (existsSync(told)) return warmedSchema.parse(JSON.parse(readFileSync(told, 'utf8')));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no other process of this run made ${told}`);
}

/** A new data folder for one desk. */
export const deskFolder = (): string => newFolder('desk-');
const newFolder = (prefix: string): string => mkdtempSync(path.join(runFolder(), prefix));

/** The folder of this run: its processes have one parent. Folders of runs that are over are removed by the next one. */
function runFolder(): string {
  const own = path.join(tmpdir(), `${RUN}${isTestRun ? process.ppid : process.pid}`);
  if (existsSync(own)) return own;
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(RUN) && !isRunning(Number(name.slice(RUN.length)))) {
      rmSync(path.join(tmpdir(), name), { recursive: true, force: true });
    }
  }
  mkdirSync(own, { recursive: true });
  return own;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
