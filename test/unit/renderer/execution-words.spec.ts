import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { describe, expect, it } from 'vitest';
import { comparisonText, stripLines } from '#renderer/src/features/execution/comparison.ts';
import { readStop } from '#renderer/src/features/execution/stop-price.ts';
import type { Difference, ExecutionView, ExternalOrder, Reconciliation } from '#shared/domain/risk.ts';
import { epochMs, money } from '#shared/units.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';

const AT = epochMs(Date.UTC(2026, 8, 15, 15));

const difference: Difference = {
  id: 'adj|paper|A|NQZ26-CME|3|x',
  kind: 'position',
  severity: 'lock',
  symbol: 'NQZ26-CME',
  account: 'A',
  brokerQuantity: 3,
  journalQuantity: 2,
  brokerPrice: 80_000,
  clientOrderId: null,
  venueOrderId: null,
  foundAt: AT,
  choices: ['adopt', 'balance', 'ignore'],
};
const foreign: ExternalOrder = {
  venueOrderId: 'V-1',
  symbol: 'ESZ26-CME',
  direction: 1,
  type: 'limit',
  price: 20_000,
  quantity: 1,
  filled: 0,
  seenAt: AT,
};
const clean: Reconciliation = {
  state: 'clean',
  at: AT,
  trigger: 'periodic',
  detail: '',
  differences: [],
  externalOrders: [],
};
const view = (reconciliation: Reconciliation, locks: ExecutionView['locks'] = []): ExecutionView => ({
  reconciliation,
  locks,
  kill: { step: 'idle', since: null, openOrders: null, openPositions: null, unknown: [], remaining: [], detail: '' },
  latches: [],
  limits: DEFAULT_RISK_LIMITS,
  queued: 0,
  brackets: 'native',
  consecutiveLosses: 0,
  doubtRisk: money(0),
});

describe('the strip below the banner', () => {
  it('says nothing while broker and journal agree', () => {
    expect(stripLines(view(clean))).toEqual([]);
  });

  it('names the contract that differs, once, and not its lock again', () => {
    const found: Reconciliation = { ...clean, state: 'differences', differences: [difference, difference] };
    const lines = stripLines(view(found, [{ symbol: 'NQZ26-CME', reason: 'not reconciled' }]));
    expect(lines).toHaveLength(1);
    expect(lines[0]?.text).toContain('NQZ26-CME');
    expect(lines[0]?.action).toBe('differences');
  });

  it('says that a comparison failed, and that nothing is entered until one succeeds', () => {
    const failed: Reconciliation = { ...clean, state: 'failed', detail: 'the broker closed the connection' };
    expect(stripLines(view(failed))[0]?.text).toMatch(/broker closed the connection.*No entry leaves/);
  });

  it('tells of locks without a difference, and of orders from elsewhere', () => {
    const lines = stripLines(
      view({ ...clean, externalOrders: [foreign] }, [{ symbol: 'ESZ26-CME', reason: 'tick size differs' }]),
    );
    expect(lines.map((line) => line.text)).toEqual([
      'ESZ26-CME is locked: tick size differs.',
      '1 order at the broker was not sent by this desk.',
    ]);
  });
});

describe('the last comparison in words', () => {
  it.each([
    ['never', /not been compared/],
    ['running', /Comparing/],
    ['clean', /agreed at .* as every minute/],
    ['differences', /1 difference found/],
    ['failed', /did not answer/],
  ] as const)('%s', (state, words) => {
    expect(comparisonText({ ...clean, state, differences: state === 'differences' ? [difference] : [] })).toMatch(
      words,
    );
  });
});

describe('a stop price as typed', () => {
  const nq = continuousInstrument('NQ');
  const zn = continuousInstrument('ZN');
  if (nq === null || zn === null) throw new Error('NQ and ZN are contracts of the table');
  const long = { instrument: nq, mark: 80_000, direction: 1 } as const;

  it.each([
    ['19990', 79_960],
    ['19,990.25', 79_961],
    ['19999.75', 79_999],
  ])('%s is %i ticks', (text, count) => {
    expect(readStop(text, long)).toEqual({ ticks: count, error: null });
  });

  it.each([
    ['', 'Write the price'],
    ['abc', 'not a price'],
    ['19990.1', 'between two ticks'],
    ['20000', 'below the price'],
    ['20010', 'below the price'],
    ['-5', 'not a price'],
  ])('%j is refused: %s', (text, words) => {
    const read = readStop(text, long);
    expect(read.ticks).toBeNull();
    expect(read.error).toContain(words);
  });

  it('stands above the price of a short position', () => {
    expect(readStop('20010', { ...long, direction: -1 }).ticks).toBe(80_040);
    expect(readStop('19990', { ...long, direction: -1 }).error).toContain('above the price');
  });

  it.each([
    ["110'16", 110.5],
    ["110'165", 110.515625],
    ['110-16', 110.5],
  ])('%s is read in 32nds', (text, price) => {
    const read = readStop(text, { instrument: zn, mark: Math.round(112 / zn.tickSize), direction: 1 });
    expect(read.ticks).toBe(price / zn.tickSize);
  });
});
