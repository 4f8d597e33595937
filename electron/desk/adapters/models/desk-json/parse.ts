import { type Result, err, ok } from '#shared/result.ts';
import type { NamedOutput } from '#desk/adapters/models/config.ts';
import { type ForecastError, printable } from '#desk/adapters/models/error.ts';
import { parseJson } from '#desk/adapters/models/json.ts';
import type { Answer, ServiceCard } from '#desk/adapters/models/model-client.ts';
import { type Opinion, type Read, badField, readOutput } from '#desk/adapters/models/output.ts';
import { fieldError } from '#desk/adapters/models/wire-read.ts';
import { readMembers, withoutThresholds } from './members.ts';
import { checkAnswer } from './quick-check.ts';
import { type OutputFields, type PredictRequest, healthSchema } from './wire.ts';

/**
 * Reads the text of an answer to `request`.
 * @errors 'not-json', 'bad-field', 'wrong-echo': each names the field, the value and what was expected
 */
export function parseAnswer(
  text: string,
  request: PredictRequest,
  want: { readonly output: NamedOutput; readonly horizonBars: number | null },
): Read<Answer> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const checked = checkAnswer(json.value);
  if (!checked.ok) return err(fieldError(checked.issue, json.value));
  const response = checked.answer;
  for (const field of ['requestId', 'symbol'] as const) {
    if (response[field] !== request[field]) {
      return err({ code: 'wrong-echo', field, sent: request[field], got: response[field] });
    }
  }
  const horizon = checkHorizon(response.horizonBars, want.horizonBars);
  if (!horizon.ok) return horizon;
  const opinion = readOpinion(response, want.output);
  if (!opinion.ok) return opinion;
  const each = withoutThresholds(want.output);
  const voices = readMembers(response.members, opinion.value, (fields) => readOpinion(fields, each));
  if (!voices.ok) return voices;
  const { name, version, sha256, featureSchema } = response.model;
  return ok({
    ...voices.value,
    opinion: opinion.value,
    asOf: Date.parse(response.asOf),
    version: { name, version: String(version), sha256: sha256 ?? null, featureSchema: featureSchema ?? null },
  });
}

function checkHorizon(got: number | null | undefined, wanted: number | null): Result<null, ForecastError> {
  if (wanted === null || got == null || got === wanted) return ok(null);
  return err({
    code: 'differs',
    what: `the model looks ${got} bars ahead; the connection says ${wanted}`,
    remedy: 'Correct horizonBars of the connection, or ask the model that was meant.',
  });
}

const LABELS: ('short' | 'neutral' | 'long')[] = ['short', 'neutral', 'long'];

type Classes = { readonly short: number; readonly neutral: number; readonly long: number };

/** Each kind reads its own field and no other, however many the answer has. */
function readOpinion(response: OutputFields, output: NamedOutput): Read<Opinion> {
  const { kind, minConfidence, minMargin } = output;
  const thresholds = { minConfidence, minMargin };
  switch (kind) {
    case 'probs3':
      return readClasses(response.probabilities, 'probabilities', { kind, ...thresholds });
    case 'logits3':
      return readClasses(response.logits, 'logits', { kind, ...thresholds });
    case 'pUp':
      if (response.pUp == null) return badField('pUp', undefined, 'a probability in [0, 1]');
      return readOutput({ kind, tensor: null, ...thresholds }, single('pUp', response.pUp), null);
    case 'logitUp':
      if (response.logitUp == null) return badField('logitUp', undefined, 'a number');
      return readOutput({ kind, tensor: null, ...thresholds }, single('logitUp', response.logitUp), null);
    case 'label+conf': {
      const { direction, confidence } = response;
      const reading = { kind, labels: LABELS, tensor: 'direction', confidenceTensor: 'confidence', ...thresholds };
      if (confidence == null) return badField('confidence', undefined, 'a probability in [0, 1]');
      return readOutput(reading, single('direction', direction ?? undefined), single('confidence', confidence));
    }
  }
}

const single = (field: string, item: unknown) => ({ items: [item], field, fieldAt: () => field });

function readClasses(
  given: Classes | null | undefined,
  field: string,
  output: { readonly kind: 'probs3' | 'logits3'; readonly minConfidence: number; readonly minMargin: number },
): Read<Opinion> {
  if (given == null) return badField(field, undefined, '{short, neutral, long}');
  const items = LABELS.map((label) => given[label]);
  const values = { items, field, fieldAt: (index: number) => `${field}.${LABELS[index] ?? index}` };
  return readOutput({ ...output, labels: LABELS, tensor: null }, values, null);
}

/** What the health page says, where it says anything: only its status counts. */
export function healthSummary(page: Read<unknown> | null): Result<ServiceCard, ForecastError> {
  if (page === null) return ok({ summary: 'each answer names its model, version and feature schema', version: null });
  const health = page.ok ? healthSchema.safeParse(page.value) : null;
  const said = health?.success === true ? (health.data.model ?? health.data.status) : undefined;
  return ok({ summary: said === undefined ? 'healthy' : `healthy: ${printable(said)}`, version: null });
}
