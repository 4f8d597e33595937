import type { ImportAssumption, ImportOptions, ImportQuestion, ImportRowNote } from '#shared/domain/import.ts';
import type { EpochMs } from '#shared/units.ts';

import type { RawExecution } from './format.ts';
import { askDateOrder, askTimeZone, assumption, badCell, rowNote, shown } from './notes.ts';
import { dateOrderOf, detectDateOrder, isTimeZone, readTime, wantedTime } from './times.ts';
import type { DateOrder } from './times.ts';

type TimeOutcome =
  | { readonly kind: 'done'; readonly value: EpochMs }
  /** `roughly`: the time but for zone and order, so that the row's other questions can be asked along with them. */
  | { readonly kind: 'waits'; readonly roughly: EpochMs | null }
  | { readonly kind: 'error'; readonly note: ImportRowNote };

export type SettledTimes = {
  /** One for each execution, in their order. */
  readonly outcomes: readonly TimeOutcome[];
  readonly questions: readonly ImportQuestion[];
  readonly assumptions: readonly ImportAssumption[];
};

type Settled = {
  /** Null while the trader must say. */
  readonly order: DateOrder | null;
  readonly contradiction: string | null;
  readonly timeZone: string | null;
};

const needsZone = ({ time }: RawExecution): boolean => time.offsetMinutes === null && time.zone === null;

/** Names one date of each order, so that the trader finds both. */
function contradictionOf(executions: readonly RawExecution[]): string {
  const first = (order: DateOrder) => executions.find(({ time }) => dateOrderOf(time.text) === order);
  const [day, month] = [first('DMY'), first('MDY')];
  return (
    `dates contradict each other: line ${day?.line ?? 0} (“${shown(day?.time.text ?? '')}”) has the day first, ` +
    `line ${month?.line ?? 0} (“${shown(month?.time.text ?? '')}”) the month`
  );
}

function outcomeOf({ line, time }: RawExecution, settled: Settled): TimeOutcome & { isRepeatedHour?: boolean } {
  if (settled.contradiction !== null && dateOrderOf(time.text) !== null) {
    const remedy = 'correct the wrong date, or say which comes first: then only the other dates are errors';
    const message = settled.contradiction;
    return { kind: 'error', note: rowNote({ line, field: 'time', value: time.text, message, remedy }) };
  }
  const read = readTime(time, { timeZone: settled.timeZone, dateOrder: settled.order });
  if (read.ok) return { kind: 'done', value: read.value.at, isRepeatedHour: read.value.isRepeatedHour };
  const isAsked =
    (read.error.code === 'order-unknown' && settled.order === null) ||
    (read.error.code === 'zone-unknown' && time.zone === null);
  if (isAsked) {
    const roughly = readTime(
      { ...time, zone: time.zone ?? 'UTC' },
      { timeZone: null, dateOrder: settled.order ?? 'MDY' },
    );
    return { kind: 'waits', roughly: roughly.ok ? roughly.value.at : null };
  }
  const { wanted, remedy } = wantedTime(read.error);
  return { kind: 'error', note: badCell({ line, field: 'time', value: time.text }, wanted, remedy) };
}

const ORDER_WORDS: Readonly<Record<DateOrder, string>> = { DMY: 'the day', MDY: 'the month' };

function zoneAssumptions(executions: readonly RawExecution[], timeZone: string | null): readonly ImportAssumption[] {
  const fixed = new Set(executions.flatMap(({ time }) => (time.offsetMinutes === null ? [time.zone] : [])));
  return [...fixed].flatMap((zone) => {
    if (zone !== null) return [assumption('time-zone', `Times are taken as ${zone}, which the format writes.`)];
    return timeZone === null ? [] : [assumption('time-zone', `Times without a zone are taken as ${timeZone}.`)];
  });
}

/**
 * Reads the times of a file. The order of day and month and the zone are settled once for the whole file: by the
 * trader's answer, else by the dates themselves (the order) or a question. A row that only lacks an answer waits.
 */
export function settleTimes(executions: readonly RawExecution[], options: ImportOptions): SettledTimes {
  const texts = executions.map(({ time }) => time.text);
  const detected = detectDateOrder(texts);
  const order = options.dateOrder ?? (detected === 'DMY' || detected === 'MDY' ? detected : null);
  const zoneless = executions.find(needsZone);
  const timeZone = options.timeZone !== undefined && isTimeZone(options.timeZone) ? options.timeZone : null;
  const contradiction = order === null && detected === 'contradictory' ? contradictionOf(executions) : null;
  const outcomes = executions.map((execution) => outcomeOf(execution, { order, contradiction, timeZone }));
  const repeated = outcomes.filter((outcome) => outcome.kind === 'done' && outcome.isRepeatedHour === true).length;
  const isOrderSaid = options.dateOrder !== undefined && detected !== 'fixed';
  const deciding = options.dateOrder === undefined ? texts.find((text) => dateOrderOf(text) === order) : undefined;
  return {
    outcomes,
    questions: [
      ...(order === null && detected === 'ambiguous'
        ? [askDateOrder(texts.find((text) => dateOrderOf(text) === 'either') ?? '')]
        : []),
      ...(zoneless !== undefined && timeZone === null ? [askTimeZone(zoneless.time.text, options.timeZone)] : []),
    ],
    assumptions: [
      ...(order !== null && deciding !== undefined
        ? [
            assumption(
              'date-order',
              `Dates are read with ${ORDER_WORDS[order]} first: “${shown(deciding)}” can only be so.`,
            ),
          ]
        : []),
      ...(order !== null && isOrderSaid
        ? [assumption('date-order', `Dates are read with ${ORDER_WORDS[order]} first, as you said.`)]
        : []),
      ...zoneAssumptions(executions, timeZone),
      ...(repeated > 0
        ? [
            assumption(
              'time-zone',
              `${repeated} times lie in the hour the clocks showed twice: the earlier of the two is taken.`,
            ),
          ]
        : []),
    ],
  };
}
