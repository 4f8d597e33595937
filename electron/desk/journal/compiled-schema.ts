import type { z } from 'zod';
import { assertNever } from '#shared/result.ts';
import { isFrozenWhole } from '#shared/frozen.ts';
import { spellText } from './canonical.ts';
import { type Layout, NONE, type Rule, RuleCompiler } from './schema-rules.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Orders of the fields of one kind of object that are kept. */
const LAYOUTS_KEPT = 16;

const hasKeys = ({ keys }: Layout, given: readonly string[]): boolean => {
  if (keys.length !== given.length) return false;
  for (let i = 0; i < keys.length; i += 1) if (keys[i] !== given[i]) return false;
  return true;
};

/** Where the fields of a plain object are spelt; null when they are not exactly those it must have. */
function layoutOf({ members, layouts }: Rule, value: Fields): Layout | null {
  if (Object.getPrototypeOf(value) !== Object.prototype) return null;
  const keys = Object.keys(value);
  for (let i = 0; i < layouts.length; i += 1) {
    const layout = layouts[i];
    if (layout !== undefined && hasKeys(layout, keys)) return layout;
  }
  const there = members.filter(({ field }) => keys.includes(field));
  const isWhole = members.every(({ field, isOptional }) => isOptional || keys.includes(field));
  if (!isWhole || there.length !== keys.length) return null;
  const named = there.map(({ field, rule }, i) => ({
    ...{ field, rule },
    name: `${i === 0 ? '{' : ','}${JSON.stringify(field)}:`,
  }));
  const layout: Layout = { keys, members: named };
  if (layouts.length < LAYOUTS_KEPT) layouts.push(layout);
  return layout;
}

function spellFields(rule: Rule, value: Fields): string | null {
  const layout = layoutOf(rule, value);
  if (layout === null) return null;
  let text = layout.members.length === 0 ? '{' : '';
  for (const member of layout.members) {
    const spelt = spell(member.rule, value[member.field]);
    if (spelt === null) return null;
    text += member.name + spelt;
  }
  return `${text}}`;
}

/** What can never change is checked and spelt once. */
function spellOnce(rule: Rule, value: Fields): string | null {
  const known = rule.spelt.get(value);
  if (known !== undefined) return known;
  const text = spellFields(rule, value);
  if (text !== null) rule.spelt.set(value, text);
  return text;
}

/** The figures of a table repeat: what stands once more is neither checked nor spelt again. */
function spellNumbers(rule: Rule, values: readonly unknown[]): string | null {
  let last = values[0];
  let spelt = spell(rule, last);
  if (spelt === null) return null;
  let text = `[${spelt}`;
  spelt = `,${spelt}`;
  for (let i = 1; i < values.length; i += 1) {
    const value = values[i];
    if (value !== last) {
      const anew = spell(rule, value);
      if (anew === null) return null;
      [last, spelt] = [value, `,${anew}`];
    }
    text += spelt;
  }
  return `${text}]`;
}

function spellList(rule: Rule, values: readonly unknown[]): string | null {
  if (rule.type === 'number' && values.length > 0) return spellNumbers(rule, values);
  let text = '';
  for (let i = 0; i < values.length; i += 1) {
    const spelt = spell(rule, values[i]);
    if (spelt === null) return null;
    text += i === 0 ? spelt : `,${spelt}`;
  }
  return `[${text}]`;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

const isNumber = (rule: Rule, value: unknown): value is number =>
  typeof value === 'number' &&
  value > rule.above &&
  value < rule.below &&
  value >= rule.least &&
  value <= rule.most &&
  (!rule.isInteger || Number.isSafeInteger(value));

const isOfLength = ({ shortest, longest }: Rule, { length }: string | readonly unknown[]): boolean =>
  length >= shortest && length <= longest;

function isText(rule: Rule, value: unknown): value is string {
  if (typeof value !== 'string' || !isOfLength(rule, value)) return false;
  for (const pattern of rule.patterns) if (!pattern.test(value)) return false;
  return true;
}

const isList = (rule: Rule, value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && isOfLength(rule, value);

const optionOf = ({ options, field }: Rule, value: unknown): Rule =>
  (isFields(value) ? options.get(value[field]) : undefined) ?? NONE;

function spell(rule: Rule, value: unknown): string | null {
  if (value === null && rule.isNullable) return 'null';
  switch (rule.type) {
    case 'number':
      // −0 is spelt 0.
      return isNumber(rule, value) ? String(value) : null;
    case 'text':
      return isText(rule, value) ? spellText(value) : null;
    case 'literal':
      return rule.texts.get(value) ?? null;
    case 'object':
      if (!isFields(value)) return null;
      return isFrozenWhole(value) ? spellOnce(rule, value) : spellFields(rule, value);
    case 'union':
      return spell(optionOf(rule, value), value);
    case 'list':
      return isList(rule, value) ? spellList(rule.element ?? NONE, value) : null;
    case 'none':
      return null;
    default:
      return assertNever(rule.type);
  }
}

function takesAll(rule: Rule, values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i += 1) if (!takes(rule, values[i])) return false;
  return true;
}

function takesFields(rule: Rule, value: Fields): boolean {
  const isKept = Object.isFrozen(value) && isFrozenWhole(value);
  if (isKept && rule.taken.has(value)) return true;
  const layout = layoutOf(rule, value);
  if (layout === null) return false;
  for (const member of layout.members) if (!takes(member.rule, value[member.field])) return false;
  if (isKept) rule.taken.add(value);
  return true;
}

/** The same check without the spelling. */
function takes(rule: Rule, value: unknown): boolean {
  if (value === null && rule.isNullable) return true;
  switch (rule.type) {
    case 'number':
      return isNumber(rule, value);
    case 'text':
      return isText(rule, value);
    case 'literal':
      return rule.texts.has(value);
    case 'object':
      return isFields(value) && takesFields(rule, value);
    case 'union':
      return takes(optionOf(rule, value), value);
    case 'list':
      return isList(rule, value) && takesAll(rule.element ?? NONE, value);
    case 'none':
      return false;
    default:
      return assertNever(rule.type);
  }
}

/** What is made of a schema. Both take the same values. */
type Compiled = {
  /**
   * Checks a value against its schema and spells it, in one pass. Null: it is not certain that the schema takes the
   * value as it is, and the schema itself has to be asked.
   */
  readonly spell: (value: unknown) => string | null;
  readonly takes: (value: unknown) => boolean;
};

const functionsOf = (ruleOf: (value: unknown) => Rule): Compiled => ({
  spell: (value) => spell(ruleOf(value), value),
  takes: (value) => takes(ruleOf(value), value),
});

/** Makes those functions of an object that is stored, or a part of one. */
export function compilePart(schema: z.core.$ZodType): Compiled {
  const rule = new RuleCompiler().of(schema as z.core.$ZodTypes);
  return functionsOf(() => rule);
}

/**
 * Makes the functions that check a value without copying it, and spell it: the same text as `canonicalJson` of what the
 * schema makes of it. They take only what the schema certainly leaves as it is. What each of the options needs is
 * compiled when the first value of it comes.
 */
export function compileSchema(options: z.core.$ZodDiscriminatedUnion): Compiled {
  const { discriminator, options: schemas } = options._zod.def;
  const compiler = new RuleCompiler();
  const compiled = new Map<unknown, () => Rule>();
  for (const schema of schemas) {
    let made: Rule | null = null;
    const once = (): Rule => (made ??= compiler.of(schema as z.core.$ZodTypes));
    for (const kind of schema._zod.propValues?.[discriminator] ?? []) compiled.set(kind, once);
  }
  const ruleOf = (value: unknown): Rule => (isFields(value) ? compiled.get(value[discriminator])?.() : null) ?? NONE;
  return functionsOf(ruleOf);
}
