import type { NamedOutput } from '#desk/adapters/models/config.ts';
import { parseAnswer } from '#desk/adapters/models/desk-json/parse.ts';
import type { PredictRequest } from '#desk/adapters/models/desk-json/wire.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { clientFrameSchema } from '#shared/contract/frames.ts';
import { figure, interleave } from '#test/bench/harness.ts';
import type { Bench, Side } from '#test/bench/harness.ts';

const SEED = 21;
const OUTPUT: NamedOutput = { kind: 'label+conf', minConfidence: 0, minMargin: 0 };

const REQUEST: PredictRequest = {
  ...{ schema: 1, requestId: '01J9ZK4T7Q5B2R8W3N6X1C0V9M', symbol: 'NQZ26-CME', timeframe: '1m' },
  asOf: '2026-11-23T15:00:00.000Z',
  features: { schema: 'desk-1', names: ['return1'], shape: [1, 1], data: [0.01] },
};

/** Messages as they come when all is well: answers of two models, and what a page sends. */
const ANSWERS: readonly string[] = [
  {
    ...{ schema: 1, requestId: REQUEST.requestId, symbol: REQUEST.symbol, asOf: REQUEST.asOf, horizonBars: 5 },
    ...{ generatedAt: '2026-11-23T15:00:00.180Z', direction: 'long', confidence: 0.6834 },
    model: { name: 'lstm', version: '2026.11.1', sha256: 'ab'.repeat(32), featureSchema: 'desk-1' },
  },
  {
    ...{ schema: 1, requestId: REQUEST.requestId, symbol: REQUEST.symbol, asOf: REQUEST.asOf, horizonBars: 5 },
    ...{ direction: 'short', confidence: 0.61, probabilities: { short: 0.61, neutral: 0.12, long: 0.27 } },
    model: { name: 'ensemble', version: 14, featureSchema: 'desk-1' },
    members: [
      { name: 'forest', weight: 0.5, direction: 'short', confidence: 0.66 },
      { name: 'boost', weight: 0.3, direction: 'short', confidence: 0.58 },
      { name: 'logit', weight: 0.2, error: 'no answer' },
    ],
  },
].map((message) => JSON.stringify(message));

const FRAMES: readonly string[] = [
  { kind: 'call', id: 7, op: 'recommendation.approve', input: { recommendationId: REQUEST.requestId, contracts: 2 } },
  { kind: 'subscribe', after: 1042 },
].map((message) => JSON.stringify(message));

/** What is put in the place of a number or a word. */
const HOSTILE = ['null', '-1', '1e999', '""', '[]', '{}', 'true', '1e-320', '"__proto__"', '-0', '9007199254740993'];

type Mutate = (text: string) => string;

/** One change to a text: a value swapped for a hostile one, a stretch left out, said twice, or a character turned. */
function mutator(): Mutate {
  const random = createPrng(SEED);
  const below = (n: number): number => Math.floor(random.nextDouble() * n);
  return (text) => {
    const at = below(text.length);
    switch (below(8)) {
      case 0:
        return text.slice(0, at) + text.slice(at + 1 + below(12));
      case 1:
        return text.slice(0, at) + text.slice(at, at + 1 + below(12)) + text.slice(at);
      case 2:
        return text.slice(0, at) + String.fromCharCode(below(0x2000)) + text.slice(at + 1);
      default: {
        // Most changes leave a message that can be read: those are the ones that have to be looked into.
        const colon = text.indexOf(':', at);
        if (colon === -1) return text.slice(0, at);
        const rest = /^(?:"[^"]*"|[^,{}[\]]+)/.exec(text.slice(colon + 1, colon + 100));
        return (
          text.slice(0, colon + 1) +
          (HOSTILE[below(HOSTILE.length)] ?? '') +
          text.slice(colon + 1 + (rest?.[0].length ?? 0))
        );
      }
    }
  };
}

function isRead(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** As the shell reads a frame: no JSON, or none of ours, is refused. */
function isFrame(text: string): boolean {
  try {
    return clientFrameSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

const isAnswer = (text: string): boolean => parseAnswer(text, REQUEST, { output: OUTPUT, horizonBars: 5 }).ok;

type Task = { readonly name: string; readonly texts: readonly string[]; readonly take: (text: string) => boolean };

/** Messages a second, mutated anew each time, and how many of them were taken for good. */
function side({ name, texts, take }: Task, count: number): Side {
  return () => {
    const mutate = mutator();
    let taken = 0;
    const before = process.threadCpuUsage();
    for (let i = 0; i < count; i += 1) if (take(mutate(texts[i % texts.length] ?? ''))) taken += 1;
    const { user, system } = process.threadCpuUsage(before);
    return {
      [`${name}, rate`]: figure(count / ((user + system) / 1e6), '/s'),
      [`${name}, let through`]: figure((100 * taken) / count, '%'),
    };
  };
}

/** How many malformed messages a second can be thrown at the checks, so that a million of them are seconds. */
export const fuzz: Bench = {
  name: 'fuzz',
  title: 'Malformed messages a second, with all checks',
  run: async ({ rounds, isQuick }) => {
    for (const text of ANSWERS) if (!isAnswer(text)) throw new Error(`a good answer is refused: ${text}`);
    for (const text of FRAMES) if (!isFrame(text)) throw new Error(`a good frame is refused: ${text}`);
    const count = isQuick ? 2_000 : 100_000;
    const series = await interleave(
      [
        side({ name: 'answers of models: parsed alone', texts: ANSWERS, take: isRead }, count),
        side({ name: 'answers of models: checked', texts: ANSWERS, take: isAnswer }, count),
        side({ name: 'frames of a page: parsed alone', texts: FRAMES, take: isRead }, count),
        side({ name: 'frames of a page: checked', texts: FRAMES, take: isFrame }, count),
      ],
      { rounds },
    );
    return {
      series,
      notes: [
        'Each message is a good one with one change, drawn from the same seed on all sides: a value swapped for a hostile one (five in eight), a stretch left out or said twice, a character turned. "Parsed alone" changes the text and gives it to JSON.parse; "checked" lets the desk read it.',
      ],
    };
  },
};
