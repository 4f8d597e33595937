import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, ticks } from '#shared/units.ts';
import {
  PROTOCOLS,
  PROTOCOL_NAMES,
  type ProtocolName,
  type Reply,
  startModelServer,
} from '#test/support/model-servers.ts';
import { modelSource } from '#test/support/model-source.ts';
import { generator } from '#test/support/random.ts';
import { rounds } from '#test/support/scale.ts';
import { START, createVirtualClock } from './virtual-clock.ts';

/**
 * Servers of the same protocols that are not the ones of this repository: each answer is written in another way that
 * the protocol allows, or that servers in the field are known for, by a seed. Whatever the way, it is the same answer.
 */

const MINUTE = 60_000;
const bars: readonly Bar[] = Array.from({ length: 30 }, (_, i) => {
  const close = 84_000 + Math.round(40 * Math.sin(i / 3)) + i;
  const [openAt, closeAt] = [epochMs(START + (i - 30) * MINUTE), epochMs(START + (i - 29) * MINUTE)];
  const prices = { open: ticks(close - 3), high: ticks(close + 9), low: ticks(close - 12), close: ticks(close) };
  return { symbol: 'NQ', timeframe: '1m', openAt, closeAt, ...prices, volume: 500 + ((i * 37) % 90) };
});

type Body = Record<string, unknown>;
type Dice = { readonly is: (chance?: number) => boolean; readonly of: <T>(...options: readonly T[]) => T };
const diceOf = (seed: number): Dice => {
  const random = generator(seed);
  return {
    is: (chance = 0.5) => random() < chance,
    of: (...options) => {
      const found = options[Math.floor(random() * options.length)];
      if (found === undefined) throw new Error('nothing to choose from');
      return found;
    },
  };
};

/** Fields in another order, and one nobody knows. */
const reordered = (body: Body, dice: Dice): Body => {
  const entries = Object.entries(body);
  const turned = dice.is() ? entries.reverse() : entries;
  return Object.fromEntries(dice.is(0.3) ? [['x-unknown', { is: ['new'] }], ...turned] : turned);
};
/** A field without a value: left out, or null. */
const nothing = (dice: Dice, ...names: readonly string[]): Body =>
  Object.fromEntries(names.flatMap((name) => (dice.is() ? [[name, null]] : [])));

const PROBS = [0.11, 0.25, 0.64];
const named = { short: 0.11, neutral: 0.25, long: 0.64 };

/** Other ways to say what the reference servers say, page by page. Null: this page as it was. */
const DIALECTS: Readonly<Record<ProtocolName, (path: string, body: unknown, dice: Dice) => unknown>> = {
  desk: (path, body, dice) => {
    if (path !== '/predict') return dice.of<unknown>('', 'OK', { status: 'ok' }, { status: null, uptime: 3 });
    const { model, asOf, ...rest } = body as Body & { readonly model: Body; readonly asOf: string };
    return reordered(
      {
        ...rest,
        asOf: dice.of(asOf, asOf.replace('Z', '+00:00'), asOf.replace('.000Z', 'Z'), asOf.replace('Z', '000Z')),
        model: { ...model, version: dice.of<unknown>('3', 3), ...nothing(dice, 'sha256', 'featureSchema') },
        ...nothing(
          dice,
          'generatedAt',
          'horizonBars',
          'members',
          'logits',
          'pUp',
          'logitUp',
          'direction',
          'confidence',
        ),
      },
      dice,
    );
  },
  'open-inference': (path, body, dice) => {
    if (path.endsWith('/ready'))
      return dice.of<unknown>('', { name: 'nq', ready: true }, { ready: 'true' }, { live: true });
    if (!path.endsWith('/infer')) {
      const { inputs, outputs, ...rest } = body as { inputs: Body[]; outputs: Body[] } & Body;
      if (dice.is(0.2)) return null;
      const tensor = (one: Body): Body => ({
        ...one,
        ...nothing(dice, 'parameters'),
        ...(dice.is(0.3) ? { datatype: null, shape: null } : {}),
      });
      const declared = dice.is(0.7) ? { inputs: inputs.map(tensor), outputs: outputs.map(tensor) } : {};
      return reordered({ ...rest, ...declared, ...nothing(dice, 'versions', 'platform', 'parameters') }, dice);
    }
    const { id, outputs, ...rest } = body as { id: string; outputs: [Body] } & Body;
    const data = dice.of<unknown>(PROBS, [PROBS]);
    const shape = dice.of<unknown>([1, 3], [3], null);
    const other = { name: 'label', shape: [1], datatype: 'BYTES', data: ['long'] };
    const output = {
      ...outputs[0],
      data,
      shape,
      datatype: dice.of<unknown>('FP32', 'FP64', null),
      ...nothing(dice, 'parameters'),
    };
    const echo = dice.of<Body>({ id }, { id: null }, {});
    const list = dice.is() ? [output] : dice.is() ? [other, output] : [output, other];
    return reordered({ ...rest, ...echo, outputs: list, ...nothing(dice, 'model_version', 'parameters') }, dice);
  },
  'tensorflow-serving': (path, body, dice) => {
    if (path.endsWith('/metadata')) return dice.is(0.2) ? null : body;
    if (!path.endsWith(':predict')) return reordered(body as Body, dice);
    return reordered({ predictions: dice.of<unknown>([PROBS], [[PROBS]], [{ probs: PROBS }]) }, dice);
  },
  'kserve-v1': (path, _, dice) =>
    path.endsWith(':predict')
      ? reordered({ predictions: dice.of<unknown>([PROBS], [[PROBS]], [named], { probs: [PROBS] }) }, dice)
      : dice.of<unknown>({ name: 'nq', ready: true }, { name: 'nq', ready: 'True' }, { name: 'nq', ready: 'true' }),
  mlflow: (path, _, dice) =>
    path === '/invocations'
      ? dice.of<unknown>(
          { predictions: [PROBS] },
          [PROBS],
          { predictions: [named] },
          { predictions: { probs: [PROBS] } },
        )
      : dice.of<unknown>('', '\n', { status: 'OK' }),
  torchserve: (path, _, dice) =>
    path.startsWith('/predictions/')
      ? dice.of<unknown>(named, PROBS, [PROBS], [named], { predictions: [PROBS] }, { probs: PROBS })
      : dice.of<unknown>({ status: 'Healthy' }, {}),
};

/** The same text as another program writes it. */
function written(value: unknown, dice: Dice): Reply {
  if (value === null) return { status: 404, body: dice.of('', 'Not Found', '{"detail":"Not Found"}') };
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, dice.of(0, 2));
  const spaced = typeof value === 'string' ? text : `${dice.of('', ' \r\n', '\u{FEFF}')}${text}${dice.of('', '\n')}`;
  const type = dice.of('application/json', 'application/json; charset=utf-8', 'text/plain', 'application/octet-stream');
  return { body: spaced, headers: { 'content-type': type, ...(dice.is(0.3) ? { connection: 'close' } : {}) } };
}

const seeds = Array.from({ length: rounds(12) }, (_, n) => n + 1);

describe.each(PROTOCOL_NAMES)('%s as other servers write it', (name) => {
  it.each(seeds)('is read the same, seed %i', async (seed) => {
    const dice = diceOf(seed);
    const server = await startModelServer(name);
    server.state.vary = (reply, path) => {
      const body: unknown = reply.body.trim() === '' ? '' : JSON.parse(reply.body);
      return written(DIALECTS[name](path, body, dice), dice);
    };
    const connection = { ...PROTOCOLS[name].connection, timeoutMs: 2_000 };
    const source = modelSource(server.url, { clock: createVirtualClock(), probeMs: 60_000, connection });
    onTestFinished(() => source.close());
    const signal = new AbortController().signal;
    const symbol = `S${seed}`;
    const asked = bars.map((bar) => ({ ...bar, symbol }));
    const prediction = await source.predict({ symbol, asOf: epochMs(START), bars: asked, tickSize: 0.25 }, signal);
    expect(prediction).toMatchObject({ state: 'ok', direction: 1, confidence: 0.64, detail: null });
    expect(source.connection().state).toBe('live');
  });
});
