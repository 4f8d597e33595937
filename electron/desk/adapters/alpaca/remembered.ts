import type { Fill, FillCorrection } from '#shared/domain/order.ts';
import type { EpochMs } from '#shared/units.ts';
import type { BrokerParts } from '#desk/adapters/connection-parts.ts';

/** An execution as it was booked first, and as it stands (null once it was busted), and what it was in between. */
export type RememberedFill = {
  readonly first: Fill;
  readonly standing: Fill | null;
  readonly past: readonly FillCorrection['corrected'][];
};

/** What the journal has of the executions of an account at Alpaca. */
export interface Remembered {
  readonly fills: readonly RememberedFill[];
  /** How often an execution was corrected in the journal, by whomever. */
  readonly versionOf: (execKey: string) => number;
}

/** Ends the key of an execution the desk booked for nobody first, and then for its order. */
const LINKED = '|linked';
/** What the desk worked out itself, or took over from the venue, is no execution Alpaca told. */
const OWN = /^(?:inf|adj)\|/u;

/** Which of the executions of an order that came to the same count it is. */
const ordinalOf = (execKey: string): number => Number(execKey.split('|')[2] ?? 1);

/** Reads what the journal has, from a time on; nothing where there is no journal. */
export function remember({ journal, account }: Pick<BrokerParts, 'journal' | 'account'>, from: EpochMs): Remembered {
  const versions = new Map<string, number>();
  const past = new Map<string, FillCorrection['corrected'][]>();
  let readTo = 0;
  const read = (): void => {
    for (const { seq, event } of journal?.events({ kinds: ['fill-correction'], after: readTo }) ?? []) {
      readTo = seq;
      const { correction } = event;
      if (correction.venue !== 'alpaca' || correction.account !== account) continue;
      const key = correction.execKey.replace(LINKED, '');
      versions.set(key, Math.max(versions.get(key) ?? 0, correction.version));
      // Taken back by the desk itself, which booked it for its order in the same step.
      const isMoved = key === correction.execKey && journal?.fill('alpaca', account, `${key}${LINKED}`) != null;
      if (!OWN.test(key) && !isMoved) past.set(key, [...(past.get(key) ?? []), correction.corrected]);
    }
  };
  read();
  const known = new Map<string, Omit<RememberedFill, 'past'>>();
  for (const fill of journal?.fills({ from }) ?? []) {
    if (fill.venue !== 'alpaca' || fill.account !== account || OWN.test(fill.execKey)) continue;
    const execKey = fill.execKey.replace(LINKED, '');
    known.set(execKey, { first: journal?.fill('alpaca', account, fill.execKey) ?? fill, standing: fill });
  }
  for (const [key, words] of past) {
    if (words.at(-1) !== null) continue;
    const first = known.has(key) ? null : (journal?.fill('alpaca', account, key) ?? null);
    if (first !== null) known.set(key, { first, standing: null });
  }
  return {
    // As they were made: executions that are alike are told apart by their order.
    fills: [...known]
      .map(([execKey, { first, standing }]) => ({
        past: past.get(execKey) ?? [],
        first: { ...first, execKey },
        standing: standing === null ? null : { ...standing, execKey },
      }))
      .sort((a, b) => a.first.at - b.first.at || ordinalOf(a.first.execKey) - ordinalOf(b.first.execKey)),
    versionOf: (execKey) => {
      read();
      return versions.get(execKey) ?? 0;
    },
  };
}
