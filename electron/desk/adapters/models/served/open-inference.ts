import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ServedModel } from './service.ts';

/** Open Inference Protocol v2, the part of it that a client of one tensor needs. */
export const INPUT = 'features';
export const OUTPUT = 'probabilities';
const CLASSES = ['short', 'neutral', 'long'] as const;

const numberTree: z.ZodType<number | readonly unknown[]> = z.lazy(() => z.union([z.number(), z.array(numberTree)]));

const inferSchema = z.looseObject({
  id: z.string().optional(),
  inputs: z.array(
    z.looseObject({ name: z.string(), shape: z.array(z.number().int().positive()), data: z.array(numberTree) }),
  ),
});

const numbersOf = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.flatMap((one: unknown) => numbersOf(one)) : typeof value === 'number' ? [value] : [];

const metadata = ({ id, version, input }: ServedModel) => ({
  name: id,
  versions: [version.version],
  platform: 'kelly-desk',
  inputs: [{ name: INPUT, datatype: 'FP32', shape: [-1, input.rows, input.names.length] }],
  outputs: [{ name: OUTPUT, datatype: 'FP32', shape: [-1, CLASSES.length] }],
});

type Reply = { readonly status: number; readonly body: unknown };

const refusal = (status: number, error: string): Reply => ({ status, body: { error } });

/** Answers one question. The protocol has no time of the question: the newest model answers. */
function infer(body: unknown, model: ServedModel): Reply {
  const parsed = inferSchema.safeParse(body);
  if (!parsed.success) return refusal(400, parsed.error.issues[0]?.message ?? 'invalid');
  const given = parsed.data.inputs.find(({ name }) => name === INPUT);
  const { names, rows } = model.input;
  const wanted = `input "${INPUT}" with the shape [1,${rows},${names.length}] is wanted`;
  if (given === undefined) return refusal(400, wanted);
  const data = numbersOf(given.data);
  const [batch, asked, width] = given.shape;
  if (batch !== 1 || asked !== rows || width !== names.length || data.length !== rows * width)
    return refusal(400, `${wanted}, not [${given.shape.join(',')}]`);
  const window = Array.from({ length: rows }, (_, i) => data.slice(i * width, (i + 1) * width));
  const verdict = model.answer(window, null);
  if (!verdict.ok) return refusal(422, verdict.message);
  const outputs = [
    {
      ...{ name: OUTPUT, datatype: 'FP32', shape: [1, CLASSES.length] },
      data: CLASSES.map((name) => verdict.chances[name]),
    },
  ];
  const { id } = parsed.data;
  const head = { model_name: model.id, model_version: model.version.version };
  return { status: 200, body: { ...head, ...(id === undefined ? {} : { id }), outputs } };
}

/** Adds the protocol's paths for some models to a server. */
export function addOpenInference(app: FastifyInstance, models: readonly ServedModel[]): void {
  app.get('/v2/health/live', () => ({ live: true }));
  app.get('/v2/health/ready', () => ({ ready: true }));
  app.get('/v2', () => ({ name: 'kelly-desk models', version: '2', extensions: [] }));
  for (const model of models) {
    for (const base of [`/v2/models/${model.id}`, `/v2/models/${model.id}/versions/${model.version.version}`]) {
      app.get(base, () => metadata(model));
      app.get(`${base}/ready`, () => ({ name: model.id, ready: true }));
      app.post(`${base}/infer`, (request, reply) => {
        const { status, body } = infer(request.body, model);
        return reply.code(status).send(body);
      });
    }
  }
}
