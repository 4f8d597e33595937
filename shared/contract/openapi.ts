import { z } from 'zod';
import { deskErrorSchema } from './errors.ts';
import type { Query } from './define.ts';
import { contract } from './index.ts';
import type { QueryName } from './index.ts';

/** A query that has a REST path. */
export type RestRoute = { readonly name: QueryName; readonly path: string; readonly query: Query };

/** Every REST route of the table: GET only, since only queries can have a path. */
export const restRoutes: readonly RestRoute[] = Object.entries(contract).flatMap(([name, entry]) =>
  'rest' in entry ? [{ name: name as QueryName, path: entry.rest, query: entry }] : [],
);

type JsonObject = { readonly [key: string]: unknown };

/** OpenAPI 3.1 speaks the dialect zod writes, so the dialect's name is left out. */
const jsonSchema = (schema: z.ZodType): JsonObject =>
  Object.fromEntries(Object.entries(z.toJSONSchema(schema, { io: 'output' })).filter(([key]) => key !== '$schema'));

const reply = (description: string, schema: JsonObject): JsonObject => ({
  description,
  content: { 'application/json': { schema } },
});

const ERROR = { $ref: '#/components/schemas/DeskError' };

/** Builds the OpenAPI 3.1 document of the REST API from the contract. */
export function openApiDocument(version: string): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kelly Desk',
      version,
      description:
        'Read-only view of the desk. Money is an integer of 1e-4 USD, a price an integer of ticks, a time UTC epoch ' +
        'milliseconds; fractions, probabilities and R are plain numbers. Absent means null, never zero.',
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths: Object.fromEntries(restRoutes.map((route) => [route.path, { get: operation(route) }])),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'The token shown in Settings.' } },
      schemas: { DeskError: jsonSchema(deskErrorSchema) },
    },
  };
}

function operation(route: RestRoute): JsonObject {
  return {
    operationId: route.name,
    parameters: queryParameters(route.query.input),
    responses: {
      '200': reply('The answer.', jsonSchema(route.query.output)),
      '400': reply('A parameter does not fit; the error names it and says how to put it right.', ERROR),
      '401': reply('The token is missing or wrong.', ERROR),
      '500': reply('An error of the desk; `incident` finds it in the log.', ERROR),
      '503': reply('The desk is starting or stopping.', ERROR),
    },
  };
}

function queryParameters(input: z.ZodType): readonly JsonObject[] {
  const schema = z.object({ properties: z.record(z.string(), z.unknown()), required: z.array(z.string()).default([]) });
  const { properties, required } = schema.parse(jsonSchema(input));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: property,
  }));
}
