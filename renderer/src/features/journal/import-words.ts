import type { ImportFormat, ImportPreview, ImportQuestion } from '#shared/domain/import.ts';
import { countText } from '#shared/format/numbers.ts';
import { listText } from '#shared/wording/index.ts';
import { dayDate } from '#renderer/src/ui/times.ts';

const FORMATS: Readonly<Record<ImportFormat, string>> = {
  'tradovate-performance': 'Tradovate performance',
  'tradovate-orders': 'Tradovate orders',
  'ninjatrader-trades': 'NinjaTrader trades',
  'ninjatrader-executions': 'NinjaTrader executions',
  'sierra-activity': 'Sierra Chart trade activity',
  'ibkr-activity': 'Interactive Brokers activity statement',
  'ibkr-flex': 'Interactive Brokers Flex query',
  'tradingview-orders': 'TradingView orders',
  'topstep-trades': 'TopstepX trades',
  'topstep-orders': 'TopstepX orders',
  'rithmic-orders': 'Rithmic orders',
  'rithmic-performance': 'Rithmic performance',
  tradenote: 'TradeNote',
  generic: 'Any CSV, by its columns',
};

export const formatName = (format: ImportFormat): string => FORMATS[format];

/** The format of a past import; a name a newer desk wrote is shown as it is. */
export const formatNameOf = (format: string): string =>
  Object.entries(FORMATS).find(([code]) => code === format)?.[1] ?? format;

/** "1 row", "12 rows". */
export const rowsText = (count: number): string => `${countText(count)} ${count === 1 ? 'row' : 'rows'}`;
export const executionsText = (count: number): string =>
  `${countText(count)} ${count === 1 ? 'execution' : 'executions'}`;

const FIELDS: Readonly<Record<ImportQuestion['field'], string>> = {
  format: 'the format',
  timeZone: 'the time zone',
  dateOrder: 'the order of day and month',
  account: 'the account',
  contracts: 'a contract',
  instruments: 'a tick size',
  mapping: 'the columns',
};

/** Why a file cannot be imported yet; null when it can. The first thing to do comes first. */
export function importBlocker(preview: ImportPreview): string | null {
  if (preview.canImport) return null;
  const { questions, errorCount, conflictCount, added, known, rows } = preview;
  if (questions.length > 0) {
    const missing = listText([...new Set(questions.map(({ field }) => FIELDS[field]))]);
    return `The file does not say ${missing}: answer above.`;
  }
  if (errorCount > 0) return `${rowsText(errorCount)} could not be read. Mend the file, or change the answers above.`;
  if (conflictCount > 0) {
    return `${rowsText(conflictCount)} ${conflictCount === 1 ? 'differs' : 'differ'} from what is journaled. Nothing journaled is edited.`;
  }
  if (added === 0 && known > 0) return `All ${executionsText(known)} of this file are in the journal already.`;
  return rows === 0 ? 'The file holds no rows.' : 'The file holds no executions.';
}

/** The days a file covers: "Mon 3 Aug 2026 to Fri 28 Aug 2026". */
export const rangeText = ({ from, to }: Pick<ImportPreview, 'from' | 'to'>): string | null => {
  if (from === null || to === null) return null;
  return dayDate(from) === dayDate(to) ? dayDate(from) : `${dayDate(from)} to ${dayDate(to)}`;
};

/** What was added, in a sentence. */
export function resultText(added: number, known: number): string {
  const before = known === 0 ? '' : ` ${executionsText(known)} were there already.`;
  if (added === 0) return `Nothing new.${before}`;
  return `Added ${executionsText(added)}.${before}`;
}

const FIRST_ZONES = ['America/Chicago', 'America/New_York', 'UTC', 'Europe/London', 'Europe/Berlin'];

/** Time zones for the list: those the question names, those traders mostly mean, then all. */
export const zoneChoices = (named: readonly string[]): readonly string[] => [
  ...new Set([...named, ...FIRST_ZONES, ...Intl.supportedValuesOf('timeZone')]),
];
