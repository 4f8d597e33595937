import { z } from 'zod';
import { contract } from '#shared/contract/index.ts';
import type { OperationName, TopicName } from '#shared/contract/index.ts';
import type { Door, EventStream, StreamEvent } from '#desk/serve.ts';

/** What a hostile desk answers and tells: always what the contract allows, and never what anybody expects. */
export const FLAVOURS = ['largest', 'smallest', 'zero', 'absent', 'long', 'foreign', 'nothing'] as const;
export type Flavour = (typeof FLAVOURS)[number];

type Schema = {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
};

const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
const FOREIGN = 'عقد آجل 📈👩‍💻 ‏فهرس‏ 長い名前 ';
const FARTHEST = Number.MAX_VALUE;
const CLOSE = 1e-9;

function largest({ type, maximum, exclusiveMaximum }: Schema): number {
  if (exclusiveMaximum !== undefined) return exclusiveMaximum - CLOSE;
  return maximum ?? (type === 'integer' ? Number.MAX_SAFE_INTEGER : FARTHEST);
}

function smallest({ type, minimum, exclusiveMinimum }: Schema): number {
  if (exclusiveMinimum !== undefined) return type === 'integer' ? exclusiveMinimum + 1 : exclusiveMinimum + CLOSE;
  return minimum ?? (type === 'integer' ? Number.MIN_SAFE_INTEGER : -FARTHEST);
}

function figure(value: number, schema: Schema, flavour: Flavour): number {
  if (flavour === 'largest') return largest(schema);
  if (flavour === 'smallest') return smallest(schema);
  if (flavour === 'zero') return Math.min(largest(schema), Math.max(smallest(schema), 0));
  return value;
}

/** The same text is always changed the same way, so that what refers to it still does. */
function words(value: string, schema: Schema, flavour: Flavour): string {
  if (flavour !== 'long' && flavour !== 'foreign') return value;
  if (schema.pattern !== undefined || schema.format !== undefined || /^\d{4}-\d\d(-\d\d)?$/.test(value)) return value;
  return `${flavour === 'long' ? LONG : FOREIGN}${value}`.slice(0, schema.maxLength ?? 400);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says whether a value can be of one branch of a union, by its type and its constants. */
function fits(value: unknown, { type, const: constant, enum: values, properties }: Schema): boolean {
  if (constant !== undefined) return value === constant;
  if (values !== undefined) return values.includes(value);
  if (type === 'object') {
    return (
      isObject(value) &&
      Object.entries(properties ?? {}).every(([key, one]) => one.const === undefined || value[key] === one.const)
    );
  }
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'integer' || type === 'number') return typeof value === 'number';
  return type === undefined || typeof value === type;
}

/** Makes a value hostile within its schema. */
function spoil(value: unknown, schema: Schema, flavour: Flavour): unknown {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) {
    if (flavour === 'absent' && branches.some(({ type }) => type === 'null')) return null;
    const branch = branches.find((one) => fits(value, one));
    return branch === undefined ? value : spoil(value, branch, flavour);
  }
  if (schema.const !== undefined || schema.enum !== undefined) return value;
  if (typeof value === 'number') return figure(value, schema, flavour);
  if (typeof value === 'string') return words(value, schema, flavour);
  if (Array.isArray(value)) {
    if (flavour === 'nothing' && (schema.minItems ?? 0) === 0 && schema.items !== undefined) return [];
    return value.map((one, i) => spoil(one, schema.prefixItems?.[i] ?? schema.items ?? {}, flavour));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      const { additionalProperties } = schema;
      const rest = typeof additionalProperties === 'object' ? additionalProperties : {};
      return [key, spoil(one, schema.properties?.[key] ?? rest, flavour)];
    }),
  );
}

/** JSON schemas of the contract, made once: a topic comes often. */
const schemas = new Map<z.ZodType, Schema>();
function schemaOf(type: z.ZodType): Schema {
  const known = schemas.get(type) ?? (z.toJSONSchema(type, { io: 'output' }) as Schema);
  schemas.set(type, known);
  return known;
}

/** Parts that a whole-value rule of the contract refuses in their hostile form are left as they are. */
function within(type: z.ZodType, value: unknown, flavour: Flavour): unknown {
  const spoiled = spoil(value, schemaOf(type), flavour);
  if (type.safeParse(spoiled).success) return spoiled;
  if (!isObject(value)) return value;
  let held: Readonly<Record<string, unknown>> = value;
  for (const key of Object.keys(value)) {
    const next = { ...held, [key]: (spoiled as Readonly<Record<string, unknown>>)[key] };
    if (type.safeParse(next).success) held = next;
  }
  return held;
}

/** What identifies the desk and says how it stands keeps its meaning: the rest of the page hangs on it. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  'desk.snapshot': ['seq', 'now', 'startup', 'instruments', 'config'],
  'desk.pulse': ['now'],
  'desk.startup': ['phase', 'done', 'total', 'text'],
  'settings.changed': ['config'],
};

function made(name: OperationName | TopicName, value: unknown, flavour: Flavour): unknown {
  const entry = contract[name];
  const spoiled = within(entry.kind === 'topic' ? entry.payload : entry.output, value, flavour);
  if (!isObject(value) || !isObject(spoiled)) return spoiled;
  return { ...spoiled, ...Object.fromEntries((KEPT[name] ?? []).map((field) => [field, value[field]])) };
}

/** A desk whose every answer and every event is as extreme as the contract allows, in one flavour. */
export function hostileDesk(desk: Door, flavour: Flavour): Door {
  const spoiled = Object.entries(desk.handlers).map(([key, handler]) => {
    const own = handler as (input: unknown) => unknown;
    return [key, async (input: unknown) => made(key as OperationName, await own(input), flavour)] as const;
  });
  const stream: EventStream = {
    ...desk.stream,
    subscribe: (after, listener) =>
      desk.stream.subscribe(after, (event) =>
        listener({ ...event, payload: made(event.topic, event.payload, flavour) } as StreamEvent),
      ),
  };
  return { stream, handlers: { ...desk.handlers, ...Object.fromEntries(spoiled) } };
}
