import path from 'node:path';
import type { Desk } from '#desk/desk.ts';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import {
  SESSIONS,
  START,
  copyProfile,
  deskFolder,
  isWarm,
  openSimulation,
  proposalsOf,
  warmedProfile,
} from './warmed-profile.ts';

export { START };

export type RunningDesk = {
  readonly desk: Desk;
  readonly shell: HttpShell;
  readonly folder: string;
  close(): Promise<void>;
};

/**
 * Opens the real simulation, warmed up and with proposals, behind the real HTTP shell, on a journal of its own. Every
 * desk of so many sessions is the same desk at its start.
 */
export async function startDesk(
  options: { readonly folder?: string; readonly sessions?: number } = {},
): Promise<RunningDesk> {
  const folder = options.folder ?? deskFolder();
  const sessions = options.sessions ?? SESSIONS;
  const warmed = await warmedProfile(sessions);
  if (!isWarm(folder)) copyProfile(warmed.folder, folder);
  const desk = await openSimulation(folder, warmed.seed, sessions);
  await proposalsOf(desk);
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
