import type { MenuItemConstructorOptions } from 'electron';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import { isWaiting } from '#shared/domain/recommendation.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { TradingState } from '#shared/domain/sizing.ts';
import type { Money } from '#shared/units.ts';
import { signedMoneyText } from '#shared/format/numbers.ts';
import type { Door, StreamEvent } from '#desk/serve.ts';

/** What the tray shows; null before the desk has told it. */
export type TrayStatus = {
  readonly mode: DeskSnapshot['identity']['mode'] | null;
  readonly tradingState: TradingState | null;
  readonly reason: string | null;
  readonly positions: number;
  readonly openPnl: Money | null;
  /** Ids of the recommendations that wait for the trader. */
  readonly waiting: ReadonlySet<string>;
};

const NOTHING: TrayStatus = {
  ...{ mode: null, tradingState: null, reason: null, positions: 0, openPnl: null },
  waiting: new Set(),
};

const STATE_WORDS = { active: 'trading', reducing: '◐ REDUCING', halted: '■ HALTED' } as const;

/** The state of the desk in one line: what a trader wants to know without opening the window. */
export function trayLine({ mode, tradingState, positions, openPnl, waiting }: TrayStatus): string {
  if (tradingState === null) return 'Kelly Desk is opening';
  const book = positions === 0 ? 'flat' : `${positions} open, ${signedMoneyText(openPnl)}`;
  const decide = waiting.size === 0 ? '' : ` · ${waiting.size} to decide`;
  return `${mode === null ? '' : `${mode.toUpperCase()} · `}${STATE_WORDS[tradingState]} · ${book}${decide}`;
}

export type TrayActions = { readonly open: () => void; readonly halt: () => void; readonly quit: () => void };

/** The tray's menu: the state and its reason, the window, halt in one step, and quit, which asks. */
export function trayMenu(status: TrayStatus, actions: TrayActions): MenuItemConstructorOptions[] {
  const isHalted = status.tradingState === 'halted';
  const reason: MenuItemConstructorOptions[] =
    status.reason === null || status.tradingState === 'active' ? [] : [{ label: status.reason, enabled: false }];
  return [
    { label: trayLine(status), enabled: false },
    ...reason,
    { type: 'separator' },
    { label: 'Open Kelly Desk', click: actions.open },
    {
      label: isHalted ? 'Trading is halted' : 'Halt trading now',
      enabled: status.tradingState !== null && !isHalted,
      click: actions.halt,
    },
    { type: 'separator' },
    { label: 'Quit …', click: actions.quit },
  ];
}

/** The waiting ones after one of them, or another, has changed. */
function waitingAfter(waiting: ReadonlySet<string>, changed: Recommendation): ReadonlySet<string> {
  if (isWaiting(changed) === waiting.has(changed.id)) return waiting;
  const next = new Set(waiting);
  if (!next.delete(changed.id)) next.add(changed.id);
  return next;
}

function next(status: TrayStatus, event: StreamEvent): TrayStatus {
  if (event.topic === 'desk.pulse') {
    const { tradingState, tradingStateReason, openPnl } = event.payload.risk;
    return { ...status, tradingState, reason: tradingStateReason, openPnl };
  }
  if (event.topic === 'positions.changed') return { ...status, positions: event.payload.length };
  if (event.topic === 'recommendation.changed')
    return { ...status, waiting: waitingAfter(status.waiting, event.payload) };
  if (event.topic === 'desk.identity') return { ...status, mode: event.payload.mode };
  return status;
}

/** Follows the desk's own events, and tells every line that differs from the one before. Returns how to stop. */
export function followForTray(
  door: Pick<Door, 'stream'>,
  snapshot: () => Promise<DeskSnapshot | null>,
  show: (status: TrayStatus) => void,
): () => void {
  let status = NOTHING;
  let shown = '';
  const tell = (): void => {
    const key = `${trayLine(status)} ${status.reason ?? ''}`;
    if (key === shown) return;
    shown = key;
    show(status);
  };
  const load = async (): Promise<void> => {
    const now = await snapshot();
    if (now === null) return;
    const { tradingState, tradingStateReason, openPnl } = now.risk;
    const { mode } = now.identity;
    const waiting = new Set(now.recommendations.filter(isWaiting).map(({ id }) => id));
    status = { mode, tradingState, reason: tradingStateReason, positions: now.positions.length, openPnl, waiting };
    tell();
  };
  tell();
  void load();
  const subscription = door.stream.subscribe(null, (event) => {
    // What is there after a start, or after a restore, is read whole.
    if (event.topic === 'desk.startup' && event.payload.phase === 'ready') void load();
    status = next(status, event);
    tell();
  });
  return () => subscription.stop();
}
