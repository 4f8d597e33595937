import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDesk, type Desk } from '#desk/desk.ts';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { epochMs } from '#shared/units.ts';

/** A simulated Tuesday morning on which seed 1 proposes several trades at once. */
export const START = epochMs(Date.UTC(2026, 8, 15, 15, 0, 5));
export const SEED = 1;
export const SESSIONS = 30;

export type RunningDesk = {
  readonly desk: Desk;
  readonly shell: HttpShell;
  readonly folder: string;
  close(): Promise<void>;
};

/** Opens the real simulation behind the real HTTP shell, on a journal of its own. */
export async function startDesk(
  options: { readonly folder?: string; readonly seed?: number; readonly sessions?: number } = {},
): Promise<RunningDesk> {
  const folder = options.folder ?? mkdtempSync(path.join(tmpdir(), 'kelly-desk-e2e-'));
  const desk = await openDesk({
    dataFolder: folder,
    profile: 'simulation',
    seed: options.seed ?? SEED,
    startAt: START,
    warmUpSessions: options.sessions ?? SESSIONS,
  });
  const shell = await startHttpShell({ desk, staticFolder: path.resolve(import.meta.dirname, '../../dist/renderer') });
  return {
    desk,
    shell,
    folder,
    close: async () => {
      await shell.close();
      await desk.close();
    },
  };
}
