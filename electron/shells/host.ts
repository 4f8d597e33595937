import path from 'node:path';
import type { Logger } from 'pino';
import { openRecoverableDesk, profileOfConfig, VERSION } from '#desk/desk.ts';
import type { Desk, SecretVault } from '#desk/desk.ts';
import type { Door } from '#desk/serve.ts';
import { startHttpShell } from './http/server.ts';
import type { HttpShell } from './http/server.ts';
import { logIncidents, openLog } from './log.ts';

export type HostOptions = {
  readonly dataFolder: string;
  readonly profile: 'simulation' | 'replay' | 'paper' | 'live';
  readonly port: number;
  readonly seed: number | null;
  /** A connections file elsewhere than in the profile's folder; it says which profile is opened. */
  readonly config?: string | null;
  /** The key store of the system, where the shell has one. */
  readonly vault?: SecretVault | null;
};

/** An open desk with its log, as every shell holds it. */
export type OpenedDesk = {
  readonly desk: Desk;
  readonly door: Door;
  readonly log: Logger;
  /** Folder of the profile: journal, backups, settings. */
  readonly folder: string;
};

/** Opens the desk of a profile. Throws DeskError 'journal-in-use' when another shell has it. */
export async function openForShell(options: HostOptions): Promise<OpenedDesk> {
  const { dataFolder, seed, config = null, vault = null } = options;
  const profile = config === null ? options.profile : profileOfConfig(config);
  const logger = openLog(dataFolder, profile);
  const shared = { dataFolder, profile, logger, vault, configPath: config };
  const desk = await openRecoverableDesk({ ...shared, ...(seed === null ? {} : { seed }) });
  // A failed warm-up is told on the screens by the desk itself.
  desk.ready().catch((error: unknown) => logger.error({ event: 'not-ready', err: error }));
  return {
    desk,
    door: {
      // What a desk answers changes when it is restored and opens.
      get handlers() {
        return desk.handlers;
      },
      stream: desk.stream,
      onIncident: logIncidents(logger),
    },
    log: logger,
    folder: path.join(dataFolder, 'profiles', profile),
  };
}

/** Serves an open desk over HTTP, page included. */
export const serveOverHttp = (
  door: Door,
  options: { readonly port: number; readonly root: string },
): Promise<HttpShell> =>
  startHttpShell({
    desk: door,
    port: options.port,
    staticFolder: path.join(options.root, 'dist/renderer'),
    version: VERSION,
  });
