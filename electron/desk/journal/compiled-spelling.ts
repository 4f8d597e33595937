import type { z } from 'zod';
import { canonicalJson, spellText } from './canonical.ts';

/**
 * Checks a value against its schema and spells it, in one pass. Null: it is not certain that the schema takes the
 * value as it is, and the schema itself has to be asked.
 */
export type Spelling = (value: unknown) => string | null;

type Schema = z.core.$ZodTypes;

/** Collects the functions of a schema, and what stands in them for what is no text. */
class Compiler {
  readonly functions: string[] = [];
  readonly constants: unknown[] = [];
  readonly #names = new Map<z.core.$ZodType, string>();
  #variables = 0;

  constant(value: unknown): string {
    this.constants.push(value);
    return `c[${this.constants.length - 1}]`;
  }

  variable(): string {
    this.#variables += 1;
    return `v${this.#variables}`;
  }

  /** The function of a schema of an object, made once however often the schema is used. */
  functionOf(schema: z.core.$ZodObject): string {
    const known = this.#names.get(schema);
    if (known !== undefined) return known;
    const name = `f${this.#names.size}`;
    this.#names.set(schema, name);
    this.functions.push(objectFunction(this, name, schema));
    return name;
  }
}

/** Statements that put the spelling of the value named `value` into `target`, or return null. */
type Statements = { readonly value: string; readonly target: string };
/** The condition that a value is of its type, and the name of the value. */
type Typed = { readonly type: string; readonly value: string };

const REFUSE = 'return null;';
const unless = (condition: string): string => `if (!(${condition})) ${REFUSE}`;
const read = (field: string): string => `o[${JSON.stringify(field)}]`;

/** The condition of a check; null for one that is not known here, or changes the value. */
function conditionOf(compiler: Compiler, check: z.core.$ZodCheck, value: string): string | null {
  const { def } = (check as z.core.$ZodChecks)._zod;
  switch (def.check) {
    case 'number_format':
      return def.format === 'safeint' ? `Number.isSafeInteger(${value})` : null;
    case 'greater_than':
      return typeof def.value === 'number' ? `${value} ${def.inclusive ? '>=' : '>'} ${def.value}` : null;
    case 'less_than':
      return typeof def.value === 'number' ? `${value} ${def.inclusive ? '<=' : '<'} ${def.value}` : null;
    case 'min_length':
      return `${value}.length >= ${def.minimum}`;
    case 'max_length':
      return `${value}.length <= ${def.maximum}`;
    case 'string_format': {
      const { pattern } = def;
      const isPlain = def.format === 'regex' && pattern?.global === false && !pattern.sticky;
      return isPlain ? `${compiler.constant(pattern)}.test(${value})` : null;
    }
    default:
      return null;
  }
}

/** The conditions of a type and all its checks; null where one is not known. */
function conditionsOf(compiler: Compiler, schema: Schema, { type, value }: Typed): string | null {
  const { checks = [] } = schema._zod.def;
  const conditions = checks.map((check) => conditionOf(compiler, check, value));
  // A schema that is a check of its own, as z.int() and z.email() are, is not told here by its type alone.
  if ('check' in schema._zod.def || conditions.includes(null)) return null;
  return [type, ...conditions].join(' && ');
}

function primitiveStatements(compiler: Compiler, schema: Schema, { value, target }: Statements): string {
  const { type } = schema._zod.def;
  // What is finite is 0 when it is taken from itself. −0 is spelt 0.
  const isFinite = type === 'number' ? ` && ${value} - ${value} === 0` : '';
  const conditions = conditionsOf(compiler, schema, { type: `typeof ${value} === '${type}'${isFinite}`, value });
  const text = type === 'string' ? `spellText(${value})` : `'' + ${value}`;
  return conditions === null ? REFUSE : `${unless(conditions)} ${target} = ${text};`;
}

function literalStatements(compiler: Compiler, values: Iterable<unknown>, { value, target }: Statements): string {
  const texts = new Map([...values].map((one) => [one, canonicalJson(one)]));
  return `${target} = ${compiler.constant(texts)}.get(${value}); if (${target} === undefined) ${REFUSE}`;
}

function arrayStatements(compiler: Compiler, schema: z.core.$ZodArray, { value, target }: Statements): string {
  const conditions = conditionsOf(compiler, schema, { type: `Array.isArray(${value})`, value });
  if (conditions === null) return REFUSE;
  const [text, i, element, spelling] = Array.from({ length: 4 }, () => compiler.variable());
  return `${unless(conditions)} let ${text} = ''; for (let ${i} = 0; ${i} < ${value}.length; ${i} += 1) {
    const ${element} = ${value}[${i}]; let ${spelling};
    ${statements(compiler, schema._zod.def.element as Schema, { value: String(element), target: String(spelling) })}
    ${text} += ${i} === 0 ? ${spelling} : ',' + ${spelling};
  } ${target} = '[' + ${text} + ']';`;
}

/** A union is told apart by one field, or is one of literals; any other is left to the schema. */
function unionStatements(compiler: Compiler, schema: z.core.$ZodUnion, at: Statements): string {
  const options = schema._zod.def.options as readonly Schema[];
  if (!('discriminator' in schema._zod.def)) {
    const literals = options.flatMap((option) =>
      option._zod.def.type === 'literal' ? option._zod.def.values : [null],
    );
    return literals.includes(null) ? REFUSE : literalStatements(compiler, literals, at);
  }
  const field = JSON.stringify(schema._zod.def.discriminator);
  const cases = options.map((option) => {
    const values = [...(option._zod.propValues?.[JSON.parse(field) as string] ?? [])];
    const labels = values.map((one) => `case ${JSON.stringify(one)}:`).join(' ');
    return labels === '' ? '' : `${labels} ${statements(compiler, option, at)} break;`;
  });
  return `${unless(`typeof ${at.value} === 'object' && ${at.value} !== null`)}
    switch (${at.value}[${field}]) { ${cases.join('\n')} default: ${REFUSE} }`;
}

function statements(compiler: Compiler, schema: Schema, at: Statements): string {
  const { value, target } = at;
  const { def } = schema._zod;
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
      return primitiveStatements(compiler, schema, at);
    case 'literal':
      return literalStatements(compiler, def.values, at);
    case 'enum':
      return literalStatements(compiler, Object.values(def.entries), at);
    case 'nullable':
      return `if (${value} === null) ${target} = 'null'; else { ${statements(compiler, def.innerType as Schema, at)} }`;
    case 'array':
      return arrayStatements(compiler, schema as z.core.$ZodArray, at);
    case 'union':
      return unionStatements(compiler, schema as z.core.$ZodUnion, at);
    case 'object':
      return `${target} = ${compiler.functionOf(schema as z.core.$ZodObject)}(${value}); if (${target} === null) ${REFUSE}`;
    default:
      return REFUSE;
  }
}

type Member = { readonly field: string; readonly schema: Schema; readonly isOptional: boolean };

const memberOf = ([field, schema]: readonly [string, z.core.$ZodType]): Member => {
  const { def } = (schema as Schema)._zod;
  const isOptional = def.type === 'optional';
  return { field, schema: (isOptional ? def.innerType : schema) as Schema, isOptional };
};

/** Puts one field into the text `t`, and counts it in `n`. */
function memberStatements(compiler: Compiler, { field, schema, isOptional }: Member, comma: string): string {
  const [value, target] = [compiler.variable(), compiler.variable()];
  const put = `let ${target}; ${statements(compiler, schema, { value, target })} n += 1;
    t += ${comma} + ${JSON.stringify(`${JSON.stringify(field)}:`)} + ${target};`;
  return `const ${value} = ${read(field)}; ${isOptional ? `if (${value} !== undefined) { ${put} }` : put}`;
}

/** A function that takes plain objects with exactly these fields: a field that is not known is not counted. */
function objectFunction(compiler: Compiler, name: string, schema: z.core.$ZodObject): string {
  const { shape, catchall, checks = [] } = schema._zod.def;
  const isStrict = catchall?._zod.def.type === 'never' && checks.length === 0;
  if (!isStrict) return `function ${name}() { ${REFUSE} }`;
  const members = Object.entries(shape)
    .map(memberOf)
    .sort((a, b) => (a.field < b.field ? -1 : 1));
  const firstRequired = members.findIndex(({ isOptional }) => !isOptional);
  const commaOf = (i: number): string =>
    firstRequired >= 0 && i > firstRequired ? `','` : i === 0 ? `''` : `(t === '' ? '' : ',')`;
  const body = members.map((member, i) => memberStatements(compiler, member, commaOf(i)));
  return `function ${name}(o) {
    ${unless(`typeof o === 'object' && o !== null && Object.getPrototypeOf(o) === Object.prototype`)}
    let t = ''; let n = 0;
    ${body.join('\n')}
    return Object.keys(o).length === n ? '{' + t + '}' : null;
  }`;
}

function compile(schema: Schema): Spelling {
  const compiler = new Compiler();
  const body = statements(compiler, schema, { value: 'given', target: 'spelling' });
  const source = `${compiler.functions.join('\n')}
    return (given) => { let spelling; ${body} return spelling; };`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- as zod compiles its objects: only schemas of this desk go into the text
  const make = new Function('c', 'spellText', source) as (
    constants: readonly unknown[],
    spell: typeof spellText,
  ) => Spelling;
  return make(compiler.constants, spellText);
}

/**
 * Makes the function that checks and spells a value without copying it: the same text as `canonicalJson` of what the
 * schema makes of it. It takes only what the schema certainly leaves as it is; the rest is null. What each of the
 * options needs is compiled when the first value of it comes.
 */
export function compileSpelling(options: z.core.$ZodDiscriminatedUnion): Spelling {
  const { discriminator, options: schemas } = options._zod.def;
  const spellings = new Map<unknown, () => Spelling>();
  for (const schema of schemas) {
    let made: Spelling | null = null;
    const once = (): Spelling => (made ??= compile(schema as Schema));
    for (const kind of schema._zod.propValues?.[discriminator] ?? []) spellings.set(kind, once);
  }
  return (value) => {
    if (typeof value !== 'object' || value === null) return null;
    const made = spellings.get((value as Readonly<Record<string, unknown>>)[discriminator]);
    return made === undefined ? null : made()(value);
  };
}
