import type { Field } from './frames.ts';

/**
 * How other versions of TWS and IB Gateway say the same: what they repeat, leave out, say earlier or later, and how they
 * write numbers. Each habit is its own; a dialect is any number of them.
 */

export type Message = readonly Field[];
/** What is said instead of a message; it may hold one back until another comes. */
export type Habit = (message: Message) => readonly Message[];

const UNSET = '1.7976931348623157E308';
const STATUSES: ReadonlySet<Field> = new Set([
  ...['ApiPending', 'PreSubmitted', 'Submitted', 'Filled', 'Cancelled', 'Inactive'],
]);
/** Places of fields in open orders (5), statuses (3), executions (11), positions (61) and commissions (59). */
const ORDER = { quantity: 14, limit: 16, stop: 17, permId: 25 } as const;
const STATUS = { status: 2, filled: 3, remaining: 4, permId: 6, capPrice: 11 } as const;
const EXECUTION = { reqId: 1, execId: 14, time: 15, account: 16, shares: 19, cumulative: 24 } as const;
const POSITION = { account: 2, quantity: 14, cost: 15 } as const;
const COMMISSION = { execId: 2, amount: 3, profit: 5, yield: 6 } as const;

const kindOf = ([kind]: Message): number => Number(kind);
const changed = (message: Message, at: Readonly<Record<number, Field>>): Message =>
  message.map((field, place) => at[place] ?? field);
const isBlank = (field: Field): boolean => field === '' || field === undefined;

/** Every word about an order comes twice. */
const repeats = (): Habit => (message) => ([3, 5, 11].includes(kindOf(message)) ? [message, message] : [message]);

/** The status of an order before its terms. */
const statusFirst = (): Habit => {
  const held: Message[] = [];
  return (message) => {
    if (kindOf(message) === 5) {
      held.push(message);
      return [];
    }
    return kindOf(message) === 3 ? [message, ...held.splice(0)] : [message];
  };
};

/** Market orders go straight to their executions: no status tells that anything was filled. */
const silentOnFills = (): Habit => (message) =>
  kindOf(message) === 3 && Number(message[STATUS.filled]) > 0 ? [] : [message];

/** The commission of an execution before the execution. */
const commissionFirst = (): Habit => {
  const held: Message[] = [];
  return (message) => {
    if (kindOf(message) === 11) {
      held.push(message);
      return [];
    }
    return kindOf(message) === 59 ? [message, ...held.splice(0)] : [message];
  };
};

/** IB's own id of an order is not known in the first words about it. */
const lateIds = (): Habit => {
  const told = new Map<Field, number>();
  return (message) => {
    const place = { 3: STATUS.permId, 5: ORDER.permId }[kindOf(message)];
    if (place === undefined) return [message];
    const times = (told.get(message[1]) ?? 0) + 1;
    told.set(message[1], times);
    return [times <= 2 ? changed(message, { [place]: 0 }) : message];
  };
};

/** Quantities with all their decimals. */
const decimals = (): Habit => (message) => {
  const places = {
    3: [STATUS.filled, STATUS.remaining],
    5: [ORDER.quantity],
    11: [EXECUTION.shares, EXECUTION.cumulative],
    61: [POSITION.quantity],
  }[kindOf(message)];
  const written = (places ?? []).map((place) => [place, Number(message[place]).toFixed(16)] as const);
  return [changed(message, Object.fromEntries(written))];
};

/** What is not set is the largest number there is, instead of nothing. */
const unsetAsLargest = (): Habit => (message) => {
  const blanks = (from: number, to: number): Readonly<Record<number, Field>> =>
    Object.fromEntries(
      message.flatMap((field, place) => (place >= from && place <= to && isBlank(field) ? [[place, UNSET]] : [])),
    );
  const state = message.findIndex((field, place) => place > 60 && STATUSES.has(field));
  if (kindOf(message) === 5)
    return [changed(message, { ...blanks(ORDER.limit, ORDER.stop), ...blanks(state + 1, state + 9) })];
  if (kindOf(message) === 3) return [changed(message, { [STATUS.capPrice]: UNSET })];
  return [kindOf(message) === 59 ? changed(message, blanks(COMMISSION.profit, COMMISSION.yield)) : message];
};

/** A first report of a commission before there is one. */
const emptyCommission = (): Habit => (message) =>
  kindOf(message) === 59 ? [changed(message, { [COMMISSION.amount]: UNSET }), message] : [message];

/** Remarks that come as errors: of the farms, and of orders that stand in spite of them. */
const remarks = (version: number): Habit => {
  const error = (id: Field, code: number, text: string): Message => [
    ...[4, 2, id, code, text],
    ...(version >= 166 ? [''] : []),
  ];
  const farms = [
    error(-1, 2106, 'HMDS data farm connection is OK:ushmds'),
    error(-1, 2158, 'Sec-def data farm connection is OK:secdefnj'),
    error(-1, 2107, 'HMDS data farm connection is inactive but should be available upon demand.ushmds'),
    error(-1, 2108, 'Market data farm connection is inactive but should be available upon demand.usfarm'),
    error(-1, 2119, 'Market data farm is connecting:usfuture'),
  ];
  return (message) => {
    if (kindOf(message) === 15) return [...farms, message];
    if (kindOf(message) !== 5) return [message];
    return [
      error(message[1], 399, 'Order Message:\nBUY 2 NQ DEC 26\nWarning: your order will not be placed until 17:00:00.'),
      error(message[1], 2109, 'Order Event Warning: Attribute "Outside Regular Trading Hours" is ignored.'),
      error(message[1], 10_349, 'Order TIF was set to DAY based on order preset.'),
      message,
    ];
  };
};

/** The way an order takes is told step by step. */
const steps = (): Habit => {
  const seen = new Set<Field>();
  return (message) => {
    if (kindOf(message) !== 3) return [message];
    const status = message[STATUS.status];
    const isFirst = !seen.has(message[1]);
    seen.add(message[1]);
    const as = (word: string): Message => changed(message, { [STATUS.status]: word });
    if (status === 'Cancelled') return [as('PendingCancel'), message];
    return isFirst && Number(message[STATUS.filled]) === 0
      ? [as('ApiPending'), as('PendingSubmit'), message]
      : [message];
  };
};

/** An end of an order is told by an error alone. */
const endsByError = (): Habit => (message) =>
  kindOf(message) === 3 && message[STATUS.status] === 'Cancelled' ? [] : [message];
/** … or by a status alone. */
const endsByStatus = (): Habit => (message) => (kindOf(message) === 4 && Number(message[3]) === 202 ? [] : [message]);

/** What was held once stands in the list of positions, with nothing. */
const closedPositions = (): Habit => {
  const flat = (message: Message): Message => changed(message, { [POSITION.quantity]: '0', [POSITION.cost]: '0.0' });
  return (message) => (kindOf(message) === 61 ? [flat(message), message] : [message]);
};

/** Times as older versions write them: with two blanks, and in the zone of the machine TWS runs on. */
const oldTimes = (): Habit => (message) => {
  if (kindOf(message) !== 11) return [message];
  const [day = '', clock = ''] = String(message[EXECUTION.time]).split(' ');
  return [changed(message, { [EXECUTION.time]: `${day}  ${clock}` })];
};

/** Several accounts under one login, and a comma after the last. */
const manyAccounts = (): Habit => (message) =>
  kindOf(message) === 15 ? [changed(message, { 2: `${String(message[2])},DU7654321,` })] : [message];

/** Where a login has one account, an execution does not name it. */
const namelessExecutions = (): Habit => (message) =>
  kindOf(message) === 11 ? [changed(message, { [EXECUTION.account]: '' })] : [message];

const HABITS = {
  ...{ repeats, statusFirst, silentOnFills, commissionFirst, lateIds, decimals, unsetAsLargest, emptyCommission },
  ...{ remarks, steps, endsByError, endsByStatus, closedPositions, oldTimes, manyAccounts },
  namelessExecutions,
} as const;
export type HabitName = keyof typeof HABITS;

/** What a server of these habits says instead of each message of one connection. */
export function speakerOf(names: readonly HabitName[], version: number): Habit {
  const habits = names.map((name) => HABITS[name](version));
  return (message) =>
    habits.reduce<readonly Message[]>((messages, habit) => messages.flatMap((one) => habit(one)), [message]);
}

/** Habits that do not contradict each other, by a seed. */
export function someHabits(random: () => number): readonly HabitName[] {
  const all = Object.keys(HABITS) as HabitName[];
  const chosen = all.filter(() => random() < 0.5);
  return chosen.includes('endsByError') ? chosen.filter((name) => name !== 'endsByStatus') : chosen;
}
