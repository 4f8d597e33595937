import type { z } from 'zod';
import { canonicalJson } from './canonical.ts';

type Schema = z.core.$ZodTypes;
type Check = z.core.$ZodChecks['_zod']['def'];

/** Fields an object may have, in the order they are spelt, each behind its name as it is written there. */
export type Layout = {
  readonly keys: readonly string[];
  readonly members: readonly { readonly field: string; readonly name: string; readonly rule: Rule }[];
};

type Member = { readonly field: string; readonly isOptional: boolean; readonly rule: Rule };

/**
 * What a value must be. All rules have all fields, and one function reads them: a tree of functions, one to a rule,
 * would be called anew from every place, which takes the machine longer than what they do.
 */
export type Rule = {
  readonly type: 'none' | 'number' | 'text' | 'literal' | 'list' | 'object' | 'union';
  readonly isNullable: boolean;
  /** Bounds of a number; those beyond which it must lie keep out what is not finite. */
  readonly least: number;
  readonly most: number;
  readonly above: number;
  readonly below: number;
  readonly isInteger: boolean;
  /** Bounds of the length of a text or a list. */
  readonly shortest: number;
  readonly longest: number;
  readonly patterns: readonly RegExp[];
  /** Values as they are spelt. */
  readonly texts: ReadonlyMap<unknown, string>;
  /** What each element of a list must be. */
  readonly element: Rule | null;
  readonly members: readonly Member[];
  /** Orders in which objects came with their fields, which are few. */
  readonly layouts: Layout[];
  /** Objects that can never change, as they are spelt. */
  readonly spelt: WeakMap<object, string>;
  /** Objects that can never change and were taken. */
  readonly taken: WeakSet<object>;
  /** The field that tells the objects of a union apart, and what they must be. */
  readonly field: string;
  readonly options: ReadonlyMap<unknown, Rule>;
};

/** Takes nothing. */
export const NONE: Rule = {
  type: 'none',
  isNullable: false,
  least: -Number.MAX_VALUE,
  most: Number.MAX_VALUE,
  above: -Infinity,
  below: Infinity,
  isInteger: false,
  shortest: 0,
  longest: Infinity,
  patterns: [],
  texts: new Map(),
  element: null,
  members: [],
  layouts: [],
  spelt: new WeakMap(),
  taken: new WeakSet(),
  field: '',
  options: new Map(),
};

type Change = Partial<Rule>;

/** What a check asks of a number; null for one that is not known here, or changes the value. */
function ofNumber(def: Check, { least, most, above, below }: Rule): Change | null {
  if (def.check === 'number_format') return def.format === 'safeint' ? { isInteger: true } : null;
  if (def.check !== 'greater_than' && def.check !== 'less_than') return null;
  const { value: limit, inclusive: isInclusive } = def;
  if (typeof limit !== 'number') return null;
  if (def.check === 'greater_than') {
    return isInclusive ? { least: Math.max(least, limit) } : { above: Math.max(above, limit) };
  }
  return isInclusive ? { most: Math.min(most, limit) } : { below: Math.min(below, limit) };
}

/** What a check asks of what has a length; null for one that is not known here. */
function ofLength(def: Check, { shortest, longest }: Rule): Change | null {
  if (def.check === 'min_length') return { shortest: Math.max(shortest, def.minimum) };
  if (def.check === 'max_length') return { longest: Math.min(longest, def.maximum) };
  return null;
}

/** What a check asks of a text; null for one that is not known here, or changes the text. */
function ofText(def: Check, rule: Rule): Change | null {
  if (def.check !== 'string_format') return ofLength(def, rule);
  const { pattern } = def;
  const isPlain = def.format === 'regex' && pattern?.global === false && !pattern.sticky;
  return isPlain ? { patterns: [...rule.patterns, pattern] } : null;
}

/** Adds all checks of a schema to a rule, which takes nothing where one of them is not known. */
function checked(schema: Schema, start: Change, changeOf: (def: Check, rule: Rule) => Change | null): Rule {
  // A schema that is a check of its own, as z.int() and z.email() are, is not told here by its type alone.
  if ('check' in schema._zod.def) return NONE;
  let rule: Rule = { ...NONE, ...start };
  for (const check of schema._zod.def.checks ?? []) {
    const change = changeOf((check as z.core.$ZodChecks)._zod.def, rule);
    if (change === null) return NONE;
    rule = { ...rule, ...change };
  }
  return rule;
}

const unchecked = (schema: Schema, change: Change): Rule => checked(schema, change, () => null);

const literals = (values: Iterable<unknown>): Change => ({
  type: 'literal',
  texts: new Map([...values].map((one) => [one, canonicalJson(one)])),
});

/** Makes rules of schemas: one of each schema of an object, however often it is used. */
export class RuleCompiler {
  readonly #objects = new Map<Schema, Rule>();

  of(schema: Schema): Rule {
    const { def } = schema._zod;
    switch (def.type) {
      case 'string':
        return checked(schema, { type: 'text' }, ofText);
      case 'number':
        return checked(schema, { type: 'number' }, ofNumber);
      case 'array':
        return checked(schema, { type: 'list', element: this.of(def.element as Schema) }, ofLength);
      case 'boolean':
        return unchecked(schema, literals([true, false]));
      case 'literal':
        return unchecked(schema, literals(def.values));
      case 'enum':
        return unchecked(schema, literals(Object.values(def.entries)));
      case 'nullable':
        return unchecked(schema, { ...this.of(def.innerType as Schema), isNullable: true });
      case 'union':
        return unchecked(schema, this.#union(schema as z.core.$ZodUnion));
      case 'object':
        return this.#object(schema as z.core.$ZodObject);
      default:
        return NONE;
    }
  }

  /** A union is told apart by one field, or is one of literals; any other is left to the schema. */
  #union({ _zod: { def } }: z.core.$ZodUnion): Change {
    const options = def.options as readonly Schema[];
    if (!('discriminator' in def)) {
      const values = options.map((option) => (option._zod.def.type === 'literal' ? option._zod.def.values : null));
      return values.includes(null) ? NONE : literals(values.flatMap((one) => one ?? []));
    }
    const field = String(def.discriminator);
    const found = new Map<unknown, Rule>();
    for (const option of options) {
      const rule = this.of(option);
      for (const value of option._zod.propValues?.[field] ?? []) found.set(value, rule);
    }
    return { type: 'union', field, options: found };
  }

  #object(schema: z.core.$ZodObject): Rule {
    const known = this.#objects.get(schema);
    if (known !== undefined) return known;
    const { shape, catchall } = schema._zod.def;
    const members = Object.entries(shape).map((one) => this.#member(one));
    const made = unchecked(schema, catchall?._zod.def.type === 'never' ? objectOf(members) : NONE);
    this.#objects.set(schema, made);
    return made;
  }

  #member([field, schema]: readonly [string, z.core.$ZodType]): Member {
    const { def } = (schema as Schema)._zod;
    if (def.type !== 'optional') return { field, isOptional: false, rule: this.of(schema as Schema) };
    return { field, isOptional: true, rule: unchecked(schema as Schema, this.of(def.innerType as Schema)) };
  }
}

const objectOf = (members: readonly Member[]): Change => ({
  type: 'object',
  members: members.toSorted((a, b) => (a.field < b.field ? -1 : 1)),
  layouts: [],
  spelt: new WeakMap(),
  taken: new WeakSet(),
});
