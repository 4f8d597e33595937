import type { Trade } from '#shared/domain/order.ts';
import { isImported } from './derived-rows.ts';
import type { DerivedRow } from './derived-tables.ts';

/** The row one trade makes alone. Rows of one book, day, direction and outcome add up. */
export const dayRow = (trade: Trade) => ({
  account: trade.account,
  symbol: trade.symbol,
  session_day: trade.sessionDay,
  direction: trade.direction,
  outcome: Math.sign(trade.net),
  root: trade.root,
  is_imported: isImported(trade.account) ? 1 : 0,
  trades: 1,
  gross: trade.gross as number,
  fees: trade.fees as number,
  net: trade.net as number,
  best_net: trade.net as number,
  worst_net: trade.net as number,
  r_trades: trade.r === null ? 0 : 1,
  r_sum: trade.r ?? 0,
});

type DayRow = ReturnType<typeof dayRow>;

/** Adds what is stored of a day to the row of its first trade after that. */
function addStored(row: DayRow, stored: DerivedRow): void {
  const storedOf = (column: keyof DayRow): number => Number(stored[column]);
  row.trades += storedOf('trades');
  row.gross += storedOf('gross');
  row.fees += storedOf('fees');
  row.net += storedOf('net');
  row.best_net = Math.max(row.best_net, storedOf('best_net'));
  row.worst_net = Math.min(row.worst_net, storedOf('worst_net'));
  row.r_trades += storedOf('r_trades');
  row.r_sum += storedOf('r_sum');
}

function addTrade(row: DayRow, { gross, fees, net, r }: Trade): void {
  row.trades += 1;
  row.gross += gross;
  row.fees += fees;
  row.net += net;
  row.best_net = Math.max(row.best_net, net);
  row.worst_net = Math.min(row.worst_net, net);
  if (r === null) return;
  row.r_trades += 1;
  row.r_sum += r;
}

/** Outcomes and directions of a day have one place each. */
const placeOf = ({ direction, net }: Trade): number => 3 * direction + Math.sign(net) + 4;

/** Sums of the trades of one book by day, direction and outcome, added in the order its fills closed them. */
export class DaySums {
  readonly #stored: (row: DayRow) => DerivedRow | undefined;
  readonly #days = new Map<string, (DayRow | undefined)[]>();

  /** What is `stored` of a row is asked for with its first trade. */
  constructor(stored: (row: DayRow) => DerivedRow | undefined = () => undefined) {
    this.#stored = stored;
  }

  add(trade: Trade): void {
    let day = this.#days.get(trade.sessionDay);
    if (day === undefined) this.#days.set(trade.sessionDay, (day = []));
    const row = day[placeOf(trade)];
    if (row === undefined) day[placeOf(trade)] = this.#begin(trade);
    else addTrade(row, trade);
  }

  rows(): readonly DerivedRow[] {
    return [...this.#days.values()].flatMap((day) => day.filter((row) => row !== undefined));
  }

  #begin(trade: Trade): DayRow {
    const row = dayRow(trade);
    const stored = this.#stored(row);
    if (stored !== undefined) addStored(row, stored);
    return row;
  }
}

/** Sums the trades of one book, in the order its fills closed them. */
export function mergeDays(trades: readonly Trade[]): readonly DerivedRow[] {
  const days = new DaySums();
  for (const trade of trades) days.add(trade);
  return days.rows();
}
