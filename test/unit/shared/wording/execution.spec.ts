import { describe, expect, test } from 'vitest';

import { differenceChoiceSchema, differenceSchema, killStateSchema } from '#shared/domain/risk.ts';
import type { Difference, KillState, Latch } from '#shared/domain/risk.ts';
import { epochMs } from '#shared/units.ts';
import { choiceName, choiceText, differenceText, killText, latchText, rearmText } from '#shared/wording/index.ts';

const plain = (text: string): string => text.replaceAll('\u202f', ' ');
const style = { tickSize: 0.25, priceFormat: 'decimal' } as const;

const latch: Latch = {
  code: 'day-loss',
  effect: 'entries',
  value: 0.0312,
  limit: 0.03,
  since: epochMs(0),
  sessionDay: '2026-06-03',
};

describe('a latched breaker', () => {
  test('says reading, limit and what it does', () => {
    expect(plain(latchText(latch))).toBe(
      'daily loss reached 3.12 %, the limit is 3 %: entries are stopped until it is armed again',
    );
    const losses: Latch = { ...latch, code: 'consecutive-losses', value: 5, limit: 5, effect: 'flatten' };
    expect(latchText(losses)).toBe(
      'losses in a row reached 5, the limit is 5: entries are stopped and positions are closed until it is armed again',
    );
  });

  test('says when it trips the next time, before it is armed again', () => {
    expect(plain(rearmText('day-loss', 0.0312, 0.03))).toBe(
      'Entries may leave again at half size. It still reads 3.12 %, over its limit of 3 %: it trips anew beyond 3.12 %, or on the next session day.',
    );
    expect(rearmText('consecutive-losses', 5, 5)).toContain('it trips anew with the next loss');
    expect(plain(rearmText('drawdown', 0.15, 0.2))).toBe(
      'Entries may leave again. It reads 15.00 % and trips at 20 %.',
    );
    expect(rearmText('drift', 3.4, 3)).toBe('Entries may leave again. Drift is counted from zero and trips at 3.00.');
  });
});

describe('the kill switch', () => {
  const kill: KillState = {
    step: 'cancelling',
    since: epochMs(0),
    openOrders: 3,
    openPositions: null,
    unknown: [],
    remaining: [],
    detail: '',
  };

  test('says what is open, and what is not known as not known', () => {
    expect(killText(kill)).toBe('Trading is halted; orders are being cancelled (3 open orders, positions unknown).');
    const incomplete: KillState = {
      ...kill,
      step: 'flatten-incomplete',
      openOrders: null,
      openPositions: 1,
      remaining: ['NQZ26-CME'],
      unknown: ['the orders of the broker'],
    };
    expect(killText(incomplete)).toBe(
      'Trading is halted; not every position is known to be closed (open orders unknown, 1 open position). ' +
        'Call the broker. Still open: NQZ26-CME. Not known: the orders of the broker.',
    );
    for (const step of killStateSchema.shape.step.options) expect(killText({ ...kill, step })).not.toBe('');
  });
});

const difference: Difference = {
  id: 'd1',
  kind: 'position',
  severity: 'lock',
  symbol: 'NQZ26-CME',
  account: 'SIM1',
  brokerQuantity: 3,
  journalQuantity: 2,
  brokerPrice: 93_945,
  clientOrderId: null,
  venueOrderId: null,
  foundAt: epochMs(0),
  choices: ['adopt', 'balance', 'ignore'],
};

describe('a difference between broker and journal', () => {
  test('says both sides', () => {
    expect(differenceText(difference)).toBe('NQZ26-CME: the broker holds +3, the journal +2.');
    expect(differenceText({ ...difference, brokerQuantity: 0, journalQuantity: null })).toBe(
      'NQZ26-CME: the broker holds none, the journal not known.',
    );
    expect(differenceText({ ...difference, kind: 'external-order', venueOrderId: 'V9' })).toBe(
      'NQZ26-CME: order V9 at the broker was not sent by this desk.',
    );
  });

  test('says in numbers what each choice does', () => {
    expect(choiceText(difference, 'adopt', style)).toBe(
      'The journal books +1 at 23,486.25 and then holds +3, as the broker does. No order is sent.',
    );
    expect(choiceText(difference, 'balance', style)).toBe(
      'An order at the market sells 1 contract: the broker then holds +2, as the journal does.',
    );
    expect(choiceText(difference, 'ignore', style)).toBe(
      'Nothing is booked and nothing is sent: the broker holds +3, the journal +2.',
    );
    expect(choiceText({ ...difference, brokerPrice: 93_945.5 }, 'adopt', style)).toContain('at 23,486.3750 on average');
    expect(choiceText({ ...difference, brokerQuantity: -2, brokerPrice: null }, 'adopt')).toBe(
      'The journal books −4 at a price the broker does not state and then holds −2, as the broker does. No order is sent.',
    );
    expect(choiceText({ ...difference, kind: 'missing-stop' }, 'balance')).toBe(
      'A stop that sells 3 contracts is sent at the planned price.',
    );
    expect(choiceText({ ...difference, brokerQuantity: null }, 'balance')).toBe(
      'What it would do cannot be said: not all of the numbers are known.',
    );
  });

  test('has a sentence and a button for every kind and choice', () => {
    for (const kind of differenceSchema.shape.kind.options) {
      const one = { ...difference, kind };
      expect(differenceText(one)).toMatch(/^NQZ26-CME: .+\.$/);
      for (const choice of differenceChoiceSchema.options) {
        expect(choiceName(one, choice)).not.toBe('');
        expect(choiceText(one, choice)).toMatch(/\.$/);
      }
    }
  });
});
