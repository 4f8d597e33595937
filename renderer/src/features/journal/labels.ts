/** A label and how often it is in use. */
export type Counted = { readonly label: string; readonly count: number };

const MOST_SHOWN = 7;
/** Characters of a label at most. */
export const LONGEST = 40;

/** Labels in use that fit what is typed and are not chosen yet: those beginning with it first. */
export function suggestions(typed: string, known: readonly Counted[], chosen: readonly string[]): readonly Counted[] {
  const wanted = typed.trim().toLowerCase();
  const taken = new Set(chosen.map((label) => label.toLowerCase()));
  const fits = known.filter(({ label }) => label.toLowerCase().includes(wanted) && !taken.has(label.toLowerCase()));
  const begins = ({ label }: Counted) => label.toLowerCase().startsWith(wanted);
  return [...fits.filter(begins), ...fits.filter((entry) => !begins(entry))].slice(0, MOST_SHOWN);
}

/** Adds a label once, whatever its case; one that exists keeps its spelling. */
export function withLabel(chosen: readonly string[], typed: string, known: readonly Counted[]): readonly string[] {
  const label = typed.trim().slice(0, LONGEST);
  if (label === '') return chosen;
  const spelt = known.find((entry) => entry.label.toLowerCase() === label.toLowerCase())?.label ?? label;
  return chosen.some((other) => other.toLowerCase() === spelt.toLowerCase()) ? chosen : [...chosen, spelt];
}
