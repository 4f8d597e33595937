import type { Guards } from '#shared/domain/sizing.ts';

/** A policy's own account as the breakers read it. */
export type Readings = {
  /** The worst of the session day: once tripped, the day is over. */
  readonly dayLoss: number;
  readonly drawdown: number;
  readonly consecutiveLosses: number;
  readonly rearmed: Guards['rearmed'];
};

/**
 * The account breakers of one policy. The desk's breakers wait for a hand to arm them again; in a backtest nobody is
 * there, so a policy is armed again when the next session day opens, at the reading it has then: it trades at the
 * warning factor until it is above that level, and stops again where it falls further.
 */
export interface BreakerBook {
  /** @param equity marked, open profit included */
  readings(equity: number): Readings;
  openDay(equity: number): void;
  /** @param net of a trade that is no scratch */
  noteTrade(net: number): void;
}

/** Returns the breakers of an account that starts at this equity. */
export function createBreakerBook(initialEquity: number): BreakerBook {
  let opening = initialEquity;
  let peak = initialEquity;
  let worst = 0;
  let streak = 0;
  let accepted: number | null = null;
  const fallOf = (equity: number): number => (peak > 0 ? Math.max(0, (peak - equity) / peak) : 0);
  return {
    readings: (equity) => {
      peak = Math.max(peak, equity);
      if (opening > 0) worst = Math.max(worst, (opening - equity) / opening);
      const rearmed: Guards['rearmed'] = accepted === null ? [] : [{ code: 'drawdown', value: accepted }];
      return { dayLoss: worst, drawdown: fallOf(equity), consecutiveLosses: streak, rearmed };
    },
    openDay: (equity) => {
      peak = Math.max(peak, equity);
      opening = equity;
      worst = 0;
      streak = 0;
      const fall = fallOf(equity);
      accepted = fall > 0 ? fall : null;
    },
    noteTrade: (net) => {
      streak = net < 0 ? streak + 1 : 0;
    },
  };
}
