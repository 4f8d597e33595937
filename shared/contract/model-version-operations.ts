import { z } from 'zod';
import { modelVersionsSchema } from '#shared/domain/model-version.ts';
import { modelIdSchema, modelVersionSchema } from '#shared/domain/prediction.ts';
import { command, query, topic, type Entry } from './define.ts';

/** Which versions of the models the trader trades on. */
export const modelVersionOperations = {
  'models.versions': query({ input: z.strictObject({}), output: z.array(modelVersionsSchema) }),
  /** Accepts the version a model offers, named whole: not another one that came meanwhile. Journaled. */
  'models.acceptVersion': command({
    input: z.strictObject({ model: modelIdSchema, version: modelVersionSchema }),
    output: z.array(modelVersionsSchema),
  }),
  'models.versionsChanged': topic(z.array(modelVersionsSchema)),
} as const satisfies Readonly<Record<string, Entry>>;
