import type { z } from 'zod';
import { isFrozenWhole, oncePerFrozen } from '#shared/frozen.ts';
import { canonicalJson, spellText } from './canonical.ts';

/**
 * Checks a value against its schema and spells it, in one pass. Null: it is not certain that the schema takes the
 * value as it is, and the schema itself has to be asked.
 */
export type Spelling = (value: unknown) => string | null;

type Schema = z.core.$ZodTypes;
/** A condition of a value whose type is known already. */
type Condition<T> = (value: T) => boolean;

/** The condition of a check on a number; null for one that is not known here, or changes the value. */
function numberCondition({ def }: z.core.$ZodChecks['_zod']): Condition<number> | null {
  if (def.check === 'number_format') return def.format === 'safeint' ? Number.isSafeInteger : null;
  if (def.check !== 'greater_than' && def.check !== 'less_than') return null;
  const { value: limit, inclusive: isInclusive } = def;
  if (typeof limit !== 'number') return null;
  if (def.check === 'greater_than') return isInclusive ? (value) => value >= limit : (value) => value > limit;
  return isInclusive ? (value) => value <= limit : (value) => value < limit;
}

/** The condition of a check on what has a length; null for one that is not known here. */
function lengthCondition({ def }: z.core.$ZodChecks['_zod']): Condition<string | readonly unknown[]> | null {
  if (def.check === 'min_length') return ({ length }) => length >= def.minimum;
  if (def.check === 'max_length') return ({ length }) => length <= def.maximum;
  return null;
}

/** The condition of a check on a text; null for one that is not known here, or changes the text. */
function textCondition(check: z.core.$ZodChecks['_zod']): Condition<string> | null {
  const { def } = check;
  if (def.check !== 'string_format') return lengthCondition(check);
  const { pattern } = def;
  const isPlain = def.format === 'regex' && pattern?.global === false && !pattern.sticky;
  return isPlain ? (value) => pattern.test(value) : null;
}

/** The conditions of all checks of a schema; null where one is not known. */
function conditionsOf<T>(
  schema: Schema,
  conditionOf: (check: z.core.$ZodChecks['_zod']) => Condition<T> | null,
): readonly Condition<T>[] | null {
  // A schema that is a check of its own, as z.int() and z.email() are, is not told here by its type alone.
  if ('check' in schema._zod.def) return null;
  const { checks = [] } = schema._zod.def;
  const conditions = checks.map((check) => conditionOf((check as z.core.$ZodChecks)._zod));
  const known = conditions.filter((condition) => condition !== null);
  return known.length === conditions.length ? known : null;
}

function holdsAll<T>(conditions: readonly Condition<T>[], value: T): boolean {
  for (const condition of conditions) if (!condition(value)) return false;
  return true;
}

/** What is made of a schema: a spelling, and the same check without it. Both take the same values. */
type Compiled = { readonly spell: Spelling; readonly takes: Condition<unknown> };

const refuse: Compiled = { spell: () => null, takes: () => false };

function textOf(schema: Schema): Compiled {
  const conditions = conditionsOf(schema, textCondition);
  if (conditions === null) return refuse;
  const takes = (value: unknown): value is string => typeof value === 'string' && holdsAll(conditions, value);
  return { takes, spell: (value) => (takes(value) ? spellText(value) : null) };
}

function numberOf(schema: Schema): Compiled {
  const conditions = conditionsOf(schema, numberCondition);
  if (conditions === null) return refuse;
  const takes = (value: unknown): boolean => Number.isFinite(value) && holdsAll(conditions, value as number);
  // −0 is spelt 0.
  return { takes, spell: (value) => (takes(value) ? String(value) : null) };
}

function literalOf(values: Iterable<unknown>): Compiled {
  const texts = new Map([...values].map((one) => [one, canonicalJson(one)]));
  return { takes: (value) => texts.has(value), spell: (value) => texts.get(value) ?? null };
}

/** Compiles each schema once, however often it is used. */
class Compiler {
  readonly #objects = new Map<z.core.$ZodType, Compiled>();

  of(schema: Schema): Compiled {
    const { def } = schema._zod;
    switch (def.type) {
      case 'string':
        return textOf(schema);
      case 'number':
        return numberOf(schema);
      case 'boolean':
        return (def.checks ?? []).length === 0 ? literalOf([true, false]) : refuse;
      case 'literal':
        return literalOf(def.values);
      case 'enum':
        return literalOf(Object.values(def.entries));
      case 'nullable': {
        const { spell, takes } = this.of(def.innerType as Schema);
        return {
          takes: (value) => value === null || takes(value),
          spell: (value) => (value === null ? 'null' : spell(value)),
        };
      }
      case 'array':
        return this.#array(schema as z.core.$ZodArray);
      case 'union':
        return this.#union(schema as z.core.$ZodUnion);
      case 'object':
        return this.#object(schema as z.core.$ZodObject);
      default:
        return refuse;
    }
  }

  #array(schema: z.core.$ZodArray): Compiled {
    const conditions = conditionsOf(schema as Schema, lengthCondition);
    if (conditions === null) return refuse;
    const inner = this.of(schema._zod.def.element as Schema);
    const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value) && holdsAll(conditions, value);
    return {
      takes: (value) => isList(value) && takesAll(value, inner.takes),
      spell: (value) => (isList(value) ? spellList(value, inner.spell) : null),
    };
  }

  /** A union is told apart by one field, or is one of literals; any other is left to the schema. */
  #union(schema: z.core.$ZodUnion): Compiled {
    const { def } = schema._zod;
    const options = def.options as readonly Schema[];
    if ((def.checks ?? []).length > 0) return refuse;
    if (!('discriminator' in def)) {
      const literals = options.map((option) => (option._zod.def.type === 'literal' ? option._zod.def.values : null));
      return literals.includes(null) ? refuse : literalOf(literals.flatMap((values) => values ?? []));
    }
    const field = String(def.discriminator);
    const found = new Map<unknown, Compiled>();
    for (const option of options) {
      const made = this.of(option);
      for (const value of option._zod.propValues?.[field] ?? []) found.set(value, made);
    }
    return byField(field, (kind) => found.get(kind));
  }

  #object(schema: z.core.$ZodObject): Compiled {
    const known = this.#objects.get(schema);
    if (known !== undefined) return known;
    const { shape, catchall, checks = [] } = schema._zod.def;
    const isStrict = catchall?._zod.def.type === 'never' && checks.length === 0;
    const made = isStrict ? objectOf(Object.entries(shape).map((one) => this.#member(one))) : refuse;
    this.#objects.set(schema, made);
    return made;
  }

  #member([field, schema]: readonly [string, z.core.$ZodType]): Member {
    const { def } = (schema as Schema)._zod;
    const isOptional = def.type === 'optional';
    const inner = this.of((isOptional ? def.innerType : schema) as Schema);
    return { field, name: `${JSON.stringify(field)}:`, isOptional, ...inner };
  }
}

function takesAll(values: readonly unknown[], takes: Condition<unknown>): boolean {
  for (let i = 0; i < values.length; i += 1) if (!takes(values[i])) return false;
  return true;
}

function spellList(values: readonly unknown[], spell: Spelling): string | null {
  let text = '';
  for (let i = 0; i < values.length; i += 1) {
    const spelt = spell(values[i]);
    if (spelt === null) return null;
    text += i === 0 ? spelt : `,${spelt}`;
  }
  return `[${text}]`;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Objects that a field tells apart. */
function byField(field: string, compiledOf: (kind: unknown) => Compiled | undefined): Compiled {
  return {
    takes: (value) => isFields(value) && compiledOf(value[field])?.takes(value) === true,
    spell: (value) => (isFields(value) ? (compiledOf(value[field])?.spell(value) ?? null) : null),
  };
}

type Member = Compiled & {
  readonly field: string;
  /** As it is written. */
  readonly name: string;
  readonly isOptional: boolean;
};

/**
 * Takes plain objects with exactly these fields: a field that is not known is not counted. What can never change is
 * checked and spelt once.
 */
function objectOf(members: readonly Member[]): Compiled {
  const sorted = [...members].sort((a, b) => (a.field < b.field ? -1 : 1));
  const isPlain = (given: object): given is Fields => Object.getPrototypeOf(given) === Object.prototype;
  const spellFields = (given: object): string | null => {
    if (!isPlain(given)) return null;
    let text = '';
    let count = 0;
    for (const { field, name, spell, isOptional } of sorted) {
      const value = given[field];
      if (value === undefined && isOptional) continue;
      const spelt = spell(value);
      if (spelt === null) return null;
      text += count === 0 ? name + spelt : `,${name}${spelt}`;
      count += 1;
    }
    return Object.keys(given).length === count ? `{${text}}` : null;
  };
  const known = new WeakSet<object>();
  const takes = (given: unknown): boolean => {
    if (!isFields(given) || !isPlain(given)) return false;
    const isKept = Object.isFrozen(given) && isFrozenWhole(given);
    if (isKept && known.has(given)) return true;
    let count = 0;
    for (const member of sorted) {
      const value = given[member.field];
      if (value === undefined && member.isOptional) continue;
      if (!member.takes(value)) return false;
      count += 1;
    }
    const isTaken = Object.keys(given).length === count;
    if (isTaken && isKept) known.add(given);
    return isTaken;
  };
  const once = oncePerFrozen(spellFields);
  return { takes, spell: (given) => (isFields(given) ? once(given) : null) };
}

/**
 * Makes the functions that check a value without copying it, and spell it: the same text as `canonicalJson` of what the
 * schema makes of it. They take only what the schema certainly leaves as it is. What each of the options needs is
 * compiled when the first value of it comes.
 */
export function compileSchema(options: z.core.$ZodDiscriminatedUnion): Compiled {
  const { discriminator, options: schemas } = options._zod.def;
  const compiler = new Compiler();
  const compiled = new Map<unknown, () => Compiled>();
  for (const schema of schemas) {
    let made: Compiled | null = null;
    const once = (): Compiled => (made ??= compiler.of(schema as Schema));
    for (const kind of schema._zod.propValues?.[discriminator] ?? []) compiled.set(kind, once);
  }
  return byField(discriminator, (kind) => compiled.get(kind)?.());
}
