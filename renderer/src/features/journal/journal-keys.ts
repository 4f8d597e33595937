import { subjectKey, isWriting, useAnnotations, write } from '#renderer/src/store/annotations.ts';
import { startImport } from '#renderer/src/store/import.ts';
import {
  closeDetail,
  currentList,
  moveSelected,
  openSelected,
  selectIndex,
  showTab,
  subjectOf,
  useJournal,
} from '#renderer/src/store/journal.ts';
import { comboOf, ownerOf } from '#renderer/src/features/keys/bindings.ts';
import type { BindingId } from '#renderer/src/features/keys/bindings.ts';
import { openDialog } from '#renderer/src/store/ui.ts';

/** Rows a page key moves. */
const PAGE = 20;

function move(step: number): boolean {
  const list = currentList();
  if (list === null) return false;
  moveSelected(list, step);
  return true;
}

function toEnd(index: number): boolean {
  const list = currentList();
  if (list === null) return false;
  selectIndex(list, index);
  return true;
}

function focus(id: string): boolean {
  const field = document.getElementById(id);
  field?.focus();
  return field !== null;
}

function act(action: () => void): boolean {
  action();
  return true;
}

/** What the keys of the Journal screen do; each says whether it did something. */
const ACTIONS: Readonly<Partial<Record<BindingId, () => boolean>>> = {
  'journal-next': () => move(1),
  'journal-previous': () => move(-1),
  'journal-search': () => focus('journal-search'),
  'journal-note': () => focus('journal-note'),
  'journal-import': () => act(startImport),
  'journal-export': () => act(() => openDialog('export')),
  'journal-trades': () => act(() => showTab('trades')),
  'journal-decisions': () => act(() => showTab('decisions')),
  'journal-calendar': () => act(() => showTab('calendar')),
  'journal-imports': () => act(() => showTab('imports')),
};

/** Keys that every list has, whatever the trader chose. */
const LIST_KEYS: Readonly<Record<string, () => boolean>> = {
  PageDown: () => move(PAGE),
  PageUp: () => move(-PAGE),
  Home: () => toEnd(0),
  End: () => toEnd(Number.MAX_SAFE_INTEGER),
};

/** Rates the trade or decision that is open; 0 takes the rating away. */
function rate(digit: number): boolean {
  const { open } = useJournal.getState();
  if (open === null || digit > 5) return false;
  const subject = subjectOf(open);
  if (!isWriting(useAnnotations.getState().byKey[subjectKey(subject)])) return false;
  write(subject, { rating: digit === 0 ? null : digit });
  return true;
}

/** Elements that have their own use for Enter, arrows and the like. */
const OWN_KEYS = 'button, a, summary, [role="tab"], [role="radio"], [role="option"], [role="dialog"]';

const isOwnKey = (event: KeyboardEvent): boolean => {
  const isPlain = event.key.length === 1 && event.key !== ' ';
  const { target } = event;
  if (isPlain || !(target instanceof HTMLElement)) return false;
  // The calendar and the tables of the other tabs move by the arrows themselves.
  return target.closest(OWN_KEYS) !== null;
};

/** Handles a key on the Journal screen; false leaves it to the page. */
export function onJournalKey(event: KeyboardEvent): boolean {
  if (isOwnKey(event)) return false;
  // An open form of conditions has the keys to itself.
  if (document.querySelector('[data-radix-popper-content-wrapper]') !== null) return false;
  if (event.key === 'Enter') {
    const list = currentList();
    if (list === null || useJournal.getState().selection[list] === null) return false;
    openSelected(list);
    return true;
  }
  if (/^[0-9]$/.test(event.key)) return rate(Number(event.key));
  const owner = ownerOf(comboOf(event), 'journal');
  const action = owner === null ? LIST_KEYS[event.key] : ACTIONS[owner.id];
  return action?.() ?? false;
}

/** Escape on the Journal screen: closes the detail. */
export function journalBack(): void {
  if (useJournal.getState().open !== null) closeDetail();
}
