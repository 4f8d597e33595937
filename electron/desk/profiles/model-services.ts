import { z } from 'zod';
import type { ModelId } from '#shared/domain/prediction.ts';
import { secretNameSchema } from '#desk/adapters/connection-parts.ts';
import { createHttpForecastSource, type HttpForecastSource } from '#desk/adapters/models/client.ts';
import type { Clock } from '#desk/ports/clock.ts';

/** A model service in the desk's own JSON contract. */
export const modelConnectionSchema = z.strictObject({
  kind: z.literal('desk'),
  url: z.url().describe('Base address; /predict and /healthz are appended'),
  tokenSecret: secretNameSchema.optional(),
});
export type ModelConnection = z.output<typeof modelConnectionSchema>;

/** Makes the source a configuration names. */
export const createModelSource = (
  model: ModelId,
  config: ModelConnection,
  parts: { readonly clock: Clock; readonly maxAgeMs: number; readonly token: string | null },
): HttpForecastSource => createHttpForecastSource({ model, url: config.url, ...parts });
