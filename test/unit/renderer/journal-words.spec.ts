import { describe, expect, it } from 'vitest';
import { guessMapping, mappingFits, wholeMapping } from '#renderer/src/features/journal/mapping.ts';
import { importBlocker, resultText, zoneChoices } from '#renderer/src/features/journal/import-words.ts';
import { decisionChips, filterText, STATUS_CHOICES, tradeChips } from '#renderer/src/features/journal/filter-words.ts';
import { suggestions, withLabel } from '#renderer/src/features/journal/labels.ts';
import {
  closedText,
  excursionDetail,
  isGross,
  netDetail,
  priceOr,
  priceStyleOf,
  spanText,
  summaryFigures,
} from '#renderer/src/features/journal/trade-words.ts';
import type { TradeSummary } from '#shared/contract/journal-views.ts';
import { decisionStatusSchema } from '#shared/domain/decision.ts';
import type { ImportPreview } from '#shared/domain/import.ts';
import { epochMs, money, moneyFromUsd } from '#shared/units.ts';
import { INSTRUMENTS } from '#test/support/desk-fixtures/instruments.ts';

const usd = moneyFromUsd;
const SUMS: TradeSummary = {
  count: 10,
  wins: 5,
  losses: 4,
  flats: 1,
  gross: usd(1_050),
  fees: usd(50),
  net: usd(1_000),
  sumR: 3.2,
  countR: 8,
  bestNet: usd(600),
  worstNet: usd(-300),
  sumWins: usd(2_000),
  sumLosses: usd(1_000),
};
const figure = (sums: TradeSummary, name: string) => summaryFigures(sums).find((one) => one.name === name);

describe('the summary of a filter', () => {
  it('leaves flat trades out of the win rate and means R over the trades that have one', () => {
    expect(figure(SUMS, 'Win rate')?.value).toBe('55.6\u202f%');
    expect(figure(SUMS, 'Expectancy')).toMatchObject({ value: '+0.40 R', note: 'mean of 8 with a stop' });
    expect(figure(SUMS, 'Payoff in $')).toMatchObject({ value: '1.60', note: '$400 to $250' });
    expect(figure(SUMS, 'Net')).toMatchObject({ value: '+$1,000.00', note: '+$1,050.00 − $50.00 fees' });
  });

  it('says why a figure is not known instead of showing zero', () => {
    const lossless = { ...SUMS, losses: 0, sumLosses: money(0), countR: 0 };
    expect(figure(lossless, 'Payoff in $')).toMatchObject({ value: '—', note: 'no loss yet' });
    expect(figure(lossless, 'Expectancy')).toMatchObject({ value: '—', note: 'none had a planned stop' });
    const none = { ...SUMS, count: 0, wins: 0, losses: 0, flats: 0, countR: 0, bestNet: null, worstNet: null };
    for (const name of ['Win rate', 'Net', 'Expectancy', 'Payoff in $', 'Best, worst']) {
      expect(figure(none, name)).toMatchObject({ value: '—', note: 'no trade' });
    }
  });
});

describe('the words of a trade', () => {
  const now = Date.UTC(2026, 7, 27, 18);
  it('tells the year only where it is another', () => {
    expect(closedText(Date.UTC(2026, 7, 27, 14, 31), now)).toBe('27 Aug 10:31');
    expect(closedText(Date.UTC(2025, 7, 27, 14, 31), now)).toBe('27 Aug 2025 10:31');
  });

  it('tells the day of the exit only where it is another', () => {
    const entry = Date.UTC(2026, 7, 27, 14, 0);
    expect(spanText(entry, entry + 600_000, now)).toBe('27 Aug 10:00 – 10:10');
    expect(spanText(entry, entry + 86_400_000, now)).toBe('27 Aug 10:00 – 28 Aug 10:00');
  });

  it('calls the net of an imported trade without fees gross, and no other', () => {
    expect(isGross({ isImported: true, fees: money(0) })).toBe(true);
    expect(isGross({ isImported: false, fees: money(0) })).toBe(false);
    expect(netDetail({ isImported: true, fees: money(0), gross: usd(10) })).toContain('net is gross');
    expect(netDetail({ isImported: true, fees: usd(2), gross: usd(10) })).toBe('+$10.00 gross, $2.00 fees');
  });

  it('writes prices by the contract, by another month of it, or in ticks, never by guess', () => {
    const known = { [INSTRUMENTS.NQ.symbol]: INSTRUMENTS.NQ };
    expect(priceOr(priceStyleOf({ symbol: INSTRUMENTS.NQ.symbol }, known), 93_945)).toBe('23,486.25');
    expect(priceOr(priceStyleOf({ symbol: 'NQH20-CME', root: 'NQ' }, known), 93_945)).toBe('23,486.25');
    expect(priceOr(priceStyleOf({ symbol: 'XYZ', root: 'XYZ', tickSize: 0.01 }, known), 1234)).toBe('12.34');
    expect(priceOr(priceStyleOf({ symbol: 'XYZ', root: 'XYZ' }, known), 1234)).toBe('1,234 ticks');
  });

  it('tells an excursion in planned risk where there was some, and why it is not known', () => {
    expect(excursionDetail(usd(-200), usd(400))).toBe('−$200.00, −0.50 R, open and gross');
    expect(excursionDetail(usd(-200), null)).toBe('−$200.00, open and gross');
    expect(excursionDetail(null, usd(400))).toContain('No bar');
  });
});

describe('the conditions of a filter', () => {
  it('are chips that each take only themselves away', () => {
    const chips = tradeChips({ origin: 'imported', fromDay: '2026-08-01', toDay: '2026-08-27', minRating: 5 });
    expect(chips.map(({ label }) => label)).toEqual(['imported trades', '1 Aug 2026 to 27 Aug 2026', 'rated 5']);
    expect(chips[1]?.without).toEqual({ fromDay: undefined, toDay: undefined });
  });

  it('say "all trades" when nothing narrows', () => {
    expect(filterText({ origin: 'all' })).toBe('all trades');
    expect(filterText({ origin: 'all', tag: 'news', outcome: 'loss' })).toBe('lost, tag news');
    expect(decisionChips({})).toEqual([]);
  });

  it('have a word for every reason a decision can end with', () => {
    expect(STATUS_CHOICES.map(({ value }) => value)).toEqual(decisionStatusSchema.options);
    expect(new Set(STATUS_CHOICES.map(({ label }) => label)).size).toBe(STATUS_CHOICES.length);
  });
});

describe('labels', () => {
  const known = [
    { label: 'trend', count: 3 },
    { label: 'News', count: 2 },
    { label: 'bad news', count: 1 },
  ];
  it('are suggested with those that begin so first, the chosen ones left out', () => {
    expect(suggestions('n', known, []).map(({ label }) => label)).toEqual(['News', 'trend', 'bad news']);
    expect(suggestions('', known, ['TREND']).map(({ label }) => label)).toEqual(['News', 'bad news']);
  });

  it('are added once whatever their case, in the spelling in use', () => {
    expect(withLabel([], ' news ', known)).toEqual(['News']);
    expect(withLabel(['News'], 'NEWS', known)).toEqual(['News']);
    expect(withLabel(['x'], '  ', known)).toEqual(['x']);
  });
});

const preview = (part: Partial<ImportPreview>): ImportPreview => ({
  fileName: 'a.csv',
  sha256: '0'.repeat(64),
  format: null,
  formatTitle: null,
  columns: [],
  rows: 3,
  sample: [],
  added: 0,
  known: 0,
  skipped: [],
  skippedCount: 0,
  errors: [],
  errorCount: 0,
  conflicts: [],
  conflictCount: 0,
  questions: [],
  assumptions: [],
  accounts: [],
  symbols: [],
  from: epochMs(0),
  to: epochMs(0),
  canImport: false,
  ...part,
});

describe('why a file cannot be imported', () => {
  const question = (field: 'timeZone' | 'contracts', key: string | null) => ({ field, key, text: '', choices: [] });
  it('names what is to be answered, each once', () => {
    const questions = [question('timeZone', null), question('contracts', 'A'), question('contracts', 'B')];
    expect(importBlocker(preview({ questions, errorCount: 2 }))).toBe(
      'The file does not say the time zone and a contract: answer above.',
    );
  });

  it('counts rows that cannot be read, then conflicts, then says that all is known', () => {
    expect(importBlocker(preview({ errorCount: 1, conflictCount: 1 }))).toContain('1 row could not be read');
    expect(importBlocker(preview({ conflictCount: 2, known: 1 }))).toContain('2 rows differ');
    expect(importBlocker(preview({ known: 3 }))).toBe('All 3 executions of this file are in the journal already.');
    expect(importBlocker(preview({}))).toBe('The file holds no executions.');
    expect(importBlocker(preview({ rows: 0 }))).toBe('The file holds no rows.');
    expect(importBlocker(preview({ canImport: true }))).toBeNull();
  });

  it('is over once it is imported', () => {
    expect(resultText(1, 0)).toBe('Added 1 execution.');
    expect(resultText(0, 3)).toBe('Nothing new. 3 executions were there already.');
  });

  it('offers the zones of the question first and each once', () => {
    const zones = zoneChoices(['Asia/Tokyo']);
    expect(zones[0]).toBe('Asia/Tokyo');
    expect(new Set(zones).size).toBe(zones.length);
    expect(zones).toContain('America/Chicago');
  });
});

describe('the columns of any CSV', () => {
  it('are guessed by their names', () => {
    expect(guessMapping(['When', 'Contract', 'Direction', 'Lots', 'Fill', 'Comm', 'Exch Fee', 'Ref'])).toEqual({
      account: null,
      symbol: 'Contract',
      side: 'Direction',
      quantity: 'Lots',
      price: 'Fill',
      date: 'When',
      time: null,
      fees: ['Comm', 'Exch Fee'],
      executionId: 'Ref',
    });
    expect(guessMapping(['Date', 'Time', 'Symbol', 'Qty', 'Price'])).toMatchObject({ date: 'Date', time: 'Time' });
    expect(guessMapping(['Time', 'Symbol', 'Qty', 'Price'])).toMatchObject({ date: 'Time', time: null });
  });

  it('are whole only when nothing needed is missing, and fit a file only with all of them', () => {
    const guess = guessMapping(['Time', 'Symbol', 'Qty', 'Price']);
    const whole = wholeMapping(guess);
    expect(whole).not.toBeNull();
    expect(wholeMapping({ ...guess, price: null })).toBeNull();
    expect(mappingFits(whole!, ['Price', 'Qty', 'Symbol', 'Time', 'More'])).toBe(true);
    expect(mappingFits(whole!, ['Price', 'Qty', 'Symbol'])).toBe(false);
  });
});
