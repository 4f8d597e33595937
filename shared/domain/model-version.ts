import { z } from 'zod';
import { type ModelVersion, modelIdSchema, modelVersionSchema } from './prediction.ts';

/** The version of a model the trader accepted, and another one that answers now; null where there is none. */
export const modelVersionsSchema = z.strictObject({
  model: modelIdSchema,
  accepted: modelVersionSchema.nullable(),
  offered: modelVersionSchema.nullable(),
});
export type ModelVersions = z.output<typeof modelVersionsSchema>;

/** Says whether two answers come from the same model. */
export const isSameVersion = (a: ModelVersion, b: ModelVersion): boolean =>
  a.name === b.name && a.version === b.version && a.sha256 === b.sha256 && a.featureSchema === b.featureSchema;

/** Names a version in a few words: name, version and the start of the file's hash. */
export const versionText = (v: ModelVersion): string =>
  `${v.name} ${v.version}${v.sha256 === null ? '' : ` (${v.sha256.slice(0, 12)})`}`;
