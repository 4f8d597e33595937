import { type EpochMs, epochMs } from '#shared/units.ts';

/** Changes told apart; whoever asks about older ones is told that all trades may be others. */
const CHANGES_KEPT = 64;

/** From the first exit of all. */
export const ALL_TRADES = epochMs(0);

/** Revisions of all journals of this process: none of one journal is taken for one of another that replaces it. */
let newest = 0;

/** Keeps where closed trades changed, for those who hold them in memory. */
export type TradeChanges = {
  /** Trades closed at `from` or later may be others than before. */
  readonly note: (from: EpochMs) => void;
  /** Where trades may be others than when `since` was the revision; null: nowhere. */
  readonly since: (since: number) => { readonly revision: number; readonly from: EpochMs | null };
};

export function createTradeChanges(): TradeChanges {
  newest += 1;
  let first = newest;
  // Rising both ways: a change that reaches further back says all that later exits before it said.
  const log: { readonly revision: number; readonly from: EpochMs }[] = [];
  return {
    note: (from) => {
      newest += 1;
      while ((log.at(-1)?.from ?? -Infinity) >= from) log.pop();
      log.push({ revision: newest, from });
      if (log.length > CHANGES_KEPT) first = log.shift()?.revision ?? first;
    },
    since: (since) => ({
      revision: log.at(-1)?.revision ?? first,
      from: since < first ? ALL_TRADES : (log.find(({ revision }) => revision > since)?.from ?? null),
    }),
  };
}
