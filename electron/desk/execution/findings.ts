import type { Difference, Reconciliation } from '#shared/domain/risk.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { ExecutionContext } from './context.ts';
import { differenceText } from './reconcile.ts';

/** What broker and journal do not agree on, and what the trader said about it. */
export interface Findings {
  /** Replaces what the last comparison found; what was found between comparisons stays until it is resolved. */
  replace(found: readonly Difference[]): void;
  /** Adds what was found between comparisons. False when it stands already. */
  add(difference: Difference): boolean;
  /** All that stand, those the trader has set aside included. */
  all(): readonly Difference[];
  /** Those that still lock their instrument. */
  open(): readonly Difference[];
  find(id: string): Difference | null;
  /** The trader has dealt with one: it is gone, or, set aside, no longer locks as long as it stays the same. */
  resolve(id: string, isSetAside: boolean): void;
}

const LASTING: ReadonlySet<Difference['kind']> = new Set(['overfill', 'fill-conflict']);

type Memory = { readonly setAside: Set<string>; readonly lasting: Map<string, Difference> };

/** What was set aside, and what had not been resolved, when the desk stopped. */
function remembered(journal: Journal): Memory {
  const setAside = new Set<string>();
  const lasting = new Map<string, Difference>();
  for (const { event } of journal.events({ kinds: ['reconciliation', 'difference-resolved'] })) {
    if (event.kind === 'difference-resolved') {
      const { id } = event.difference;
      if (event.choice === 'ignore') setAside.add(id);
      else lasting.delete(id);
      continue;
    }
    const ids = new Set(event.differences.map((d) => d.id));
    for (const id of setAside) if (!ids.has(id)) setAside.delete(id);
    for (const d of event.differences) if (LASTING.has(d.kind)) lasting.set(d.id, d);
  }
  return { setAside, lasting };
}

/** Returns the findings of one account, as the journal left them. */
export function createFindings({ journal, notices, changed }: ExecutionContext): Findings {
  const { setAside, lasting } = remembered(journal);
  let found: readonly Difference[] = [];

  const all = (): readonly Difference[] => [...found, ...lasting.values()];
  const open = (): readonly Difference[] => all().filter((d) => !setAside.has(d.id));
  const told = new Set<string>();
  const tell = (): void => {
    const standing = new Map(open().map((d) => [d.id, d]));
    for (const id of told) {
      if (standing.has(id)) continue;
      notices.clear(`difference ${id}`);
      told.delete(id);
    }
    for (const [id, difference] of standing) {
      told.add(id);
      const isStop = difference.kind === 'missing-stop';
      notices.raise({
        id: `difference ${id}`,
        level: 'error',
        title: isStop ? `${difference.symbol} has no stop` : `${difference.symbol}: broker and journal do not agree`,
        detail: differenceText(difference),
        remedy: isStop ? 'Put a stop in, or flatten it.' : 'Open the reconciliation and say what to do about it.',
      });
    }
    changed();
  };

  return {
    replace: (next) => {
      found = next;
      const ids = new Set(all().map((d) => d.id));
      // Set aside holds for this finding; when it is gone and comes back it is a new one.
      for (const id of setAside) if (!ids.has(id)) setAside.delete(id);
      tell();
    },
    add: (difference) => {
      if (all().some((d) => d.id === difference.id)) return false;
      if (LASTING.has(difference.kind)) lasting.set(difference.id, difference);
      else found = [...found, difference];
      tell();
      return true;
    },
    all,
    open,
    find: (id) => all().find((d) => d.id === id) ?? null,
    resolve: (id, isSetAside) => {
      if (isSetAside) setAside.add(id);
      else {
        found = found.filter((d) => d.id !== id);
        lasting.delete(id);
      }
      tell();
    },
  };
}

/** The result of a comparison as one word. */
export const resultOf = (findings: Findings): Reconciliation['state'] =>
  findings.open().length === 0 ? 'clean' : 'differences';
