import { createForecastSource, type ForecastSourceParts } from '#desk/adapters/models/forecast-sources.ts';
import type { ModelConnection } from '#desk/adapters/models/config.ts';
import { createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import { type ModelTestParts, testForecastSource } from '#desk/adapters/models/test-forecast-source.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';

export { modelConnectionSchema, type ModelConnection } from '#desk/adapters/models/config.ts';

/** Makes the source a configuration names, with the features the desk builds. */
export const createModelSource = (
  config: ModelConnection,
  parts: Omit<ForecastSourceParts, 'features'>,
): ForecastSource => createForecastSource(config, { ...parts, features: createFeatureBuilder() });

/** Tests the connection to a model step by step, with the features the desk builds. Never rejects. */
export const testModelConnection = (
  config: ModelConnection,
  parts: Omit<ModelTestParts, 'features'>,
): Promise<boolean> => testForecastSource(config, { ...parts, features: createFeatureBuilder() });
