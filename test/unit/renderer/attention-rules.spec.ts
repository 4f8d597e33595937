import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isQuiet,
  minuteOf,
  mostPressing,
  oneNotice,
  waysOf,
  type Occurrence,
} from '#renderer/src/features/attention/attention-rules.ts';
import {
  ATTENTION_DEFAULT,
  ATTENTION_KINDS,
  attentionOf,
  type AttentionChoice,
  type AttentionKind,
} from '#renderer/src/store/attention.ts';

const at = (text: string): number => {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
};
const quiet = (from: string, until: string): AttentionChoice['quiet'] => ({
  ...{ isOn: true, from: at(from), until: at(until), exempt: ['breaker', 'disconnect'] },
});
const occurrence = (kind: AttentionKind, title: string = kind, text = ''): Occurrence => ({
  ...{ kind, title, text, symbol: null },
});
const ON: AttentionChoice = { ...ATTENTION_DEFAULT, hasNotifications: true, hasSounds: true };
const AWAY = { minute: at('12:00'), isInFront: false };

describe('quiet hours', () => {
  it.each([
    ['22:00', '07:00', '21:59', false],
    ['22:00', '07:00', '22:00', true],
    ['22:00', '07:00', '00:00', true],
    ['22:00', '07:00', '06:59', true],
    ['22:00', '07:00', '07:00', false],
    ['12:00', '13:30', '12:00', true],
    ['12:00', '13:30', '13:30', false],
    ['12:00', '13:30', '00:30', false],
    ['09:00', '09:00', '08:59', true],
  ])('from %s until %s hold at %s: %s', (from, until, minute, expected) => {
    expect(isQuiet(quiet(from, until), at(minute))).toBe(expected);
  });

  it('hold never when they are off', () => {
    fc.assert(
      fc.property(fc.nat(1439), fc.nat(1439), fc.nat(1439), (from, until, minute) => {
        expect(isQuiet({ isOn: false, from, until, exempt: [] }, minute)).toBe(false);
      }),
    );
  });

  it('and their complement share every minute of the day between them', () => {
    fc.assert(
      fc.property(fc.nat(1439), fc.nat(1439), fc.nat(1439), (from, until, minute) => {
        fc.pre(from !== until);
        const hours = { isOn: true, exempt: [] };
        expect(isQuiet({ ...hours, from, until }, minute)).toBe(
          !isQuiet({ ...hours, from: until, until: from }, minute),
        );
      }),
    );
  });

  it('go by the clock of this machine', () => {
    expect(minuteOf(new Date(2026, 2, 29, 2, 5))).toBe(new Date(2026, 2, 29, 2, 5).getHours() * 60 + 5);
    expect(minuteOf(new Date(2026, 8, 15, 23, 59, 59))).toBe(1439);
  });
});

describe('what is told', () => {
  it('is nothing until the trader wants it', () => {
    for (const kind of ATTENTION_KINDS) {
      expect(waysOf(ATTENTION_DEFAULT, kind, AWAY)).toEqual({ notify: false, sound: false });
    }
  });

  it('is each kind by its own switches', () => {
    const choice = { ...ON, notify: { ...ON.notify, fill: false }, sound: { ...ON.sound, breaker: false } };
    expect(waysOf(choice, 'fill', AWAY)).toEqual({ notify: false, sound: true });
    expect(waysOf(choice, 'breaker', AWAY)).toEqual({ notify: true, sound: false });
  });

  it('is no notification over the window in use, unless asked for', () => {
    const inUse = { ...AWAY, isInFront: true };
    expect(waysOf(ON, 'expiry', inUse)).toEqual({ notify: false, sound: true });
    expect(waysOf({ ...ON, isAlsoInFront: true }, 'expiry', inUse).notify).toBe(true);
  });

  it('in quiet hours is only what is exempt from them', () => {
    const choice = { ...ON, quiet: quiet('22:00', '07:00') };
    const night = { minute: at('03:00'), isInFront: false };
    const told = ATTENTION_KINDS.filter((kind) => waysOf(choice, kind, night).notify);
    expect(told).toEqual(['breaker', 'disconnect']);
    expect(ATTENTION_KINDS.every((kind) => waysOf(choice, kind, AWAY).sound)).toBe(true);
  });
});

describe('one notification', () => {
  it('says a single thing in its own words', () => {
    const fill = occurrence('fill', 'Filled NQU25', '+2 at 23,486.25');
    expect(oneNotice([fill])).toEqual(fill);
    expect(oneNotice([])).toBeNull();
    expect(mostPressing([])).toBeNull();
  });

  it('holds all that happened at once, the most pressing first', () => {
    const happened = [
      occurrence('recommendation', 'Buy 3 NQU25', 'bound by Kelly'),
      occurrence('recommendation', 'Sell 2 CLV25'),
      occurrence('breaker', '■ Halted', 'Day loss'),
    ];
    expect(oneNotice(happened)).toEqual({
      ...{ kind: 'breaker', title: '1 breaker, 2 new recommendations', symbol: null },
      text: '■ Halted: Day loss\nBuy 3 NQU25: bound by Kelly\nSell 2 CLV25',
    });
    expect(mostPressing(happened)).toBe('breaker');
  });

  it('counts what it has no room for, and never hides a single line', () => {
    const fills = Array.from({ length: 9 }, (_, i) => occurrence('fill', `fill ${i}`));
    expect(oneNotice(fills)?.text.split('\n')).toEqual(['fill 0', 'fill 1', 'fill 2', 'fill 3', 'and 5 more']);
    expect(oneNotice(fills.slice(0, 5))?.text.split('\n')).toHaveLength(5);
  });
});

describe('the choice remembered', () => {
  it('is read back as it was written', () => {
    expect(attentionOf(JSON.stringify(ON))).toEqual(ON);
  });

  it.each([null, '', '{', '[]', '{"hasSounds":true}', JSON.stringify({ ...ON, volume: 'deafening' })])(
    'is as it came when the memory holds %s',
    (text) => {
      expect(attentionOf(text)).toEqual(ATTENTION_DEFAULT);
    },
  );
});
