import { create } from 'zustand';
import type { ReasonCode } from '#shared/domain/recommendation.ts';

export type ScreenName = 'desk' | 'performance' | 'backtest' | 'journal' | 'models' | 'settings';
export type ListName = 'queue' | 'positions' | 'orders';
export type DialogName =
  | 'keys'
  | 'palette'
  | 'resume'
  | 'arm'
  | 'notices'
  | 'import'
  | 'export'
  | 'differences'
  | 'flatten-all'
  | 'rearm'
  | 'settle'
  | 'protect';

/** Something that waits for its second key. */
export type PendingKey = {
  readonly kind: 'approve' | 'flatten' | 'cancel' | 'delete-run';
  readonly target: string;
  /** Epoch ms of this machine. */
  readonly until: number;
};

export type Toast = { readonly id: number; readonly level: 'info' | 'warn' | 'error'; readonly text: string };

/** What the trader is doing in this window; nothing here is the desk's data. */
export type UiState = {
  readonly screen: ScreenName;
  readonly list: ListName;
  /** The tab of a small window; P and O choose it. */
  readonly bottomTab: 'positions' | 'orders';
  readonly positionSymbol: string | null;
  readonly orderId: string | null;
  /** A number of contracts other than recommended. */
  readonly draft: { readonly id: string; readonly contracts: number } | null;
  readonly picker: { readonly id: string; readonly kind: 'approve' | 'reject'; readonly text: string } | null;
  readonly reason: ReasonCode | null;
  readonly pending: PendingKey | null;
  readonly dialog: DialogName | null;
  /** What the open dialog is about: an order, a symbol, a breaker. */
  readonly dialogTarget: string | null;
  /** Commands on their way, by what they act on: a second click must not send a second one. */
  readonly underWay: Readonly<Record<string, true>>;
  /** Those that have been on their way for so long that the trader is told. */
  readonly busy: Readonly<Record<string, true>>;
  /** Why the last command on a thing did not work, by what it acted on. */
  readonly failures: Readonly<Record<string, string>>;
  readonly toasts: readonly Toast[];
};

export const useUi = create<UiState>()(() => ({
  screen: 'desk',
  list: 'queue',
  bottomTab: 'positions',
  positionSymbol: null,
  orderId: null,
  draft: null,
  picker: null,
  reason: null,
  pending: null,
  dialog: null,
  dialogTarget: null,
  underWay: {},
  busy: {},
  failures: {},
  toasts: [],
}));

/** A second key must come within this time. */
export const SECOND_KEY_MS = 3_000;
const MAX_TOASTS = 3;
let nextToast = 1;

/** Shows a passing message; at most three stand, the oldest leaves first. */
export function toast(level: Toast['level'], text: string): void {
  const id = nextToast;
  nextToast += 1;
  useUi.setState((state) => ({ toasts: [...state.toasts, { id, level, text }].slice(-MAX_TOASTS) }));
}

/** Takes a message away. */
export const dropToast = (id: number): void =>
  useUi.setState((state) => ({ toasts: state.toasts.filter((t) => t.id !== id) }));

let pendingTimer: ReturnType<typeof setTimeout> | undefined;

/** Waits for the second key. */
export function armSecondKey(kind: PendingKey['kind'], target: string): void {
  clearTimeout(pendingTimer);
  useUi.setState({ pending: { kind, target, until: Date.now() + SECOND_KEY_MS } });
  pendingTimer = setTimeout(disarmSecondKey, SECOND_KEY_MS);
}

/** Stops waiting for the second key. */
export function disarmSecondKey(): void {
  clearTimeout(pendingTimer);
  useUi.setState({ pending: null });
}

/** Forgets everything the trader had begun for a recommendation. */
export const clearDraft = (): void => useUi.setState({ draft: null, picker: null, reason: null });

export const openDialog = (dialog: DialogName, target: string | null = null): void =>
  useUi.setState({ dialog, dialogTarget: target });
export const closeDialog = (): void => useUi.setState({ dialog: null, dialogTarget: null });
export const showScreen = (screen: ScreenName): void => useUi.setState({ screen });

const without = <T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));

/** What is answered sooner is not shown as on its way: the picture of that would only keep the answer waiting. */
export const TOLD_AFTER_MS = 100;
const tellers = new Map<string, ReturnType<typeof setTimeout>>();

/** Marks a thing as being acted on; false when it already is. */
export function begin(target: string): boolean {
  const { underWay, failures } = useUi.getState();
  if (underWay[target] === true) return false;
  useUi.setState({
    underWay: { ...underWay, [target]: true },
    failures: target in failures ? without(failures, target) : failures,
  });
  const tell = (): void => useUi.setState(({ busy }) => ({ busy: { ...busy, [target]: true } }));
  tellers.set(target, setTimeout(tell, TOLD_AFTER_MS));
  return true;
}

/** Takes the words of a failure away. */
export const dismissFailure = (target: string): void =>
  useUi.setState((state) => ({ failures: without(state.failures, target) }));

/** Marks a thing as done with; `failure` says why it did not work. */
export function finish(target: string, failure: string | null): void {
  clearTimeout(tellers.get(target));
  tellers.delete(target);
  useUi.setState(({ underWay, busy, failures }) => ({
    underWay: without(underWay, target),
    busy: target in busy ? without(busy, target) : busy,
    failures: failure === null ? failures : { ...failures, [target]: failure },
  }));
}
