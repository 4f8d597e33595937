import path from 'node:path';
import { pino } from 'pino';
import type { Logger } from 'pino';
import roll from 'pino-roll';
import type { OnIncident } from '#desk/serve.ts';

/** A log file is begun anew at this size, and this many older ones are kept. */
const LOG_SIZE = '5m';
const LOGS_KEPT = 5;

/**
 * Makes the log of one profile: `desk.N.log` beside its journal, one JSON object a line, readable by its owner only.
 * The highest number is the newest; older ones are removed.
 */
export async function openLog(dataFolder: string, profile: string): Promise<Logger> {
  const destination = await roll({
    file: path.join(dataFolder, 'profiles', profile, 'desk'),
    extension: '.log',
    size: LOG_SIZE,
    limit: { count: LOGS_KEPT, removeOtherLogFiles: true },
    mkdir: true,
    sync: true,
    mode: 0o600,
  });
  return pino(
    { level: 'info', base: null, redact: { paths: ['*.token', '*.apiKey', '*.password'], censor: '[secret]' } },
    destination,
  );
}

/** Writes incidents of the door to the log, with their cause. */
export const logIncidents =
  (log: Logger): OnIncident =>
  ({ id, operation, cause }) =>
    log.error({ event: 'incident', incident: id, operation, err: cause });
