import type { ModelVersion } from '#shared/domain/prediction.ts';
import { type PredictRequest, WIRE_SCHEMA, predictRequestSchema } from './wire.ts';

/** Chances of the planned long trade, of the planned short one, and that neither nets above zero. */
export type Chances = { readonly short: number; readonly neutral: number; readonly long: number };

/** What a model in the house answers: its chances, with its members' where it has any, or why it cannot. */
export type Verdict =
  | {
      readonly ok: true;
      readonly chances: Chances;
      readonly members?: readonly { readonly name: string; readonly weight: number; readonly chances: Chances }[];
    }
  | { readonly ok: false; readonly message: string };

export type AnsweringModel = {
  /** `featureSchema` is what a request must carry. */
  readonly version: ModelVersion & { readonly featureSchema: string };
  readonly horizonBars: number;
  readonly answer: (request: PredictRequest) => Verdict;
};

type Reply = { readonly status: number; readonly body: unknown };

const refusal = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { code, message } },
});

/** Answers POST /predict of the desk's contract for one model: whatever is wrong with the question is said by name. */
export function answerPredict(body: unknown, { version, horizonBars, answer }: AnsweringModel): Reply {
  const parsed = predictRequestSchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refusal(400, 'bad-request', `${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid'}`);
  }
  const { requestId, symbol, asOf, features } = parsed.data;
  const [rows, width] = features.shape;
  const isShaped = rows * width === features.data.length && width === features.names.length;
  if (features.schema !== version.featureSchema || !isShaped) {
    const message = `features: want schema ${version.featureSchema} and rows × names numbers`;
    return refusal(400, 'bad-features', message);
  }
  const verdict = answer(parsed.data);
  if (!verdict.ok) return refusal(422, 'cannot-answer', verdict.message);
  const members = verdict.members?.map(({ name, weight, chances }) => ({ name, weight, probabilities: chances }));
  return {
    status: 200,
    body: {
      ...{ schema: WIRE_SCHEMA, requestId, symbol, asOf, generatedAt: new Date().toISOString(), horizonBars },
      ...{ model: version, probabilities: verdict.chances },
      ...(members === undefined || members.length === 0 ? {} : { members }),
    },
  };
}
