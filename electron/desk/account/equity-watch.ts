import { moneyText } from '#shared/format/numbers.ts';
import type { Money } from '#shared/units.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { Notices } from '#desk/records/notices.ts';

/** Both figures move with the market between two looks: a difference smaller than this is none. */
const TOLERANCE = 0.002;
const NOTICE = 'equity-difference';

/** Looks at what the broker says the account is worth beside what the journal says, and tells when they differ. */
export type EquityWatch = { check(): void };

/**
 * Returns the watch of one account. The desk sizes by its journal: the broker's figure is compared and shown, and never
 * taken over by itself, since it moves with deposits, other programs and what the broker holds back.
 */
export function createEquityWatch(parts: {
  readonly broker: Pick<Broker, 'balance'>;
  readonly equity: () => Money;
  readonly notices: Pick<Notices, 'raise' | 'clear'>;
}): EquityWatch {
  return {
    check: () => {
      const balance = parts.broker.balance?.() ?? null;
      const theirs = balance?.equity ?? balance?.cash ?? null;
      if (theirs === null) return;
      const ours = parts.equity();
      if (Math.abs(theirs - ours) <= TOLERANCE * Math.max(Math.abs(ours), Math.abs(theirs))) {
        parts.notices.clear(NOTICE);
        return;
      }
      parts.notices.raise({
        id: NOTICE,
        level: 'warn',
        title: 'The broker states another equity than the journal',
        detail: `Broker ${moneyText(theirs)}, journal ${moneyText(ours)}. Sizes go by the journal.`,
        remedy:
          'Deposits, withdrawals and trades of other programs are not in the journal: import them, or begin a new journal with the equity of now.',
      });
    },
  };
}
