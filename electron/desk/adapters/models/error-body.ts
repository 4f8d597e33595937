import { z } from 'zod';

/** Error bodies of model services in the wild: `{error: {code, message}}`, `{error: "…"}`, `{message: "…"}`. */
export const errorBodySchema = z.union([
  z.looseObject({ error: z.looseObject({ message: z.string() }) }).transform((body) => body.error.message),
  z.looseObject({ error: z.string() }).transform((body) => body.error),
  z.looseObject({ message: z.string() }).transform((body) => body.message),
]);
