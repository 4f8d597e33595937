import path from 'node:path';
import { pino } from 'pino';
import type { Logger } from 'pino';
import type { OnIncident } from '#desk/serve.ts';

/** Makes the log of one profile: `desk.log` beside its journal, one JSON object a line, readable by its owner only. */
export function openLog(dataFolder: string, profile: string): Logger {
  const dest = path.join(dataFolder, 'profiles', profile, 'desk.log');
  return pino(
    { level: 'info', base: null, redact: { paths: ['*.token', '*.apiKey', '*.password'], censor: '[secret]' } },
    pino.destination({ dest, mkdir: true, sync: true, mode: 0o600 }),
  );
}

/** Writes incidents of the door to the log, with their cause. */
export const logIncidents =
  (log: Logger): OnIncident =>
  ({ id, operation, cause }) =>
    log.error({ event: 'incident', incident: id, operation, err: cause });
