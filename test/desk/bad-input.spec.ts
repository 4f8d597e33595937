import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { DeskError } from '#shared/contract/errors.ts';
import { openDesk } from '#desk/desk.ts';
import { decide } from '#desk/engine/decide.ts';
import { modelSource } from '#test/support/model-source.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import { errorOf, newStage, type Stage } from './stage.ts';

const askedSchema = z.object({ requestId: z.string(), symbol: z.string(), asOf: z.string() });
type Asked = z.output<typeof askedSchema>;

const good = (asked: Asked, confidence = 0.75): Record<string, unknown> => ({
  schema: 1,
  ...asked,
  model: { name: 'm', version: '1' },
  probabilities: { short: (1 - confidence) / 2, neutral: (1 - confidence) / 2, long: confidence },
});
const asJson =
  (body: unknown) =>
  (response: ServerResponse): void =>
    void response.end(JSON.stringify(body));

type Answer = (asked: Asked, response: ServerResponse) => void;
const well: Answer = (asked, response) => asJson(good(asked))(response);

/** A model service on loopback whose answer can be changed while it runs. */
async function service(): Promise<{ url: string; answer: (next: Answer) => void }> {
  let answer: Answer = well;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'GET') response.end('{}');
      else answer(askedSchema.parse(JSON.parse(text)), response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, answer: (next) => (answer = next) };
}

async function stageWithServices(): Promise<{ stage: Stage; lstm: Awaited<ReturnType<typeof service>> }> {
  const [lstm, ensemble] = await Promise.all([service(), service()]);
  const stage = await newStage({
    models: (clock) => {
      const asked = { clock, maxAgeMs: 60_000, breakAfter: 1_000, connection: { timeoutMs: 120 } };
      const sources = {
        lstm: modelSource(lstm.url, { model: 'lstm', ...asked }),
        ensemble: modelSource(ensemble.url, { model: 'ensemble', ...asked }),
      };
      onTestFinished(async () => {
        await Promise.all([sources.lstm.close(), sources.ensemble.close()]);
      });
      return sources;
    },
  });
  return { stage, lstm };
}

describe('a model service that answers', () => {
  const cases: readonly [string, Answer, string][] = [
    ['words', (_, response) => void response.end('<html>busy</html>'), 'prediction-invalid'],
    ['nothing at all', (_, response) => void response.end(), 'prediction-invalid'],
    [
      'NaN',
      (asked, response) => void response.end(JSON.stringify(good(asked)).replace(/"long":[\d.]+/, '"long":NaN')),
      'prediction-invalid',
    ],
    [
      '1e999',
      (asked, response) => void response.end(JSON.stringify(good(asked)).replace(/"long":[\d.]+/, '"long":1e999')),
      'prediction-invalid',
    ],
    [
      'null for a number',
      (asked, response) => asJson({ ...good(asked), probabilities: { short: null, neutral: 0, long: 1 } })(response),
      'prediction-invalid',
    ],
    [
      'probabilities of more than one',
      (asked, response) => asJson({ ...good(asked), probabilities: { short: 0.5, neutral: 0.5, long: 0.9 } })(response),
      'prediction-invalid',
    ],
    [
      'for another symbol',
      (asked, response) => asJson({ ...good(asked), symbol: 'ES' })(response),
      'prediction-invalid',
    ],
    [
      'with a time to come',
      (asked, response) => asJson({ ...good(asked), asOf: '2031-01-01T00:00:00Z' })(response),
      'prediction-invalid',
    ],
    [
      'with a bar long gone',
      (asked, response) => asJson({ ...good(asked), asOf: '2020-01-01T00:00:00Z' })(response),
      'prediction-stale',
    ],
    [
      'with another version than the one accepted',
      (asked, response) => asJson({ ...good(asked), model: { name: 'm', version: '2' } })(response),
      'prediction-invalid',
    ],
    ['500', (_, response) => void response.writeHead(500).end('{"error":"no"}'), 'model-missing'],
    ['too late', (asked, response) => void setTimeout(() => well(asked, response), 400), 'model-missing'],
    ['never', () => undefined, 'model-missing'],
    ['by hanging up', (_, response) => void response.destroy(), 'model-missing'],
    ['without end', (_, response) => void response.write('x'.repeat(3_000_000)), 'model-missing'],
  ];
  it.each(cases)('%s vetoes, in its own words, and the desk goes on', async (_, answer, status) => {
    const { stage, lstm } = await stageWithServices();
    const [before] = await stage.propose();
    expect([before?.decision.status, before?.opinions.lstm?.detail]).toEqual(['sized', null]);
    lstm.answer(answer);
    const [vetoed] = await stage.propose();
    expect(vetoed).toMatchObject({
      state: 'blocked',
      decision: { status, contracts: 0, direction: 0, zero: { subject: 'lstm' } },
    });
    expect(vetoed?.opinions.lstm?.detail?.length).toBeGreaterThan(10);
    expect(vetoed?.opinions.ensemble?.state).toBe('ok');
    lstm.answer(well);
    const [after] = await stage.propose();
    expect(after).toMatchObject({ state: 'proposed', decision: { status: 'sized' } });
    expect(stage.journal.verify(decide).findings).toEqual([]);
  });
});

describe('a settings file with an error', () => {
  const open = async (text: string) => {
    const folder = temporaryFolder();
    const file = join(folder, 'profiles', 'simulation', 'settings.json');
    mkdirSync(join(folder, 'profiles', 'simulation'), { recursive: true });
    writeFileSync(file, text);
    const desk = await openDesk({ dataFolder: folder, profile: 'simulation', warmUpSessions: 1 });
    onTestFinished(() => desk.close());
    await desk.ready();
    return { desk, file };
  };
  const cases: readonly [string, string, RegExp][] = [
    ['an unknown key', '{"sizing":{"maxHeatt":0.1}}', /sizing\.maxHeatt is 0\.1: remove the key or correct its name/],
    ['a limit beyond its ceiling', '{"sizing":{"maxHeat":0.9}}', /sizing\.maxHeat is 0\.9: set 0\.2 or less/],
    ['no JSON', '{"sizing":', /\(file\) is/],
    ['a preset nobody knows', '{"preset":"brave"}', /preset is "brave": choose one of conservative, specification/],
  ];
  it.each(cases)('(%s) is told, blocks entries in its own words, and is not touched', async (_, text, sentence) => {
    const { desk, file } = await open(text);
    const snapshot = await desk.handlers['desk.snapshot']({});
    const notice = snapshot.notices.find((n) => n.id === 'settings');
    expect(notice).toMatchObject({ level: 'error' });
    expect(notice?.detail).toMatch(sentence);
    expect(snapshot.risk).toMatchObject({ tradingState: 'reducing' });
    expect(snapshot.risk.tradingStateReason).toMatch(sentence);
    const [any] = snapshot.recommendations;
    const error = await errorOf(() => desk.handlers['recommendation.approve']({ id: any?.id ?? '', contracts: 1 }));
    expect(error.code).toBe('refused');
    expect(error.message).toMatch(sentence);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

describe('a profile', () => {
  it('is refused to a second desk while the first has it', async () => {
    const folder = temporaryFolder();
    const first = await openDesk({ dataFolder: folder, profile: 'simulation', warmUpSessions: 1 });
    onTestFinished(() => first.close());
    const second = openDesk({ dataFolder: folder, profile: 'simulation', warmUpSessions: 1 });
    await expect(second).rejects.toBeInstanceOf(DeskError);
    await expect(second).rejects.toMatchObject({ data: { code: 'journal-in-use' } });
    await first.ready();
    await first.close();
    const third = await openDesk({ dataFolder: folder, profile: 'simulation', warmUpSessions: 1 });
    await third.ready();
    await third.close();
  });

  it('without a connections file is refused, naming the file that is wanted', async () => {
    const dataFolder = temporaryFolder();
    const value = join(dataFolder, 'profiles', 'live', 'connections.json');
    const opened = openDesk({ dataFolder, profile: 'live' });
    await expect(opened).rejects.toMatchObject({ data: { code: 'refused', field: 'config', value } });
  });
});
