import { describe, expect, test } from 'vitest';
import { connectionsJsonSchema, connectionsSentence, parseConnections } from '#desk/profiles/connections-config.ts';

const YEAR = 2026;
const service = (port: number) => ({ kind: 'desk', url: `http://127.0.0.1:${port}` });
const file = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  profile: 'paper',
  account: 'Sim1',
  equityUsd: 100_000,
  instruments: [{ contract: 'NQ' }, { contract: 'ESZ26' }],
  models: { lstm: service(8001), ensemble: service(8002) },
  broker: { kind: 'paper' },
  marketData: [{ kind: 'replay', files: { NQ: 'nq.csv', ES: 'es.csv' } }],
  ...changes,
});
const parse = (changes: Readonly<Record<string, unknown>> = {}) =>
  parseConnections('connections.json', JSON.stringify(file(changes)), YEAR);
const problem = (changes: Readonly<Record<string, unknown>>) => {
  const parsed = parse(changes);
  if (parsed.ok) throw new Error('it was taken');
  return parsed.error;
};

describe('connections file', () => {
  test('a whole file is taken', () => {
    const parsed = parse();
    expect(parsed.ok && parsed.value.instruments.map((i) => i.contract)).toEqual(['NQ', 'ESZ26']);
  });

  test('an unknown key is named, and what stands in it is not repeated', () => {
    const error = problem({ broker: { kind: 'paper', password: 'canary-4711' } });
    expect(error.field).toBe('broker.password');
    expect(connectionsSentence(error)).not.toContain('canary-4711');
    expect(error.remedy).toContain('secrets are named here');
  });

  test('a secret written where its name belongs is not repeated', () => {
    const lstm = { ...service(8001), tokenSecret: 'Canary 4711!' };
    const error = problem({ models: { lstm, ensemble: service(8002) } });
    expect(error.field).toBe('models.lstm.tokenSecret');
    expect(connectionsSentence(error)).not.toContain('4711');
  });

  test.each([
    [{ profile: 'simulation' }, 'profile'],
    [{ equityUsd: 0 }, 'equityUsd'],
    [{ account: ' ' }, 'account'],
    [{ instruments: [] }, 'instruments'],
    [{ instruments: [{ contract: 'NOPE' }] }, 'instruments.0.contract'],
    [{ instruments: [{ contract: 'NQ' }, { contract: 'nq' }] }, 'instruments.1.contract'],
    [{ models: { lstm: service(8001) } }, 'models.ensemble'],
    [{ broker: { kind: 'nobody' } }, 'broker.kind'],
    [{ marketData: [] }, 'marketData'],
    [{ profile: 'live' }, 'broker.kind'],
  ])('%j is refused at its field', (changes, field) => {
    expect(problem(changes).field).toBe(field);
  });

  test('each instrument needs one source of prices, and only one', () => {
    const source = (names: readonly string[]) => ({ kind: 'replay', files: { NQ: 'a.csv' }, for: names });
    expect(problem({ marketData: [source(['NQ'])] })).toMatchObject({
      field: 'instruments.1.contract',
      value: 'ESZ26',
    });
    expect(problem({ marketData: [source(['NQ', 'ES']), source(['ESZ26'])] }).field).toBe('instruments.1.contract');
    expect(problem({ marketData: [source(['NQ', 'ES', 'GC'])] })).toMatchObject({
      field: 'marketData.0.for',
      value: 'GC',
    });
    const rest = { kind: 'replay', files: { ES: 'b.csv' } };
    expect(parse({ marketData: [source(['NQ']), rest] }).ok).toBe(true);
    expect(problem({ marketData: [rest, rest] }).field).toBe('marketData.1.for');
  });

  test('text that is not JSON is refused without repeating it', () => {
    const parsed = parseConnections('connections.json', '{ "password": "canary-4711"', YEAR);
    expect(parsed.ok ? '' : connectionsSentence(parsed.error)).not.toContain('canary');
    expect(parsed.ok).toBe(false);
  });

  test('the JSON Schema describes every field of the file and refuses unknown ones', () => {
    expect(connectionsJsonSchema()).toMatchObject({
      additionalProperties: false,
      required: ['profile', 'account', 'equityUsd', 'instruments', 'models', 'broker', 'marketData'],
    });
  });
});
