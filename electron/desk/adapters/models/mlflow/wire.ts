import { z } from 'zod';

/** POST /invocations: a list with one prediction, or the outputs by name. */
export const predictSchema = z.union([
  z.looseObject({ predictions: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]) }),
  // MLflow 1 answers with the list alone.
  z.array(z.unknown()).transform((predictions) => ({ predictions })),
]);
