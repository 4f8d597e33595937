import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { contract, isOperation, isTopic } from '#shared/contract/index.ts';
import { openApiDocument, restRoutes } from '#shared/contract/openapi.ts';

const schemas = Object.entries(contract).flatMap(([name, entry]): [string, z.ZodType][] =>
  entry.kind === 'topic'
    ? [[name, entry.payload]]
    : [
        [`${name} input`, entry.input],
        [`${name} output`, entry.output],
      ],
);

describe('the table', () => {
  it.each(schemas)('%s is JSON-safe', (_name, schema) => {
    expect(() => z.toJSONSchema(schema, { io: 'output' })).not.toThrow();
  });

  it.each(schemas)('%s refuses what JSON cannot carry', (_name, schema) => {
    for (const value of [Number.NaN, 1n, undefined, Symbol('s'), () => 1]) {
      expect(schema.safeParse(value).success).toBe(false);
    }
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'desk'])('has no entry %j', (name) => {
    expect(isOperation(name)).toBe(false);
    expect(isTopic(name)).toBe(false);
  });

  it('gives a REST path to queries only', () => {
    for (const entry of Object.values(contract)) {
      if ('rest' in entry) expect(entry.kind).toBe('query');
    }
  });
});

describe('the OpenAPI document', () => {
  const shape = z.object({
    openapi: z.literal('3.1.0'),
    info: z.object({ version: z.string() }),
    security: z.array(z.record(z.string(), z.array(z.string()))),
    paths: z.record(
      z.string(),
      z.strictObject({
        get: z.object({
          operationId: z.string(),
          parameters: z.array(
            z.object({ name: z.string(), in: z.literal('query'), required: z.boolean(), schema: z.looseObject({}) }),
          ),
          responses: z.record(z.string(), z.object({ description: z.string(), content: z.looseObject({}) })),
        }),
      }),
    ),
  });
  const document = shape.parse(JSON.parse(JSON.stringify(openApiDocument('1.2.3'))));

  it('describes exactly the REST routes of the table, each as a read', () => {
    expect(Object.keys(document.paths).sort()).toEqual([
      '/api/kelly/current-positions',
      '/api/kelly/performance-history',
      '/api/kelly/performance-history/months',
      '/api/kelly/performance-history/rolling',
      '/api/kelly/risk-metrics',
    ]);
    expect(restRoutes.map((route) => route.path).sort()).toEqual(Object.keys(document.paths).sort());
    expect(document.info.version).toBe('1.2.3');
  });

  it('asks for a token everywhere and says what happens without', () => {
    expect(document.security).toEqual([{ bearer: [] }]);
    for (const { get } of Object.values(document.paths)) expect(Object.keys(get.responses)).toContain('401');
  });

  it('takes the query parameters from the input schema', () => {
    const parameters = document.paths['/api/kelly/performance-history']?.get.parameters;
    expect(parameters?.map((p) => [p.name, p.required, p.schema['type']])).toEqual([
      ['from', false, 'integer'],
      ['to', false, 'integer'],
    ]);
    const rolling = document.paths['/api/kelly/performance-history/rolling']?.get.parameters;
    expect(rolling?.find(({ name }) => name === 'window')?.required).toBe(false);
  });

  it('names every field of the specification in the positions', () => {
    const text = JSON.stringify(document.paths['/api/kelly/current-positions']);
    const names = [
      'symbol',
      'kelly_fraction',
      'position_size',
      'confidence',
      'win_probability',
      'win_loss_ratio',
      'risk_adjusted',
      'max_capital_risk',
      'reasoning',
    ];
    for (const name of names) expect(text).toContain(`"${name}"`);
  });

  it('refers to nothing it does not hold', () => {
    const refs = [...JSON.stringify(openApiDocument('1')).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
    expect([...new Set(refs)]).toEqual(['#/components/schemas/DeskError']);
  });
});
