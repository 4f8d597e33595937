import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { RawExecution } from '#desk/imports/format.ts';
import { priceLots } from '#desk/imports/prices.ts';
import { resolveImport } from '#desk/imports/resolve.ts';
import { writtenTime } from '#desk/imports/times.ts';
import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import type { ImportOptions } from '#shared/domain/import.ts';

const RAW: RawExecution = {
  line: 2,
  id: 'x',
  account: 'A1',
  symbol: 'NQZ6',
  direction: 1,
  quantity: 1,
  price: '21000.25',
  feeUsd: 1,
  time: writtenTime('2026-10-01T14:30:00Z'),
};

const resolve = (changes: readonly Partial<RawExecution>[], options: ImportOptions = {}) =>
  resolveImport({
    raw: {
      executions: changes.map((change, index) => ({ ...RAW, line: index + 2, id: `x${index}`, ...change })),
      skipped: [],
      errors: [],
      questions: [],
      assumptions: [],
      rows: changes.length,
      columns: [],
    },
    format: 'generic',
    formatTitle: 'test',
    options,
  });

const at = (iso: string) => writtenTime(iso);

describe('a symbol', () => {
  it.each([
    ['NQU5', '2025-08-01T12:00:00Z', 'NQU25-CME'],
    ['ESH6', '2025-12-20T12:00:00Z', 'ESH26-CME'],
    ['MNQZ6', '2026-09-22T12:00:00Z', 'MNQZ26-CME'],
    ['NQ SEP26', '2026-06-16T12:00:00Z', 'NQU26-CME'],
    ['NQ 12-24', '2024-12-05T12:00:00Z', 'NQZ24-CME'],
    ['NQH26-CME', '2025-12-18T12:00:00Z', 'NQH26-CME'],
    ['CME_MINI:NQU2025', '2025-08-01T12:00:00Z', 'NQU25-CME'],
    ['gcz26', '2026-09-22T12:00:00Z', 'GCZ26-COMEX'],
  ])('%s of %s is %s', (symbol, time, known) => {
    const file = resolve([{ symbol, time: at(time), price: '100' }]);
    expect(file.executions.map((e) => e.symbol)).toEqual([known]);
    expect(file.instruments.map((i) => i.symbol)).toEqual([known]);
  });

  it.each(['NQU5', 'NQ 12-23', 'NQF26', 'NQM26-CME'])('%s cannot have been traded in October 2026', (symbol) => {
    const file = resolve([{ symbol }]);
    expect(file.executions).toEqual([]);
    expect(file.errors.map((e) => e.field)).toEqual(['symbol']);
  });

  it.each(['CME_MINI:NQ1!', '@NQ', '/NQ', 'NQ=F', 'NQ ##-##', 'nq'])('%s is asked about by its contract', (symbol) => {
    const asked = resolve([{ symbol }]);
    expect(asked.questions).toMatchObject([{ field: 'contracts', key: symbol, choices: ['NQZ26'] }]);
    expect([asked.executions, asked.errors]).toEqual([[], []]);
    const told = resolve([{ symbol }], { contracts: { [symbol]: 'NQZ26' } });
    expect(told.executions.map((e) => e.symbol)).toEqual(['NQZ26-CME']);
    expect(told.assumptions.map((a) => a.code)).toContain('contract');
  });

  it('asks again when the answer is of another market, and offers the front contract of each day', () => {
    const rows = [
      { symbol: 'NQ1!', time: at('2026-09-01T12:00:00Z') },
      { symbol: 'NQ1!', time: at('2026-10-01T12:00:00Z') },
    ];
    expect(resolve(rows).questions[0]?.choices).toEqual(['NQU26', 'NQZ26', 'front']);
    expect(resolve(rows, { contracts: { 'NQ1!': 'ESZ26' } }).questions[0]?.text).toMatch(/ESZ26 is no contract of NQ/);
    expect(resolve(rows, { contracts: { 'NQ1!': 'NQU26' } }).errors[0]?.remedy).toMatch(/front/);
    const front = resolve(rows, { contracts: { 'NQ1!': 'front' } });
    expect(front.executions.map((e) => e.symbol)).toEqual(['NQU26-CME', 'NQZ26-CME']);
  });

  it.each(['AAPL', 'XXZ6', 'constructor', '__proto__', '=cmd|calc'])('%s is never given a guessed tick', (symbol) => {
    const file = resolve([{ symbol }]);
    expect(file.executions).toEqual([]);
    expect(file.questions).toMatchObject([{ field: 'instruments', key: symbol }]);
  });

  it('of a share may not take the name of a future', () => {
    const file = resolve([{ symbol: 'MET', price: '80.01' }], {
      instruments: { MET: { tickSize: 0.01, tickValueUsd: 0.01 } },
    });
    expect(file.instruments).toMatchObject([{ symbol: 'MET.STK', root: 'MET.STK' }]);
  });

  it('keeps the table’s tick whatever the trader says of a contract it knows', () => {
    const file = resolve([{}], { instruments: { NQZ6: { tickSize: 1, tickValueUsd: 1 } } });
    expect(file.instruments).toMatchObject([{ tickSize: 0.25, tickValue: 50000 }]);
  });
});

describe('a price', () => {
  const lots = (root: string, text: string, quantity = 1) => {
    const spec = contractSpec(root);
    if (spec === null) throw new Error(root);
    const read = priceLots(text, quantity, { spec, tickSize: spec.tickSize, scale: 1 });
    return read.ok ? read.value.map((lot) => [lot.quantity, Number(lot.price)]) : read.error.code;
  };

  it.each([
    ['NQ', '21000.25', 1, [[1, 84001]]],
    ['NQ', '21,000.250000000', 1, [[1, 84001]]],
    ['ZN', "110'165", 1, [[1, 7073]]],
    ['ZN', "110'16", 1, [[1, 7072]]],
    ['ZN', '110-165', 1, [[1, 7073]]],
    ['ZN', '110.515625', 1, [[1, 7073]]],
    ['ZN', '110.5156', 1, [[1, 7073]]],
    ['6E', '1.08455', 1, [[1, 21691]]],
    ['CL', '-37.63', 1, [[1, -3763]]],
    [
      'NQ',
      '21000.125',
      2,
      [
        [1, 84000],
        [1, 84001],
      ],
    ],
    [
      'NQ',
      '21000.0833',
      3,
      [
        [2, 84000],
        [1, 84001],
      ],
    ],
    [
      'CL',
      '-0.015',
      2,
      [
        [1, -2],
        [1, -1],
      ],
    ],
  ] as const)('of %s, %s for %s, is %j', (root, text, quantity, expected) => {
    expect(lots(root, text, quantity)).toEqual(expected);
  });

  it.each([
    ['NQ', '21000.1', 1, 'off-tick'],
    ['NQ', '21000.1', 3, 'off-tick'],
    ['NQ', '21000.26', 1, 'off-tick'],
    ['ZN', '110.52', 1, 'off-tick'],
    ['NQ', '0', 1, 'no-price'],
    ['NQ', '', 1, 'no-price'],
    ['NQ', "21000'16", 1, 'no-price'],
    ['NQ', '1e5', 1, 'no-price'],
    ['NQ', '=1+1', 1, 'no-price'],
    ['NQ', 'Infinity', 1, 'no-price'],
    ['ZN', "110'325", 1, 'no-price'],
  ])('of %s, %s for %s, is the error %s', (root, text, quantity, code) => {
    expect(lots(root, text, quantity)).toBe(code);
  });

  it('that is an average keeps the total of its fills exactly, in neighbouring ticks', () => {
    const fills = fc.array(fc.integer({ min: 80_000, max: 80_040 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(fills, (prices) => {
        const total = prices.reduce((sum, price) => sum + price, 0);
        const split = lots('NQ', String((total * 0.25) / prices.length), prices.length);
        if (typeof split === 'string') throw new Error(split);
        expect(split.reduce((sum, [quantity = 0, price = 0]) => sum + quantity * price, 0)).toBe(total);
        expect(split.reduce((sum, [quantity = 0]) => sum + quantity, 0)).toBe(prices.length);
        const ticks = split.map(([, price = 0]) => price);
        expect(Math.max(...ticks) - Math.min(...ticks)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('a row', () => {
  it('shares its fee between the fills of an average to the last unit', () => {
    const file = resolve([{ quantity: 3, price: '21000.0833', feeUsd: 0.0002 }]);
    expect(file.executions.map((e) => [e.execKey, e.quantity, Number(e.fee)])).toEqual([
      ['x0|1', 2, 1],
      ['x0|2', 1, 1],
    ]);
  });

  it('of two executions is kept whole or not at all', () => {
    const file = resolve([{ line: 2 }, { line: 2, price: 'x' }, { line: 3 }]);
    expect(file.executions.map((e) => e.line)).toEqual([3]);
    expect(file.errors.map((e) => e.line)).toEqual([2]);
  });

  it('comes oldest first, and those of one instant in the order they happened', () => {
    const [early, late] = [at('2026-10-01T14:30:00Z'), at('2026-10-01T14:31:00Z')];
    const order = (times: readonly (typeof early)[]) =>
      resolve(times.map((time) => ({ time }))).executions.map((e) => e.line);
    expect(order([early, early, late])).toEqual([2, 3, 4]);
    expect(order([late, early, early])).toEqual([4, 3, 2]);
  });

  it.each([
    { quantity: 0 },
    { quantity: 1.5 },
    { feeUsd: NaN },
    { feeUsd: 1e12 },
    { symbol: ' ' },
    { id: 'i'.repeat(300) },
  ])('with %o is an error', (change) => {
    const file = resolve([change]);
    expect([file.executions, file.errors.length]).toEqual([[], 1]);
  });

  it('waits for the zone, and says which answer was none', () => {
    const time = at('2026-10-01 14:30:00');
    expect(resolve([{ time }, {}]).executions.map((e) => e.line)).toEqual([3]);
    expect(resolve([{ time }], { timeZone: 'Chicago' }).questions[0]?.text).toMatch(/“Chicago” is not a time zone/);
  });

  it('says when a time lies in the hour the clocks showed twice', () => {
    const file = resolve([{ time: at('2026-11-01 01:30:00') }], { timeZone: 'America/Chicago' });
    expect(file.assumptions.map((a) => a.text).join()).toMatch(/earlier of the two/);
  });
});
