import { z } from 'zod';

/** POST /invocations: a list with one prediction, the outputs by name, or one number. */
export const predictSchema = z.union([
  z.looseObject({ predictions: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown()), z.number()]) }),
  // MLflow 1 answers with the list alone.
  z.array(z.unknown()).transform((predictions) => ({ predictions })),
]);
