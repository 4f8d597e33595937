import type { z } from 'zod';
import { oncePerFrozen } from '#shared/frozen.ts';
import { canonicalJson, spellText } from './canonical.ts';

/**
 * Checks a value against its schema and spells it, in one pass. Null: it is not certain that the schema takes the
 * value as it is, and the schema itself has to be asked.
 */
export type Spelling = (value: unknown) => string | null;

type Schema = z.core.$ZodTypes;
/** A condition of a value whose type is known already. */
type Condition<T> = (value: T) => boolean;

const refuse: Spelling = () => null;

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

function textSpelling(schema: Schema): Spelling {
  const conditions = conditionsOf(schema, textCondition);
  if (conditions === null) return refuse;
  return (value) => (typeof value === 'string' && holdsAll(conditions, value) ? spellText(value) : null);
}

function numberSpelling(schema: Schema): Spelling {
  const conditions = conditionsOf(schema, numberCondition);
  if (conditions === null) return refuse;
  // −0 is spelt 0.
  return (value) => (Number.isFinite(value) && holdsAll(conditions, value as number) ? String(value) : null);
}

function literalSpelling(values: Iterable<unknown>): Spelling {
  const texts = new Map([...values].map((one) => [one, canonicalJson(one)]));
  return (value) => texts.get(value) ?? null;
}

/** Makes the spelling of each schema once, however often the schema is used. */
class Compiler {
  readonly #objects = new Map<z.core.$ZodType, Spelling>();

  spellingOf(schema: Schema): Spelling {
    const { def } = schema._zod;
    switch (def.type) {
      case 'string':
        return textSpelling(schema);
      case 'number':
        return numberSpelling(schema);
      case 'boolean':
        return (def.checks ?? []).length === 0 ? literalSpelling([true, false]) : refuse;
      case 'literal':
        return literalSpelling(def.values);
      case 'enum':
        return literalSpelling(Object.values(def.entries));
      case 'nullable': {
        const inner = this.spellingOf(def.innerType as Schema);
        return (value) => (value === null ? 'null' : inner(value));
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

  #array(schema: z.core.$ZodArray): Spelling {
    const conditions = conditionsOf(schema as Schema, lengthCondition);
    if (conditions === null) return refuse;
    const inner = this.spellingOf(schema._zod.def.element as Schema);
    return (value) => {
      if (!Array.isArray(value) || !holdsAll(conditions, value)) return null;
      let text = '';
      for (let i = 0; i < value.length; i += 1) {
        const spelt = inner(value[i]);
        if (spelt === null) return null;
        text += i === 0 ? spelt : `,${spelt}`;
      }
      return `[${text}]`;
    };
  }

  /** A union is told apart by one field, or is one of literals; any other is left to the schema. */
  #union(schema: z.core.$ZodUnion): Spelling {
    const { def } = schema._zod;
    const options = def.options as readonly Schema[];
    if ((def.checks ?? []).length > 0) return refuse;
    if (!('discriminator' in def)) {
      const literals = options.map((option) => (option._zod.def.type === 'literal' ? option._zod.def.values : null));
      return literals.includes(null) ? refuse : literalSpelling(literals.flatMap((values) => values ?? []));
    }
    const field = String(def.discriminator);
    const spellings = new Map<unknown, Spelling>();
    for (const option of options) {
      const spelling = this.spellingOf(option);
      for (const value of option._zod.propValues?.[field] ?? []) spellings.set(value, spelling);
    }
    return (value) => {
      if (typeof value !== 'object' || value === null) return null;
      return spellings.get((value as Readonly<Record<string, unknown>>)[field])?.(value) ?? null;
    };
  }

  #object(schema: z.core.$ZodObject): Spelling {
    const known = this.#objects.get(schema);
    if (known !== undefined) return known;
    const { shape, catchall, checks = [] } = schema._zod.def;
    const isStrict = catchall?._zod.def.type === 'never' && checks.length === 0;
    const made = isStrict ? objectSpelling(Object.entries(shape).map((one) => this.#member(one))) : refuse;
    this.#objects.set(schema, made);
    return made;
  }

  #member([field, schema]: readonly [string, z.core.$ZodType]): Member {
    const { def } = (schema as Schema)._zod;
    const isOptional = def.type === 'optional';
    const spelling = this.spellingOf((isOptional ? def.innerType : schema) as Schema);
    return { field, name: `${JSON.stringify(field)}:`, spelling, isOptional };
  }
}

type Member = {
  readonly field: string;
  /** As it is written. */
  readonly name: string;
  readonly spelling: Spelling;
  readonly isOptional: boolean;
};

/**
 * Takes plain objects with exactly these fields: a field that is not known is not counted. What can never change is spelt
 * once.
 */
function objectSpelling(members: readonly Member[]): Spelling {
  const sorted = [...members].sort((a, b) => (a.field < b.field ? -1 : 1));
  const spell = (given: object): string | null => {
    if (Object.getPrototypeOf(given) !== Object.prototype) return null;
    let text = '';
    let count = 0;
    for (const { field, name, spelling, isOptional } of sorted) {
      const value = (given as Readonly<Record<string, unknown>>)[field];
      if (value === undefined && isOptional) continue;
      const spelt = spelling(value);
      if (spelt === null) return null;
      text += count === 0 ? name + spelt : `,${name}${spelt}`;
      count += 1;
    }
    return Object.keys(given).length === count ? `{${text}}` : null;
  };
  const once = oncePerFrozen(spell);
  return (given) => (typeof given === 'object' && given !== null ? once(given) : null);
}

/**
 * Makes the function that checks and spells a value without copying it: the same text as `canonicalJson` of what the
 * schema makes of it. It takes only what the schema certainly leaves as it is; the rest is null. What each of the
 * options needs is compiled when the first value of it comes.
 */
export function compileSpelling(options: z.core.$ZodDiscriminatedUnion): Spelling {
  const { discriminator, options: schemas } = options._zod.def;
  const compiler = new Compiler();
  const spellings = new Map<unknown, () => Spelling>();
  for (const schema of schemas) {
    let made: Spelling | null = null;
    const once = (): Spelling => (made ??= compiler.spellingOf(schema as Schema));
    for (const kind of schema._zod.propValues?.[discriminator] ?? []) spellings.set(kind, once);
  }
  return (value) => {
    if (typeof value !== 'object' || value === null) return null;
    const made = spellings.get((value as Readonly<Record<string, unknown>>)[discriminator]);
    return made === undefined ? null : made()(value);
  };
}
