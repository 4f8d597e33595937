import { contractCeiling } from '#shared/domain/ceiling.ts';
import {
  confirmApprove,
  pickReason,
  requestApprove,
  startReject,
  stepContracts,
  typeContracts,
} from '#renderer/src/features/desk/approval.ts';
import {
  confirmCancel,
  confirmFlatten,
  moveOrder,
  movePosition,
  requestCancel,
  requestFlatten,
} from '#renderer/src/features/desk/exits.ts';
import { journalBack, onJournalKey } from '#renderer/src/features/journal/journal-keys.ts';
import { halt } from '#renderer/src/store/actions.ts';
import { closeWhatIf, toggleWhatIf, usePlanDraft } from '#renderer/src/store/plan-draft.ts';
import { moveSelection, useRecommendations } from '#renderer/src/store/recommendations.ts';
import { clearDraft, disarmSecondKey, openDialog, showScreen, useUi } from '#renderer/src/store/ui.ts';
import { createDigits } from './digits.ts';

/** True where a single letter belongs to the text and not to the desk. */
export const isTextField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));

/** Runs what waits for its second key; false when nothing waits. */
function confirmPending(): boolean {
  const { pending } = useUi.getState();
  if (pending === null || Date.now() > pending.until) return false;
  if (pending.kind === 'approve') confirmApprove(pending.target);
  if (pending.kind === 'flatten') confirmFlatten(pending.target);
  if (pending.kind === 'cancel') confirmCancel(pending.target);
  return true;
}

function move(step: number): void {
  const { list } = useUi.getState();
  disarmSecondKey();
  if (list === 'positions') movePosition(step);
  else if (list === 'orders') moveOrder(step);
  else {
    clearDraft();
    moveSelection(step);
  }
}

/** Makes a list the one that J, K and the single letters act on, with something selected in it. */
export function focusList(list: 'queue' | 'positions' | 'orders'): void {
  useUi.setState(list === 'queue' ? { list } : { list, bottomTab: list });
  if (list === 'positions') movePosition(0);
  if (list === 'orders') moveOrder(0);
}

/** One step back; never sends anything. */
function stepBack(): void {
  const { pending, picker, draft, list } = useUi.getState();
  if (pending !== null) {
    disarmSecondKey();
    return;
  }
  if (picker !== null || draft !== null) {
    clearDraft();
    return;
  }
  if (usePlanDraft.getState().isDrawerOpen) {
    closeWhatIf();
    return;
  }
  if (list !== 'queue') focusList('queue');
}

const digits = createDigits();

function typeDigit(digit: number): void {
  const { selected, bySymbol } = useRecommendations.getState();
  const recommendation = selected === null ? undefined : bySymbol[selected];
  if (recommendation === undefined) return;
  const { picker } = useUi.getState();
  const isReason = picker !== null && picker.id === recommendation.id && !digits.isOpen(Date.now());
  if (isReason) {
    pickReason(digit - 1);
    return;
  }
  const typed = digits.type(digit, Date.now(), contractCeiling(recommendation.decision).contracts);
  if (typed !== null) typeContracts(typed);
}

const DESK_KEYS: Readonly<Record<string, () => void>> = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  '-': () => stepContracts(-1),
  '+': () => stepContracts(1),
  '=': () => stepContracts(1),
  x: startReject,
  f: () => requestFlatten(useUi.getState().positionSymbol),
  c: () => requestCancel(useUi.getState().orderId),
  p: () => focusList('positions'),
  o: () => focusList('orders'),
  w: toggleWhatIf,
};

function onDeskKey(event: KeyboardEvent): boolean {
  if (event.key === 'Enter') {
    if (event.shiftKey) {
      requestApprove();
      return true;
    }
    return confirmPending();
  }
  if (/^[0-9]$/.test(event.key)) {
    typeDigit(Number(event.key));
    return true;
  }
  const action = DESK_KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (action === undefined) return false;
  action();
  return true;
}

function onKey(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === '1' && event.ctrlKey) showScreen('desk');
    else if (event.key === '2' && event.ctrlKey) showScreen('performance');
    else if (event.key === '3' && event.ctrlKey) showScreen('journal');
    else return false;
    return true;
  }
  const { dialog, screen } = useUi.getState();
  if (dialog !== null) return false;
  if (event.key === 'Escape') {
    if (screen === 'journal') return escapeJournal(event);
    if (isTextField(event.target) && event.target instanceof HTMLElement) event.target.blur();
    stepBack();
    return true;
  }
  if (isTextField(event.target)) return false;
  if (event.key === '?') {
    openDialog('keys');
    return true;
  }
  if (screen === 'journal') return onJournalKey(event);
  return screen === 'desk' && onDeskKey(event);
}

/** Escape on the Journal screen: out of the field first, then out of the detail. What floats closes itself. */
function escapeJournal({ target }: KeyboardEvent): boolean {
  if (document.querySelector('[data-radix-popper-content-wrapper]') !== null) return false;
  if (isTextField(target) && target instanceof HTMLElement) target.blur();
  else journalBack();
  return true;
}

/** A splitter moves with the arrows by itself, and so does a price that can be stepped. */
function movesByItself({ target, key }: KeyboardEvent): boolean {
  const role = target instanceof HTMLElement ? target.getAttribute('role') : null;
  return role === 'separator' || (role === 'spinbutton' && /^(Arrow|Page)/.test(key));
}

/** Listens to the whole window. F8 halts from anywhere, also in dialogs and text fields. */
export function startKeyboard(): () => void {
  const listener = (event: KeyboardEvent) => {
    if (event.key === 'F8') {
      event.preventDefault();
      if (!event.repeat) void halt();
      return;
    }
    if (movesByItself(event) || (event.repeat && event.key === 'Enter')) return;
    if (onKey(event)) event.preventDefault();
  };
  window.addEventListener('keydown', listener, { capture: true });
  return () => window.removeEventListener('keydown', listener, { capture: true });
}
