import { z } from 'zod';
import { calibrationPreviewSchema, calibrationStateSchema, modelsReportSchema } from '#shared/domain/models.ts';
import { epochMsSchema } from '#shared/units.ts';
import { command, query, topic, type Entry } from './define.ts';

/** The fit that was previewed, by its version: not another one that came meanwhile. */
const choice = z.strictObject({
  version: z.string().min(1).max(64),
  reason: z.string().trim().min(1).max(500).optional(),
});

/** What the Models screen reads and decides. */
export const modelsOperations = {
  'models.report': query({ input: z.strictObject({}), output: modelsReportSchema }),
  /** What a calibrator fitted now would change. Nothing is put in force. */
  'models.calibrationPreview': query({ input: z.strictObject({}), output: calibrationPreviewSchema }),
  /** Puts the previewed calibrator in force for the decisions from now on. Journaled. */
  'models.acceptCalibration': command({ input: choice, output: calibrationStateSchema }),
  /** Leaves the calibrator in force as it is until enough new outcomes have come. Journaled. */
  'models.declineCalibration': command({ input: choice, output: calibrationStateSchema }),
  /** Something the report is made of is new: an outcome, a version, a calibrator. */
  'models.changed': topic(z.strictObject({ at: epochMsSchema })),
} as const satisfies Readonly<Record<string, Entry>>;
