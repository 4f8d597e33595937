import { z } from 'zod';
import { versionText } from '#desk/adapters/models/wire-read.ts';

/** GET /v1/models/M: every version that is served, and whether it can be asked. */
export const statusSchema = z.looseObject({
  model_version_status: z.array(z.looseObject({ version: versionText, state: z.string() })),
});

const tensorInfoSchema = z.looseObject({
  dtype: z.string().optional(),
  tensor_shape: z
    .looseObject({
      dim: z.array(z.looseObject({ size: z.coerce.number().optional() })).optional(),
      unknown_rank: z.boolean().optional(),
    })
    .optional(),
});
export type TensorInfo = z.output<typeof tensorInfoSchema>;

/** GET /v1/models/M/metadata: the signatures of the model. Sizes come as texts; −1 is a dimension of any length. */
export const metadataSchema = z.looseObject({
  model_spec: z.looseObject({ version: versionText.nullish() }).nullish(),
  metadata: z.looseObject({
    signature_def: z.looseObject({
      signature_def: z.record(
        z.string(),
        z.looseObject({
          inputs: z.record(z.string(), tensorInfoSchema).nullish(),
          outputs: z.record(z.string(), tensorInfoSchema).nullish(),
        }),
      ),
    }),
  }),
});

/** POST …:predict, answered by rows or by columns, as it was asked. */
export const predictSchema = z.looseObject({
  predictions: z.array(z.unknown()).optional(),
  outputs: z.unknown().optional(),
});
