import { z } from 'zod';

/** POST /invocations: a list with one prediction, or the outputs by name. */
export const predictSchema = z.looseObject({
  predictions: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]),
});
