import { create } from 'zustand';

/** Where a key is heard: everywhere, or on one screen. */
export type KeyScope = 'everywhere' | 'desk' | 'backtest' | 'journal';

export type Binding = {
  readonly id: string;
  readonly scope: KeyScope;
  /** What it does, in words. */
  readonly does: string;
  /** Combinations by default, as `comboOf` writes them; the first is the one shown. */
  readonly keys: readonly string[];
  /** A key that always works, whatever else is chosen. */
  readonly isFixed?: boolean;
};

/** Every key of the desk, once: the keyboard, the list of keys and the palette read it. */
export const BINDINGS = [
  { id: 'halt', scope: 'everywhere', does: 'Halt at once, everywhere', keys: ['F8'], isFixed: true },
  { id: 'palette', scope: 'everywhere', does: 'All commands', keys: ['Ctrl+k'] },
  { id: 'keys', scope: 'everywhere', does: 'This list', keys: ['?'] },
  { id: 'screen-desk', scope: 'everywhere', does: 'Desk', keys: ['Ctrl+1'] },
  { id: 'screen-performance', scope: 'everywhere', does: 'Performance', keys: ['Ctrl+2'] },
  { id: 'screen-backtest', scope: 'everywhere', does: 'Backtest', keys: ['Ctrl+3'] },
  { id: 'screen-journal', scope: 'everywhere', does: 'Journal', keys: ['Ctrl+4'] },
  { id: 'screen-models', scope: 'everywhere', does: 'Models', keys: ['Ctrl+5'] },
  { id: 'screen-settings', scope: 'everywhere', does: 'Settings', keys: ['Ctrl+6'] },
  { id: 'next', scope: 'desk', does: 'Next in the list in use', keys: ['j', 'ArrowDown'] },
  { id: 'previous', scope: 'desk', does: 'Previous in the list in use', keys: ['k', 'ArrowUp'] },
  {
    id: 'approve',
    scope: 'desk',
    does: 'Approve the selected size; in live then Enter within 3 s',
    keys: ['Shift+Enter'],
  },
  { id: 'less', scope: 'desk', does: 'One contract less', keys: ['-'] },
  { id: 'more', scope: 'desk', does: 'One contract more', keys: ['+', '='] },
  { id: 'reject', scope: 'desk', does: 'Reject, then 1 to 6 for the reason', keys: ['x'] },
  { id: 'what-if', scope: 'desk', does: 'What if: other odds, equity or lines', keys: ['w'] },
  { id: 'vetoes', scope: 'desk', does: 'What was not traded, and why', keys: ['v'] },
  { id: 'flatten', scope: 'desk', does: 'Flatten the selected position, then Enter', keys: ['f'] },
  { id: 'cancel', scope: 'desk', does: 'Cancel the selected order, then Enter', keys: ['c'] },
  { id: 'positions', scope: 'desk', does: 'Use the positions', keys: ['p'] },
  { id: 'orders', scope: 'desk', does: 'Use the working orders', keys: ['o'] },
  { id: 'backtest-run', scope: 'backtest', does: 'Run what is set up', keys: ['r'] },
  {
    id: 'backtest-kind',
    scope: 'backtest',
    does: 'Next of backtest, Monte Carlo and walk-forward',
    keys: ['m'],
  },
  { id: 'backtest-stop', scope: 'backtest', does: 'Cancel what is running', keys: ['x'] },
  { id: 'backtest-setup', scope: 'backtest', does: 'Set up the next run', keys: ['s'] },
  { id: 'backtest-next', scope: 'backtest', does: 'Next run', keys: ['j', 'ArrowDown'] },
  { id: 'backtest-previous', scope: 'backtest', does: 'Previous run', keys: ['k', 'ArrowUp'] },
  { id: 'backtest-compare', scope: 'backtest', does: 'Hold this run beside the next one chosen', keys: ['c'] },
  { id: 'backtest-export', scope: 'backtest', does: 'Export the report', keys: ['e'] },
  { id: 'backtest-delete', scope: 'backtest', does: 'Delete this run, then Enter', keys: ['d'] },
  { id: 'journal-next', scope: 'journal', does: 'Next', keys: ['j', 'ArrowDown'] },
  { id: 'journal-previous', scope: 'journal', does: 'Previous', keys: ['k', 'ArrowUp'] },
  { id: 'journal-search', scope: 'journal', does: 'Search', keys: ['/'] },
  { id: 'journal-note', scope: 'journal', does: 'Write the note', keys: ['n'] },
  { id: 'journal-import', scope: 'journal', does: 'Import a file', keys: ['i'] },
  { id: 'journal-export', scope: 'journal', does: 'Export', keys: ['e'] },
  { id: 'journal-trades', scope: 'journal', does: 'Trades', keys: ['t'] },
  { id: 'journal-decisions', scope: 'journal', does: 'Decisions', keys: ['d'] },
  { id: 'journal-calendar', scope: 'journal', does: 'Calendar', keys: ['c'] },
  { id: 'journal-imports', scope: 'journal', does: 'Imports', keys: ['m'] },
] as const satisfies readonly Binding[];

type Known = (typeof BINDINGS)[number];
export type BindingId = Known['id'];

type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** Writes a key press as one text: `Ctrl+Shift+k`, `?`, `ArrowDown`. Shift counts only where the key itself does not show it. */
export function comboOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Press): string {
  const isCharacter = key.length === 1;
  const name = isCharacter && key !== ' ' ? key.toLowerCase() : key === ' ' ? 'Space' : key;
  const hasShift = shiftKey && (!isCharacter || /[a-z]/i.test(key));
  const parts = [ctrlKey || metaKey ? 'Ctrl' : '', altKey ? 'Alt' : '', hasShift ? 'Shift' : '', name];
  return parts.filter((part) => part !== '').join('+');
}

/** What the desk does by itself with a key: it cannot be given away. */
const RESERVED =
  /^(?:F8|Escape|Enter|Tab|Shift\+Tab|[0-9]|Control|Shift|Alt|Meta|Ctrl\+(?:Control|Meta)|Alt\+Alt|Shift\+Shift)$/;

const STORAGE_KEY = 'kelly-desk.keys';

type Chosen = Readonly<Partial<Record<BindingId, string>>>;

const isId = (id: string): id is BindingId => BINDINGS.some((binding) => binding.id === id);

/** Tests of this module have no window. */
const memory = (): Storage | null => (typeof window === 'undefined' ? null : window.localStorage);

/** Keys the trader chose; a damaged memory is no keys chosen. */
function remembered(): Chosen {
  try {
    const parsed: unknown = JSON.parse(memory()?.getItem(STORAGE_KEY) ?? '{}');
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).filter(([id, combo]) => isId(id) && typeof combo === 'string' && !RESERVED.test(combo)),
    );
  } catch {
    return {};
  }
}

export const useBindings = create<{ readonly chosen: Chosen }>()(() => ({ chosen: remembered() }));

function keep(chosen: Chosen): void {
  memory()?.setItem(STORAGE_KEY, JSON.stringify(chosen));
  useBindings.setState({ chosen });
}

const find = (id: BindingId): Binding => {
  const found = BINDINGS.find((binding) => binding.id === id);
  if (found === undefined) throw new Error(`there is no key ${id}`);
  return found;
};

/** The combinations that run a command now. */
export function keysOf(id: BindingId, chosen: Chosen = useBindings.getState().chosen): readonly string[] {
  const own = chosen[id];
  return own === undefined ? find(id).keys : [own];
}

/** Scopes that are heard together. */
const meet = (a: KeyScope, b: KeyScope): boolean => a === b || a === 'everywhere' || b === 'everywhere';

/** Who has a combination in a scope; null when it is free. */
export function ownerOf(combo: string, scope: KeyScope, chosen: Chosen = useBindings.getState().chosen): Known | null {
  return BINDINGS.find((one) => meet(one.scope, scope) && keysOf(one.id, chosen).includes(combo)) ?? null;
}

/** Why a combination cannot be chosen for a command, in words; null when it can. */
export function refusal(id: BindingId, combo: string): string | null {
  const binding = find(id);
  if (binding.isFixed === true) return 'This key is always the same.';
  if (RESERVED.test(combo)) return `${combo} belongs to the desk itself.`;
  const owner = ownerOf(combo, binding.scope);
  return owner === null || owner.id === id ? null : `${combo} is “${owner.does}” already.`;
}

/** Gives a command another combination. Returns why not, or null. */
export function chooseKey(id: BindingId, combo: string): string | null {
  const why = refusal(id, combo);
  if (why === null) keep({ ...useBindings.getState().chosen, [id]: combo });
  return why;
}

/** One command's key as it came, or all of them. */
export function resetKeys(id?: BindingId): void {
  if (id === undefined) keep({});
  else keep(Object.fromEntries(Object.entries(useBindings.getState().chosen).filter(([other]) => other !== id)));
}

const SHOWN: Readonly<Record<string, string>> = {
  ...{ ArrowDown: '↓', ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', Enter: '⏎', Shift: '⇧', '-': '−' },
};

/** The caps of a combination, as they are drawn. */
export const caps = (combo: string): readonly string[] =>
  (combo.length > 1 ? combo.split(/\+(?=.)/) : [combo]).map(
    (part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part),
  );
