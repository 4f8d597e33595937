import type { ModelId } from '#shared/domain/prediction.ts';
import { modelConnectionSchema, type ModelConnection } from '#desk/adapters/models/config.ts';
import { createForecastSource, type ForecastSourceParts } from '#desk/adapters/models/forecast-sources.ts';
import { createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';

export type SourceOptions = Partial<Omit<ForecastSourceParts, 'clock' | 'model'>> & {
  readonly model?: ModelId;
  readonly clock: Clock;
  /** The connection as a file would have it, over a desk service at `url`. */
  readonly connection?: Readonly<Record<string, unknown>>;
};

/** Parses a connection as the file would be. */
export const connectionOf = (fields: Readonly<Record<string, unknown>>): ModelConnection =>
  modelConnectionSchema.parse({ kind: 'desk', ...fields });

/** A source as a profile makes it, on the service at `url`. */
export function modelSource(url: string, { connection = {}, ...parts }: SourceOptions): ForecastSource {
  return createForecastSource(connectionOf({ url, ...connection }), {
    model: 'lstm',
    features: createFeatureBuilder(),
    ...parts,
  });
}

/** Secrets by name, from nowhere but the test. */
export const secretsOf = (secrets: Readonly<Record<string, string>>): NonNullable<ForecastSourceParts['secrets']> => ({
  get: (name) => Promise.resolve(secrets[name] ?? null),
});
