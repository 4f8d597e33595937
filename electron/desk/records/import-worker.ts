import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { DeskError } from '#shared/contract/errors.ts';
import { importOptionsSchema } from '#shared/domain/import.ts';
import { planFromFile } from './import-journal.ts';
import type { PlanMessage } from './import-thread.ts';

/** Executions sent at once: the desk takes them in between other work. */
const EXECUTIONS_PER_MESSAGE = 2_000;

const jobSchema = z.strictObject({
  journalPath: z.string(),
  fileName: z.string(),
  bytes: z.instanceof(Uint8Array),
  options: importOptionsSchema,
  withExecutions: z.boolean(),
});

const say = (message: PlanMessage): void => parentPort?.postMessage(message);

function run(): void {
  const { journalPath, withExecutions, ...file } = jobSchema.parse(workerData);
  const { executions, ...plan } = planFromFile(journalPath, file);
  say({ kind: 'plan', plan });
  if (withExecutions) {
    for (let i = 0; i < executions.length; i += EXECUTIONS_PER_MESSAGE) {
      say({ kind: 'executions', executions: executions.slice(i, i + EXECUTIONS_PER_MESSAGE) });
    }
  }
  say({ kind: 'done' });
}

try {
  run();
} catch (error) {
  if (!(error instanceof DeskError)) throw error;
  say({ kind: 'refused', error: error.data });
}
