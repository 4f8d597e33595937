import { freezeWhole } from '#shared/frozen.ts';

/** How many of a part are kept: that many contracts, or settings, take turns. */
const KEPT = 16;
/** Stands where a part was taken out; no text that is read has it there. */
const TAKEN_OUT = '\u0001 a part that is known';

type Fields = Record<string, unknown>;
/** A part as it is spelt with its name, and what that says. */
type Known = { readonly spelt: string; readonly value: object };
type Part = { readonly field: string; readonly name: string; readonly known: Known[] };

const parseJson = (text: string): unknown => JSON.parse(text);

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Parses JSON in which the same objects stand text after text: each of them once, frozen and shared from then on. */
export interface RepeatedParts {
  /** What the text says. */
  parse(text: string): unknown;
  /** Keeps the parts of a value that was parsed and found good. */
  keep(text: string, value: unknown): void;
}

/** Keeps the newest first: they are asked for next. */
function keepIn({ known, name }: Part, value: object, text: string): void {
  const spelt = name + JSON.stringify(value);
  // A text that is spelt another way is parsed whole, every time.
  if (known.some((one) => one.spelt === spelt) || !text.includes(spelt)) return;
  known.unshift({ spelt, value: freezeWhole(value) });
  if (known.length > KEPT) known.pop();
}

/** A part that is known, and where it stands in a text. */
type Found = { readonly part: Part; readonly known: Known; readonly at: number };

/**
 * The parts of a text that are known, in their order, after a place. The last is looked for first: one that is not there,
 * as most are not, is looked for before it and not through all that follows.
 */
function foundIn(parts: readonly Part[], text: string, from: number): readonly Found[] {
  const found: Found[] = [];
  let until = text.length;
  for (const part of parts.toReversed()) {
    const at = text.slice(0, until).indexOf(`${part.name}{`, from);
    const fits = ({ spelt }: Known): boolean => at + spelt.length <= until && text.startsWith(spelt, at);
    const known = at < 0 ? undefined : part.known.find(fits);
    if (known === undefined) continue;
    found.push({ part, known, at });
    until = at;
  }
  return found.reverse();
}

/** Returns the parser for these fields, in the order of their spelling, of the object that stands under a name. */
export function createRepeatedParts(holder: string, fields: readonly string[]): RepeatedParts {
  const start = `"${holder}":{`;
  const parts = fields.map((field): Part => ({ field, name: `"${field}":`, known: [] }));
  const held = (value: unknown): Fields | null => {
    const inner = isFields(value) ? value[holder] : null;
    return isFields(inner) ? inner : null;
  };
  /** Puts the parts back; null where one of them was not what the holder has under its name. */
  const whole = (value: unknown, found: readonly Found[]): unknown => {
    const inner = held(value);
    if (inner === null || found.some(({ part }) => inner[part.field] !== TAKEN_OUT)) return null;
    for (const { part, known } of found) inner[part.field] = known.value;
    return value;
  };
  return {
    parse: (text) => {
      const from = text.indexOf(start);
      if (from < 0) return parseJson(text);
      const found = foundIn(parts, text, from);
      if (found.length === 0) return parseJson(text);
      let [rest, done] = ['', 0];
      for (const { part, known, at } of found) {
        rest += `${text.slice(done, at)}${part.name}${JSON.stringify(TAKEN_OUT)}`;
        done = at + known.spelt.length;
      }
      return whole(parseJson(rest + text.slice(done)), found) ?? parseJson(text);
    },
    keep: (text, value) => {
      const inner = held(value);
      if (inner === null) return;
      for (const part of parts) {
        const own = inner[part.field];
        if (isFields(own) && !part.known.some((one) => one.value === own)) keepIn(part, own, text);
      }
    },
  };
}
