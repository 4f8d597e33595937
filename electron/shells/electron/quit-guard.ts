import type { App, Dialog } from 'electron';
import type { Logger } from 'pino';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import { countedText } from '#shared/wording/names.ts';

/** What is open while the desk is asked to end. */
export type AtStake = {
  readonly mode: DeskSnapshot['identity']['mode'];
  readonly orders: number;
  readonly positions: number;
};

/** Counts what would be left to itself. */
export const atStake = ({ identity, orders, positions }: DeskSnapshot): AtStake => ({
  mode: identity.mode,
  orders: orders.filter((order) => !isTerminal(order)).length,
  positions: positions.length,
});

/** What quitting would leave behind, and what of it dies with this program; null when nothing is open. */
export function quitQuestion({ mode, orders, positions }: AtStake): { message: string; detail: string } | null {
  if (orders === 0 && positions === 0) return null;
  const open = [
    ...(orders === 0 ? [] : [countedText(orders, 'working order')]),
    ...(positions === 0 ? [] : [countedText(positions, 'open position')]),
  ].join(' and ');
  const dies =
    mode === 'live'
      ? 'Orders the broker has confirmed stay with the broker. WHAT THIS DESK WATCHES ITSELF ENDS WITH IT: stops and targets a broker does not hold, breakers, and the comparison with the broker.'
      : 'The broker is a part of this program: ITS ORDERS, STOPS AND TARGETS INCLUDED, ARE NOT WATCHED WHILE THE DESK IS CLOSED.';
  return {
    message: `There ${orders + positions === 1 ? 'is' : 'are'} ${open}. Quit all the same?`,
    detail: `${dies} Quitting cancels nothing and closes nothing.`,
  };
}

export type QuitParts = {
  readonly app: Pick<App, 'on' | 'quit'>;
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  /** Null when the desk cannot say (it is being restored): then nothing is asked. */
  readonly stake: () => Promise<AtStake | null>;
  readonly close: () => Promise<void>;
  readonly log: Logger;
};

/**
 * Holds quitting back until the trader has agreed to what it leaves behind and the journal is closed.
 * @returns `force`: from then on nothing is asked, for a system that is shutting down
 */
export function guardQuit({ app, dialog, stake, close, log }: QuitParts): { readonly force: () => void } {
  let state: 'open' | 'asking' | 'closing' | 'closed' = 'open';
  let isForced = false;
  /** Asked anew each time: it may change while a question stands. */
  const mayAsk = (): boolean => !isForced;

  const agrees = async (): Promise<boolean> => {
    if (!mayAsk()) return true;
    const found = await stake().catch(() => null);
    const question = found === null ? null : quitQuestion(found);
    if (question === null || !mayAsk()) return true;
    const { response } = await dialog.showMessageBox({
      type: 'warning',
      title: 'Quit Kelly Desk',
      ...question,
      buttons: ['Stay', 'Quit'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    });
    return response === 1 || !mayAsk();
  };
  const end = async (): Promise<void> => {
    if (!(await agrees())) {
      state = 'open';
      return;
    }
    if (state === 'closing') return;
    state = 'closing';
    await close().catch((error: unknown) => log.error({ event: 'close-failed', err: error }));
    state = 'closed';
    app.quit();
  };
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing' || (state === 'asking' && mayAsk())) return;
    state = 'asking';
    void end();
  });
  return {
    force: () => {
      isForced = true;
    },
  };
}
