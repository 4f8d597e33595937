import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { createStream } from 'rotating-file-stream';
import { hideKnownSecrets } from '#desk/desk.ts';
import type { OnIncident } from '#desk/serve.ts';

/** A log file is begun anew at this size, and this many older ones are kept. */
const LOG_SIZE = '5M';
const LOGS_KEPT = 5;

/**
 * Makes the log of one profile: `desk.log` beside its journal, one JSON object a line, readable by its owner only. A full
 * one becomes `desk.1.log`, the one before that `desk.2.log`, and so on. A log that cannot be written is gone without,
 * rather than ending a desk that holds positions.
 */
export function openLog(dataFolder: string, profile: string): Logger {
  const folder = path.join(dataFolder, 'profiles', profile);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const destination = createStream((index) => (typeof index === 'number' ? `desk.${index}.log` : 'desk.log'), {
    path: folder,
    size: LOG_SIZE,
    rotate: LOGS_KEPT,
    mode: 0o600,
  });
  destination.on('error', () => undefined);
  return pino(
    {
      ...{ level: 'info', base: null },
      redact: { paths: ['*.token', '*.apiKey', '*.password'], censor: '[secret]' },
      // Adapters let no secret out; an error nobody caught may come from below them.
      hooks: { streamWrite: hideKnownSecrets },
    },
    destination,
  );
}

/** Writes incidents of the door to the log, with their cause. */
export const logIncidents =
  (log: Logger): OnIncident =>
  ({ id, operation, cause }) =>
    log.error({ event: 'incident', incident: id, operation, err: cause });
