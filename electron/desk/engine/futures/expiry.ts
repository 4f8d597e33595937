import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { invalidInput } from '#desk/engine/invalid-input.ts';
import type { InvalidInput } from '#desk/engine/invalid-input.ts';

import { addDays, FRIDAY, isIsoDate, isoDate, lastWeekday, nthWeekday, WEDNESDAY } from './civil-date.ts';
import type { IsoDate } from './civil-date.ts';
import { contractSpec, MONTH_CODES } from './contract-table.ts';
import type { ContractSpec, ExpiryRule } from './contract-table.ts';
import {
  addBusinessDays,
  businessDaysBetween,
  isBusinessDay,
  lastBusinessDay,
  nthBusinessDay,
  onOrBefore,
} from './holidays.ts';
import type { ContractMonth } from './symbol.ts';

export type ExpiryError =
  | { readonly code: 'unknown-root'; readonly root: string }
  | { readonly code: 'invalid-date'; readonly date: string }
  | InvalidInput;

/** The days that end a contract month. */
export type ContractDates = {
  readonly lastTrade: IsoDate;
  /** First day a long may be assigned delivery while the contract still trades; null when that cannot happen. */
  readonly firstNotice: IsoDate | null;
  /** Customary roll of equity indices since June 2022: Monday of expiry week. Null for other groups. */
  readonly rollMonday: IsoDate | null;
  /** The roll before that: Thursday, 8 days ahead of the third Friday. Null for other groups. */
  readonly rollThursdayLegacy: IsoDate | null;
};

/** The default of `rollGuardDays`. */
export const DEFAULT_ROLL_GUARD_DAYS = 3;

const MAX_ROLL_GUARD_DAYS = 60;
const FIRST_YEAR = 1970;
const LAST_YEAR = 9998;

const isIntegerIn = (value: number, low: number, high: number): boolean =>
  Number.isInteger(value) && value >= low && value <= high;

const thirdFriday = (year: number, month: number): IsoDate => nthWeekday(year, month, { weekday: FRIDAY, n: 3 });

const beforeThirdWednesday = (year: number, month: number, businessDays: number): IsoDate =>
  addBusinessDays(nthWeekday(year, month, { weekday: WEDNESDAY, n: 3 }), -businessDays);

/** Three business days before the 25th of the month before delivery, four when the 25th is no business day. */
function crudeOil(year: number, month: number): IsoDate {
  const twentyFifth = isoDate(year, month - 1, 25);
  return addBusinessDays(twentyFifth, isBusinessDay(twentyFifth) ? -3 : -4);
}

/**
 * One function per rule, each of a contract's year and month.
 * @source CME Group rulebook chapters of the products; checked against QuantConnect Lean's expiry test data
 */
const LAST_TRADE: Readonly<Record<ExpiryRule, (year: number, month: number) => IsoDate>> = {
  // Third Friday, the business day before when that is a holiday (Juneteenth 2026).
  EQ3FRI: (year, month) => onOrBefore(thirdFriday(year, month)),
  CL25: crudeOil,
  MCL25: (year, month) => addBusinessDays(crudeOil(year, month), -1),
  // Third business day before the first of the delivery month.
  NG3BD: (year, month) => addBusinessDays(isoDate(year, month, 1), -3),
  // Last business day of the month before delivery.
  LBD_PREV: (year, month) => lastBusinessDay(year, month - 1),
  // Third-last business day of the delivery month.
  NLBD3: (year, month) => addBusinessDays(lastBusinessDay(year, month), -2),
  // Seventh business day before the last one of the delivery month.
  TSY7: (year, month) => addBusinessDays(lastBusinessDay(year, month), -7),
  TSYLBD: lastBusinessDay,
  LBD: lastBusinessDay,
  FX2BD3WED: (year, month) => beforeThirdWednesday(year, month, 2),
  FX1BD3WED: (year, month) => beforeThirdWednesday(year, month, 1),
  // Business day before the 15th of the delivery month.
  GR15: (year, month) => addBusinessDays(isoDate(year, month, 15), -1),
  // Tenth business day of the contract month.
  HE10: (year, month) => nthBusinessDay(year, month, 10),
  // Last Friday of the contract month, the business day before when that is a holiday.
  LASTFRI: (year, month) => onOrBefore(lastWeekday(year, month, FRIDAY)),
};

/** Rules of contracts that are delivered physically while they still trade: a long may be assigned before last trade. */
const NOTICE_BEFORE_LAST_TRADE: ReadonlySet<ExpiryRule> = new Set(['NLBD3', 'TSY7', 'TSYLBD', 'GR15', 'LBD']);

function specOf({ root, year, month }: ContractMonth): Result<ContractSpec, ExpiryError> {
  const spec = contractSpec(root);
  if (spec === null) return err({ code: 'unknown-root', root });
  if (!isIntegerIn(year, FIRST_YEAR, LAST_YEAR)) return err(invalidInput('year', year));
  if (!isIntegerIn(month, 1, 12)) return err(invalidInput('month', month));
  return ok(spec);
}

function datesOf(spec: ContractSpec, year: number, month: number): ContractDates {
  const hasNotice = spec.settlement === 'physical' && NOTICE_BEFORE_LAST_TRADE.has(spec.expiryRule);
  const isEquity = spec.expiryRule === 'EQ3FRI';
  return {
    lastTrade: LAST_TRADE[spec.expiryRule](year, month),
    firstNotice: hasNotice ? lastBusinessDay(year, month - 1) : null,
    rollMonday: isEquity ? addDays(thirdFriday(year, month), -4) : null,
    rollThursdayLegacy: isEquity ? addDays(thirdFriday(year, month), -8) : null,
  };
}

/**
 * Returns the days that end a contract month, by the rule of its root. The month need not be a listed one.
 * First notice of metals, Treasuries and grains is the last business day before the contract month; live cattle's is
 * some days later, and the same day is used for it, since a guard may be early but not late.
 * @errors 'unknown-root', 'invalid-input' for a month outside 1–12 or a year outside 1970–9998
 */
export function contractDates(contract: ContractMonth): Result<ContractDates, ExpiryError> {
  const spec = specOf(contract);
  return spec.ok ? ok(datesOf(spec.value, contract.year, contract.month)) : spec;
}

/** Returns the last day on which a contract month trades. Errors as in `contractDates`. */
export function lastTradeDate(contract: ContractMonth): Result<IsoDate, ExpiryError> {
  const dates = contractDates(contract);
  return dates.ok ? ok(dates.value.lastTrade) : dates;
}

/** Whether a contract may still be entered on a day, and the deadline that decides. */
export type RollGuard = {
  readonly isBlocked: boolean;
  /** The earlier of first notice and last trade. */
  readonly deadline: IsoDate;
  readonly deadlineKind: 'first-notice' | 'last-trade';
  /** Business days after the day asked about, up to and including the deadline; negative when it has passed. */
  readonly businessDaysLeft: number;
};

export type RollGuardInput = {
  readonly contract: ContractMonth;
  readonly date: IsoDate;
  /** Entries are blocked from this many business days before the deadline on; integer in [0, 60]. */
  readonly rollGuardDays?: number;
};

function guardOf(dates: ContractDates, date: IsoDate, rollGuardDays: number): RollGuard {
  const { firstNotice, lastTrade } = dates;
  const isNotice = firstNotice !== null && firstNotice < lastTrade;
  const deadline = isNotice ? firstNotice : lastTrade;
  const businessDaysLeft = businessDaysBetween(date, deadline);
  const isBlocked = date > deadline || businessDaysLeft <= rollGuardDays;
  return { isBlocked, deadline, deadlineKind: isNotice ? 'first-notice' : 'last-trade', businessDaysLeft };
}

/** Refuses a day or a guard that is none. */
function checkGuard(date: string, rollGuardDays: number): Result<null, ExpiryError> {
  if (!isIsoDate(date)) return err({ code: 'invalid-date', date });
  const isDays = isIntegerIn(rollGuardDays, 0, MAX_ROLL_GUARD_DAYS);
  return isDays ? ok(null) : err(invalidInput('rollGuardDays', rollGuardDays));
}

/**
 * Says whether new entries in a contract are blocked on a day because it ends, or may be delivered, too soon.
 * With the default of 3 an index future that expires on Friday is blocked from Tuesday on. Exits are never blocked.
 * @errors 'unknown-root', 'invalid-date', 'invalid-input' for the month, the year or the guard
 */
export function rollGuard(input: RollGuardInput): Result<RollGuard, ExpiryError> {
  const { contract, date, rollGuardDays = DEFAULT_ROLL_GUARD_DAYS } = input;
  const checked = checkGuard(date, rollGuardDays);
  if (!checked.ok) return checked;
  const dates = contractDates(contract);
  return dates.ok ? ok(guardOf(dates.value, date, rollGuardDays)) : dates;
}

/** Whether a root lists this contract month. */
export const isListedMonth = (spec: ContractSpec, month: number): boolean =>
  spec.months.includes(MONTH_CODES[month - 1] ?? '-');

/**
 * Returns the contract month to trade on a day: the nearest listed one that the roll guard does not block and, for
 * equity indices, whose roll Monday has not come.
 * @errors 'unknown-root', 'invalid-date', 'invalid-input' for the guard
 */
export function frontContract(
  root: string,
  date: IsoDate,
  rollGuardDays: number = DEFAULT_ROLL_GUARD_DAYS,
): Result<ContractMonth, ExpiryError> {
  const checked = checkGuard(date, rollGuardDays);
  if (!checked.ok) return checked;
  const spec = contractSpec(root);
  if (spec === null) return err({ code: 'unknown-root', root });
  const start = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
  for (let index = start; ; index += 1) {
    const [year, month] = [Math.floor(index / 12), (index % 12) + 1];
    if (!isListedMonth(spec, month)) continue;
    const dates = datesOf(spec, year, month);
    const isRolled = dates.rollMonday !== null && date >= dates.rollMonday;
    if (!isRolled && !guardOf(dates, date, rollGuardDays).isBlocked) return ok({ root, year, month });
  }
}
