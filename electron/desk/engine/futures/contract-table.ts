import { moneyFromUsd, usdOf } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

export type Exchange = 'CME' | 'CBOT' | 'NYMEX' | 'COMEX';

export type ContractGroup = 'equity' | 'energy' | 'metals' | 'rates' | 'fx' | 'grains' | 'livestock' | 'crypto';

/** How the last trade day of a contract month is found; futures/expiry.ts has the rules in words. */
export type ExpiryRule =
  | 'EQ3FRI'
  | 'CL25'
  | 'MCL25'
  | 'NG3BD'
  | 'LBD_PREV'
  | 'NLBD3'
  | 'TSY7'
  | 'TSYLBD'
  | 'FX2BD3WED'
  | 'FX1BD3WED'
  | 'GR15'
  | 'LBD'
  | 'HE10'
  | 'LASTFRI';

/** How traders write the price; futures/prices.ts reads and writes each. */
export type PriceFormat = 'decimal' | '32nds' | '32nds+half' | '32nds+quarter' | '32nds+eighth' | 'cents+eighths';

/** Month code letters in calendar order: F is January, Z is December. */
export const MONTH_CODES = 'FGHJKMNQUVXZ';

export type ContractSpec = {
  readonly root: string;
  readonly exchange: Exchange;
  readonly name: string;
  readonly group: ContractGroup;
  /** USD for a move of 1.0 in the quoted price, one contract. */
  readonly pointValue: number;
  /** Smallest price step, in the quoted price's own unit (cents for grains and livestock). */
  readonly tickSize: number;
  /** Worth of one tick of one contract: tick size × point value, exact in 1e-4 USD. */
  readonly tickValue: Money;
  /** Letters of the listed contract months. */
  readonly months: string;
  readonly settlement: 'cash' | 'physical';
  readonly expiryRule: ExpiryRule;
  /** The larger contract on the same underlying and how many of these make one of it; null for the larger one. */
  readonly microOf: { readonly root: string; readonly ratio: number } | null;
  readonly priceFormat: PriceFormat;
  /** Where the row was read: see the source note at the table. */
  readonly source: string;
};

const ALL = MONTH_CODES;

type Row = readonly [
  root: string,
  exchange: Exchange,
  name: string,
  group: ContractGroup,
  pointValue: number,
  tickSize: number,
  tickValueUsd: number,
  months: string,
  settlement: 'cash' | 'physical',
  expiryRule: ExpiryRule,
  priceFormat: PriceFormat,
  source: string,
];

/**
 * Sources: CME = the exchange's contract specification page; L = QuantConnect Lean symbol-properties-database.csv
 * (snapshot 24863901); B = broker specification page; MW = MarketsWiki copy of the exchange's page.
 * Margins are absent on purpose: they change weekly and come from the broker.
 */
const ROWS: readonly Row[] = [
  ['ES', 'CME', 'E-mini S&P 500', 'equity', 50, 0.25, 12.5, 'HMUZ', 'cash', 'EQ3FRI', 'decimal', 'CME,L'],
  ['MES', 'CME', 'Micro E-mini S&P 500', 'equity', 5, 0.25, 1.25, 'HMUZ', 'cash', 'EQ3FRI', 'decimal', 'L,B'],
  ['NQ', 'CME', 'E-mini Nasdaq-100', 'equity', 20, 0.25, 5, 'HMUZ', 'cash', 'EQ3FRI', 'decimal', 'CME,L'],
  ['MNQ', 'CME', 'Micro E-mini Nasdaq-100', 'equity', 2, 0.25, 0.5, 'HMUZ', 'cash', 'EQ3FRI', 'decimal', 'CME,L'],
  ['RTY', 'CME', 'E-mini Russell 2000', 'equity', 50, 0.1, 5, 'HMUZ', 'cash', 'EQ3FRI', 'decimal', 'L'],
  ['M2K', 'CME', 'Micro E-mini Russell 2000', 'equity', 5, 0.1, 0.5, 'HMUZ', 'cash', 'EQ3FRI', 'decimal', 'L,B'],
  ['YM', 'CBOT', 'E-mini Dow ($5)', 'equity', 5, 1, 5, 'HMUZ', 'cash', 'EQ3FRI', 'decimal', 'L'],
  ['MYM', 'CBOT', 'Micro E-mini Dow', 'equity', 0.5, 1, 0.5, 'HMUZ', 'cash', 'EQ3FRI', 'decimal', 'L,B'],
  ['CL', 'NYMEX', 'WTI Crude Oil', 'energy', 1000, 0.01, 10, ALL, 'physical', 'CL25', 'decimal', 'CME,L'],
  ['MCL', 'NYMEX', 'Micro WTI Crude Oil', 'energy', 100, 0.01, 1, ALL, 'cash', 'MCL25', 'decimal', 'L'],
  ['NG', 'NYMEX', 'Henry Hub Natural Gas', 'energy', 10_000, 0.001, 10, ALL, 'physical', 'NG3BD', 'decimal', 'L'],
  ['RB', 'NYMEX', 'RBOB Gasoline', 'energy', 42_000, 0.0001, 4.2, ALL, 'physical', 'LBD_PREV', 'decimal', 'L'],
  ['HO', 'NYMEX', 'NY Harbor ULSD', 'energy', 42_000, 0.0001, 4.2, ALL, 'physical', 'LBD_PREV', 'decimal', 'L'],
  ['GC', 'COMEX', 'Gold', 'metals', 100, 0.1, 10, 'GJMQVZ', 'physical', 'NLBD3', 'decimal', 'CME,L'],
  ['MGC', 'COMEX', 'Micro Gold', 'metals', 10, 0.1, 1, 'GJMQVZ', 'physical', 'NLBD3', 'decimal', 'L,B'],
  ['SI', 'COMEX', 'Silver', 'metals', 5000, 0.005, 25, 'FHKNUZ', 'physical', 'NLBD3', 'decimal', 'L'],
  ['SIL', 'COMEX', 'Micro Silver (1,000 oz)', 'metals', 1000, 0.005, 5, 'FHKNUZ', 'physical', 'NLBD3', 'decimal', 'L'],
  ['HG', 'COMEX', 'Copper', 'metals', 25_000, 0.0005, 12.5, 'HKNUZ', 'physical', 'NLBD3', 'decimal', 'L'],
  ['PL', 'NYMEX', 'Platinum', 'metals', 50, 0.1, 5, 'FJNV', 'physical', 'NLBD3', 'decimal', 'L'],
  ['PA', 'NYMEX', 'Palladium', 'metals', 100, 0.5, 50, 'HMUZ', 'physical', 'NLBD3', 'decimal', 'L'],
  ['ZB', 'CBOT', '30-Year T-Bond', 'rates', 1000, 1 / 32, 31.25, 'HMUZ', 'physical', 'TSY7', '32nds', 'CME,L'],
  ['UB', 'CBOT', 'Ultra T-Bond', 'rates', 1000, 1 / 32, 31.25, 'HMUZ', 'physical', 'TSY7', '32nds', 'L'],
  ['ZN', 'CBOT', '10-Year T-Note', 'rates', 1000, 1 / 64, 15.625, 'HMUZ', 'physical', 'TSY7', '32nds+half', 'CME,L'],
  ['TN', 'CBOT', 'Ultra 10-Year', 'rates', 1000, 1 / 64, 15.625, 'HMUZ', 'physical', 'TSY7', '32nds+half', 'L'],
  [
    'ZF',
    'CBOT',
    '5-Year T-Note',
    'rates',
    1000,
    1 / 128,
    7.8125,
    'HMUZ',
    'physical',
    'TSYLBD',
    '32nds+quarter',
    'CME,L',
  ],
  [
    'ZT',
    'CBOT',
    '2-Year T-Note',
    'rates',
    2000,
    1 / 256,
    7.8125,
    'HMUZ',
    'physical',
    'TSYLBD',
    '32nds+eighth',
    'CME,L',
  ],
  ['6E', 'CME', 'Euro FX', 'fx', 125_000, 0.00005, 6.25, 'HMUZ', 'physical', 'FX2BD3WED', 'decimal', 'MW(CME),L'],
  ['M6E', 'CME', 'Micro EUR/USD', 'fx', 12_500, 0.0001, 1.25, 'HMUZ', 'physical', 'FX2BD3WED', 'decimal', 'CME,L'],
  ['6B', 'CME', 'British Pound', 'fx', 62_500, 0.0001, 6.25, 'HMUZ', 'physical', 'FX2BD3WED', 'decimal', 'L'],
  ['M6B', 'CME', 'Micro GBP/USD', 'fx', 6250, 0.0001, 0.625, 'HMUZ', 'physical', 'FX2BD3WED', 'decimal', 'L'],
  ['6J', 'CME', 'Japanese Yen', 'fx', 12_500_000, 0.0000005, 6.25, 'HMUZ', 'physical', 'FX2BD3WED', 'decimal', 'L'],
  ['6A', 'CME', 'Australian Dollar', 'fx', 100_000, 0.00005, 5, 'HMUZ', 'physical', 'FX2BD3WED', 'decimal', 'L'],
  ['M6A', 'CME', 'Micro AUD/USD', 'fx', 10_000, 0.0001, 1, 'HMUZ', 'physical', 'FX2BD3WED', 'decimal', 'L'],
  ['6C', 'CME', 'Canadian Dollar', 'fx', 100_000, 0.00005, 5, 'HMUZ', 'physical', 'FX1BD3WED', 'decimal', 'L'],
  ['6S', 'CME', 'Swiss Franc', 'fx', 125_000, 0.00005, 6.25, 'HMUZ', 'physical', 'FX2BD3WED', 'decimal', 'L'],
  ['6N', 'CME', 'New Zealand Dollar', 'fx', 100_000, 0.00005, 5, 'HMUZ', 'physical', 'FX2BD3WED', 'decimal', 'L'],
  ['6M', 'CME', 'Mexican Peso', 'fx', 500_000, 0.00001, 5, 'HMUZ', 'physical', 'FX2BD3WED', 'decimal', 'L'],
  ['ZC', 'CBOT', 'Corn (cents/bu)', 'grains', 50, 0.25, 12.5, 'HKNUZ', 'physical', 'GR15', 'cents+eighths', 'L'],
  ['ZS', 'CBOT', 'Soybeans (cents/bu)', 'grains', 50, 0.25, 12.5, 'FHKNQUX', 'physical', 'GR15', 'cents+eighths', 'L'],
  [
    'ZW',
    'CBOT',
    'Chicago SRW Wheat (cents/bu)',
    'grains',
    50,
    0.25,
    12.5,
    'HKNUZ',
    'physical',
    'GR15',
    'cents+eighths',
    'L',
  ],
  [
    'KE',
    'CBOT',
    'KC HRW Wheat (cents/bu)',
    'grains',
    50,
    0.25,
    12.5,
    'HKNUZ',
    'physical',
    'GR15',
    'cents+eighths',
    'L',
  ],
  ['ZM', 'CBOT', 'Soybean Meal', 'grains', 100, 0.1, 10, 'FHKNQUVZ', 'physical', 'GR15', 'decimal', 'L'],
  ['ZL', 'CBOT', 'Soybean Oil (cents/lb)', 'grains', 600, 0.01, 6, 'FHKNQUVZ', 'physical', 'GR15', 'decimal', 'L'],
  ['LE', 'CME', 'Live Cattle (cents/lb)', 'livestock', 400, 0.025, 10, 'GJMQVZ', 'physical', 'LBD', 'decimal', 'L'],
  ['HE', 'CME', 'Lean Hogs (cents/lb)', 'livestock', 400, 0.025, 10, 'GJKMNQVZ', 'cash', 'HE10', 'decimal', 'L'],
  ['BTC', 'CME', 'Bitcoin', 'crypto', 5, 5, 25, ALL, 'cash', 'LASTFRI', 'decimal', 'L'],
  ['MBT', 'CME', 'Micro Bitcoin', 'crypto', 0.1, 5, 0.5, ALL, 'cash', 'LASTFRI', 'decimal', 'L'],
  ['ETH', 'CME', 'Ether', 'crypto', 50, 0.5, 25, ALL, 'cash', 'LASTFRI', 'decimal', 'L'],
  ['MET', 'CME', 'Micro Ether', 'crypto', 0.1, 0.5, 0.05, ALL, 'cash', 'LASTFRI', 'decimal', 'L'],
];

/** Smaller contracts and what they are a part of. */
const MICROS: Readonly<Record<string, { readonly root: string; readonly ratio: number }>> = {
  MES: { root: 'ES', ratio: 10 },
  MNQ: { root: 'NQ', ratio: 10 },
  M2K: { root: 'RTY', ratio: 10 },
  MYM: { root: 'YM', ratio: 10 },
  MCL: { root: 'CL', ratio: 10 },
  MGC: { root: 'GC', ratio: 10 },
  SIL: { root: 'SI', ratio: 5 },
  M6E: { root: '6E', ratio: 10 },
  M6B: { root: '6B', ratio: 10 },
  M6A: { root: '6A', ratio: 10 },
  MBT: { root: 'BTC', ratio: 50 },
  MET: { root: 'ETH', ratio: 500 },
};

function specOf(row: Row): ContractSpec {
  const [root, exchange, name, group, pointValue, tickSize, usd, months, settlement, expiryRule, priceFormat, source] =
    row;
  const contract = { root, exchange, name, group, pointValue, tickSize, tickValue: moneyFromUsd(usd), months };
  return { ...contract, settlement, expiryRule, microOf: MICROS[root] ?? null, priceFormat, source };
}

/** All contracts the desk knows, in table order. */
export const CONTRACTS: readonly ContractSpec[] = ROWS.map(specOf);

const BY_ROOT: ReadonlyMap<string, ContractSpec> = new Map(CONTRACTS.map((spec) => [spec.root, spec]));

/** Returns the table row of a root such as 'NQ' (upper case); null when the table has none. */
export const contractSpec = (root: string): ContractSpec | null => BY_ROOT.get(root) ?? null;

/** The root that stands for the underlying: of a micro, the larger contract; of any other (or unknown) root, itself. */
export const underlyingRoot = (root: string): string => contractSpec(root)?.microOf?.root ?? root;

/** The smaller contract on the same underlying, null when there is none or the root is itself the smaller one. */
export const microOf = (root: string): ContractSpec | null =>
  CONTRACTS.find((spec) => spec.microOf?.root === root) ?? null;

/** What a venue says about an instrument (DTC MinPriceIncrement, CurrencyValuePerIncrement); null when it is silent. */
export type VenueDefinition = {
  readonly tickSize: number | null;
  readonly tickValueUsd: number | null;
};

/** One figure on which the venue and the table disagree. Sizing is blocked and both are shown. */
export type DefinitionMismatch = {
  readonly field: 'tickSize' | 'tickValueUsd';
  readonly table: number;
  readonly venue: number;
};

/** DTC sends both figures as float32, so 0.1 arrives as 0.100000001490116. */
const FLOAT32_TOLERANCE = 1e-6;

/**
 * Compares the table with what the venue says, and returns every figure that differs by more than float32 rounding.
 * Sizing must be blocked when the list is not empty. A figure the venue leaves out, or sends as 0 (DTC's unset
 * value), is not compared; a negative or NaN figure is a mismatch.
 */
export function venueDefinitionMismatch(spec: ContractSpec, venue: VenueDefinition): readonly DefinitionMismatch[] {
  const figures = [
    { field: 'tickSize', table: spec.tickSize, venue: venue.tickSize },
    { field: 'tickValueUsd', table: usdOf(spec.tickValue), venue: venue.tickValueUsd },
  ] as const;
  return figures.flatMap((figure) => {
    if (figure.venue === null || figure.venue === 0) return [];
    const isEqual = Math.abs(figure.venue - figure.table) <= FLOAT32_TOLERANCE * figure.table;
    return isEqual ? [] : [{ field: figure.field, table: figure.table, venue: figure.venue }];
  });
}
