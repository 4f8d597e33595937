import { z } from 'zod';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

/** What became of an object: new values by the path of their field ("decision.contracts"), and fields that are gone. */
export type Changes = { readonly set: readonly [string, unknown][]; readonly unset: readonly string[] };

/** A field of a schema, and the fields within it when it is an object that is always there. */
type Field = { readonly schema: z.ZodType; readonly fields: Fields | null };
type Fields = ReadonlyMap<string, Field>;

/** A field without fields of its own: the names that lead to it. */
type Leaf = { readonly schema: z.ZodType; readonly names: readonly string[] };

const shapes = new WeakMap<z.ZodObject, { readonly fields: Fields; readonly byPath: ReadonlyMap<string, Leaf> }>();

function fieldsOf(schema: z.ZodObject): Fields {
  return new Map(
    Object.entries(schema.shape).map(([name, field]) => {
      const inner = field as z.ZodType;
      return [name, { schema: inner, fields: inner instanceof z.ZodObject ? fieldsOf(inner) : null }];
    }),
  );
}

const leavesOf = (fields: Fields, before: readonly string[]): readonly Leaf[] =>
  [...fields].flatMap(([name, { schema, fields: inner }]) => {
    const names = [...before, name];
    return inner === null ? [{ schema, names }] : leavesOf(inner, names);
  });

function shapeOf(schema: z.ZodObject) {
  const known = shapes.get(schema);
  if (known !== undefined) return known;
  const fields = fieldsOf(schema);
  const shape = { fields, byPath: new Map(leavesOf(fields, []).map((leaf) => [leaf.names.join('.'), leaf])) };
  shapes.set(schema, shape);
  return shape;
}

type Plain = Readonly<Record<string, unknown>>;
const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether two values are the same on a wire. What is shared between them is not looked into. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => isSame(one, b[i]));
  if (!isPlain(a) || !isPlain(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
}

type Found = { readonly set: [string, unknown][]; readonly unset: string[] };

/** Adds what changed between two objects to `found`; false when they are not of this shape. */
function compare(fields: Fields, [before, after]: readonly [unknown, unknown], found: Found, path = ''): boolean {
  if (before === after) return true;
  if (!isPlain(before) || !isPlain(after)) return false;
  for (const name of Object.keys(after)) if (!fields.has(name)) return false;
  for (const [name, { fields: inner }] of fields) {
    const [was, is] = [before[name], after[name]];
    if (inner !== null) {
      if (!compare(inner, [was, is], found, `${path}${name}.`)) return false;
    } else if (isSame(was, is)) continue;
    else if (is === undefined) found.unset.push(`${path}${name}`);
    else found.set.push([`${path}${name}`, is]);
  }
  return true;
}

/** What turns one object of a schema into another; null when one of them is not of the schema's shape. */
export function changesBetween(schema: z.ZodObject, before: unknown, after: unknown): Changes | null {
  const found: Found = { set: [], unset: [] };
  return compare(shapeOf(schema).fields, [before, after], found) ? found : null;
}

type Making = Record<string, unknown>;

/** Copies what is about to change, each object once: `made` holds the copies. */
function own(target: unknown, made: Set<unknown>): Making {
  if (made.has(target)) return target as Making;
  const copy = { ...(target as Plain) };
  made.add(copy);
  return copy;
}

/** Puts a value where its names lead to; undefined takes the field away. */
function put(whole: Making, { names, value }: Pick<Leaf, 'names'> & { readonly value: unknown }, made: Set<unknown>) {
  const last = names.length - 1;
  let inner = whole;
  for (let i = 0; i < last; i += 1) {
    const name = names[i] ?? '';
    const copy = own(inner[name], made);
    inner[name] = copy;
    inner = copy;
  }
  const name = names[last] ?? '';
  if (value === undefined) Reflect.deleteProperty(inner, name);
  else inner[name] = value;
}

/**
 * Applies changes to an object that has passed the schema. Every new value is checked by the schema of its field, and
 * with what was checked before makes up the whole again: nothing enters unchecked, and nothing is checked twice. What did
 * not change is the very same object as before.
 * @errors what is wrong: a field the schema does not have, a value that does not fit, or the loss of one it needs
 */
export function applyChanges<S extends z.ZodObject>(
  schema: S,
  base: z.output<S>,
  { set, unset }: Changes,
): Result<z.output<S>, z.ZodError | string> {
  if (set.length + unset.length === 0) return ok(base);
  const { byPath } = shapeOf(schema);
  const made = new Set<unknown>();
  const whole = own(base, made);
  const change = (path: string, value: unknown): z.ZodError | string | null => {
    const leaf = byPath.get(path);
    if (leaf === undefined) return `no field ${path}`;
    const parsed = leaf.schema.safeParse(value);
    if (!parsed.success) return parsed.error;
    put(whole, { names: leaf.names, value: parsed.data }, made);
    return null;
  };
  for (const [path, value] of set) {
    const fault = change(path, value);
    if (fault !== null) return err(fault);
  }
  for (const path of unset) {
    const fault = change(path, undefined);
    if (fault !== null) return err(fault);
  }
  return ok(whole as z.output<S>);
}
