import { DeskError } from '#shared/contract/errors.ts';
import type { Notice, ProfileMode } from '#shared/domain/status.ts';

/** Whether a live desk may enter: armed by hand, for one run, by typing the account. Other modes always may. */
export interface Arming {
  isArmed(): boolean;
  /** Why entries are blocked; null when they are not. */
  block(): string | null;
  /** Arms it. Throws DeskError 'refused' for another account. Says whether it was not armed before. */
  arm(account: string): boolean;
}

const NOT_ARMED = 'Live trading is not armed: type the account id to arm it for this run';

/** What the trader is told while a live desk is not armed. */
export const ARMING_NOTICE: Omit<Notice, 'at'> = {
  id: 'arming',
  level: 'warn',
  title: 'LIVE: real money. Entries are blocked until you arm it',
  detail: NOT_ARMED,
  remedy: 'Closing positions and cancelling orders work without it.',
};

/** Returns the arming of one run. */
export function createArming({ mode, account }: { readonly mode: ProfileMode; readonly account: string }): Arming {
  let isArmed = mode !== 'live';
  return {
    isArmed: () => isArmed,
    block: () => (isArmed ? null : NOT_ARMED),
    arm: (typed) => {
      if (typed !== account)
        throw new DeskError({
          code: 'refused',
          message: 'this is not the account of this desk',
          field: 'account',
          value: typed,
          remedy: `type ${account} to arm it`,
        });
      const isNews = !isArmed;
      isArmed = true;
      return isNews;
    },
  };
}
