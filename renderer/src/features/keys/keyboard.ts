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
import { focusList } from '#renderer/src/features/desk/lists.ts';
import { onBacktestKey } from '#renderer/src/features/backtest/backtest-keys.ts';
import { journalBack, onJournalKey } from '#renderer/src/features/journal/journal-keys.ts';
import { halt } from '#renderer/src/store/actions.ts';
import { closeWhatIf, toggleWhatIf, usePlanDraft } from '#renderer/src/store/plan-draft.ts';
import { endTour, useTour } from '#renderer/src/store/tour.ts';
import { showVetoes } from '#renderer/src/features/desk/vetoes.ts';
import { moveSelection, useRecommendations } from '#renderer/src/store/recommendations.ts';
import { clearDraft, disarmSecondKey, openDialog, showScreen, useUi } from '#renderer/src/store/ui.ts';
import { comboOf, ownerOf } from './bindings.ts';
import type { BindingId } from './bindings.ts';
import { createDigits } from './digits.ts';

/** True where a single letter belongs to the text and not to the desk. */
export const isTextField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type="checkbox"]), textarea, select'));

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

const DESK_ACTIONS: Readonly<Partial<Record<BindingId, () => void>>> = {
  next: () => move(1),
  previous: () => move(-1),
  approve: () => requestApprove(),
  less: () => stepContracts(-1),
  more: () => stepContracts(1),
  reject: startReject,
  'what-if': toggleWhatIf,
  vetoes: showVetoes,
  flatten: () => requestFlatten(useUi.getState().positionSymbol),
  cancel: () => requestCancel(useUi.getState().orderId),
  positions: () => focusList('positions'),
  orders: () => focusList('orders'),
};

function onDeskKey(event: KeyboardEvent): boolean {
  if (event.key === 'Enter' && !event.shiftKey) return confirmPending();
  if (/^[0-9]$/.test(event.key)) {
    typeDigit(Number(event.key));
    return true;
  }
  return act(DESK_ACTIONS, ownerOf(comboOf(event), 'desk'));
}

const EVERYWHERE: Readonly<Partial<Record<BindingId, () => void>>> = {
  palette: () => openDialog('palette'),
  keys: () => openDialog('keys'),
  'screen-desk': () => showScreen('desk'),
  'screen-performance': () => showScreen('performance'),
  'screen-backtest': () => showScreen('backtest'),
  'screen-journal': () => showScreen('journal'),
  'screen-models': () => showScreen('models'),
  'screen-settings': () => showScreen('settings'),
};

function act(actions: typeof EVERYWHERE, owner: ReturnType<typeof ownerOf>): boolean {
  const action = owner === null ? undefined : actions[owner.id];
  action?.();
  return action !== undefined;
}

/** Keys that are heard on every screen. With Ctrl or Alt also in text fields. */
function onGlobalKey(event: KeyboardEvent): boolean {
  const combo = comboOf(event);
  const isPlain = !/^(?:Ctrl|Alt)\+/.test(combo);
  if (isPlain && isTextField(event.target)) return false;
  return act(EVERYWHERE, ownerOf(combo, 'everywhere'));
}

function onKey(event: KeyboardEvent): boolean {
  const { dialog, screen } = useUi.getState();
  if (dialog !== null) return false;
  if (event.key === 'Escape') {
    if (useTour.getState().step !== null) {
      endTour();
      return true;
    }
    if (screen === 'journal') return escapeJournal(event);
    if (isTextField(event.target) && event.target instanceof HTMLElement) event.target.blur();
    stepBack();
    return true;
  }
  if (onGlobalKey(event)) return true;
  if (isTextField(event.target)) return false;
  if (screen === 'journal') return onJournalKey(event);
  if (screen === 'backtest') return onBacktestKey(event);
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
