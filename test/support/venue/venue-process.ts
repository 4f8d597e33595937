import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CrashPoint, DeskReport, DeskSetup } from './live-desk.ts';
import type { VenueOrder, VenueReport, VenueSetup } from './tcp-venue.ts';

const VENUE = join(import.meta.dirname, 'venue-child.ts');
const DESK = join(import.meta.dirname, 'desk-child.ts');

/** A venue in a process of its own. */
export type VenueProcess = {
  readonly port: number;
  readonly tell: (order: VenueOrder) => Promise<VenueReport>;
};

/** A desk in a process of its own. */
export type DeskProcess = {
  /** Asks what it is like now; with `approve` it has a signal first, and approves what comes of it. */
  readonly ask: (what: 'look' | 'approve' | 'flatten') => Promise<DeskReport>;
  /** Resolves when it has stopped where it was to stop. */
  readonly stoppedAt: Promise<string>;
  readonly kill: () => Promise<void>;
};

const start = (script: string, setup: unknown): ChildProcess => {
  const child = fork(script, [JSON.stringify(setup)], { execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
};
const nextMessage = async (child: ChildProcess): Promise<unknown> => {
  const [message] = (await once(child, 'message')) as unknown[];
  return message;
};

/** Starts venues that share a process, each with an account of its own. */
export async function startVenues(setups: readonly VenueSetup[]): Promise<readonly VenueProcess[]> {
  const child = start(VENUE, setups);
  const { ports } = (await nextMessage(child)) as { ports: readonly number[] };
  const waiting = new Map<number, (report: VenueReport) => void>();
  let asked = 0;
  child.on('message', ({ id, report }: { id: number; report: VenueReport }) => {
    waiting.get(id)?.(report);
    waiting.delete(id);
  });
  return ports.map((port, to) => ({
    port,
    tell: (order) =>
      new Promise((resolve) => {
        asked += 1;
        waiting.set(asked, resolve);
        child.send({ id: asked, to, order });
      }),
  }));
}

export async function startVenue(setup: VenueSetup): Promise<VenueProcess> {
  const [venue] = await startVenues([setup]);
  if (venue === undefined) throw new Error('the venue did not start');
  return venue;
}

export async function startDeskProcess(setup: DeskSetup & { readonly point: CrashPoint | null }): Promise<DeskProcess> {
  const child = start(DESK, setup);
  const ended = once(child, 'exit');
  const stoppedAt = new Promise<string>((resolve) => {
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim()));
  });
  await nextMessage(child);
  return {
    ask: async (what) => {
      child.send(what);
      return (await nextMessage(child)) as DeskReport;
    },
    stoppedAt,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
