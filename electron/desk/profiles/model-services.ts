import { createForecastSource, type ForecastSourceParts } from '#desk/adapters/models/forecast-sources.ts';
import type { ModelConnection } from '#desk/adapters/models/config.ts';
import { createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';

export { modelConnectionSchema, type ModelConnection } from '#desk/adapters/models/config.ts';

/** Makes the source a configuration names, with the features the desk builds. */
export const createModelSource = (
  config: ModelConnection,
  parts: Omit<ForecastSourceParts, 'features'>,
): ForecastSource => createForecastSource(config, { ...parts, features: createFeatureBuilder() });
