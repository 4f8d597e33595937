import { z } from 'zod';
import { versionText } from '#desk/adapters/models/wire-read.ts';

/** @source kserve/open-inference-protocol, specification/protocol/inference_rest.md */

/** GET …/ready: any 200 will do (Triton's is empty); a body that says no is believed. */
export const readySchema = z.looseObject({ ready: z.unknown().optional(), live: z.unknown().optional() });

const tensorMetadataSchema = z.looseObject({
  name: z.string(),
  datatype: z.string().nullish(),
  shape: z
    .array(z.union([z.null().transform(() => -1), z.coerce.number()]))
    .nullish()
    .transform((shape) => shape ?? undefined),
});

/** GET /v2/models/M. −1 in a shape is a dimension of any length. */
export const metadataSchema = z.looseObject({
  name: z.string().optional(),
  versions: z.array(versionText).nullish(),
  platform: z.string().nullish(),
  inputs: z.array(tensorMetadataSchema).nullish(),
  outputs: z.array(tensorMetadataSchema).nullish(),
});
export type Metadata = z.output<typeof metadataSchema>;

/** POST …/infer, as answered. `data` is flat or nested, whatever the shape. */
export const responseSchema = z.looseObject({
  model_name: z.string().nullish(),
  model_version: versionText.nullish(),
  id: z.string().nullish(),
  outputs: z.array(
    z.looseObject({
      name: z.string(),
      shape: z.array(z.number().int().min(0)).nullish(),
      datatype: z.string().nullish(),
      data: z.union([z.array(z.unknown()), z.number(), z.string()]),
    }),
  ),
});

/** POST …/infer, as asked. */
export type InferRequest = {
  readonly id: string;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly datatype: string;
    readonly data: readonly number[];
  }[];
  readonly outputs?: readonly { readonly name: string }[];
};
