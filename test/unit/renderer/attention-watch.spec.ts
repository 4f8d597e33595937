import { describe, expect, it } from 'vitest';
import type { Activity, Connection } from '#shared/domain/status.ts';
import { epochMs } from '#shared/units.ts';
import { look, waitingCount, type DeskNow, type Seen } from '#renderer/src/features/attention/attention-watch.ts';
import { isOpen } from '#renderer/src/store/queue.ts';
import { recommendationsAt } from '#test/support/desk-fixtures/recommendations.ts';

const AT = epochMs(1_756_000_000_000);
const all = recommendationsAt(AT);
const first = all.find(isOpen)!;
const keyed = (list: typeof all): DeskNow['bySymbol'] => Object.fromEntries(list.map((one) => [one.symbol, one]));
const line = (seq: number, kind: Activity['kind'], text: string, symbol: string | null = null): Activity => ({
  ...{ seq, kind, text, symbol, pnl: null, at: AT },
});
const broker = (state: Connection['state'], detail: string | null = null): DeskNow['connections'] => ({
  broker: {
    ...{ id: 'broker', kind: 'broker', name: 'Paper broker', state, lastAt: AT, latencyMs: 1, uptime: 1, detail },
  },
});
const QUIET: DeskNow = {
  ...{ isReady: true, bySymbol: {}, activity: [line(1, 'started', 'Desk 0.1.0')], connections: broker('live') },
  ...{ lostForMs: null, now: AT },
};
const seenAs = (desk: DeskNow): Seen => look(null, desk).seen;
const since = (before: DeskNow, after: Partial<DeskNow>) => look(seenAs(before), { ...before, ...after }).happened;

describe('the watch over the desk', () => {
  it('tells nothing of what stands there at the first look, or before the desk is ready', () => {
    const full = { ...QUIET, bySymbol: keyed(all), activity: [line(9, 'filled', '+2 at 100')] };
    expect(look(null, full).happened).toEqual([]);
    expect(since({ ...QUIET, isReady: false }, { ...full, isReady: true })).toEqual([]);
  });

  it('tells each new recommendation that can be approved, once', () => {
    const seen = seenAs(QUIET);
    const desk = { ...QUIET, bySymbol: keyed(all) };
    const { happened, seen: next } = look(seen, desk);
    expect(happened.map(({ kind }) => kind)).toEqual(all.filter(isOpen).map(() => 'recommendation'));
    expect(happened[0]).toMatchObject({ title: 'Buy 5 NQZ26', symbol: first.symbol });
    expect(look(next, desk).happened).toEqual([]);
    expect(waitingCount(desk.bySymbol)).toBe(happened.length);
  });

  it('tells that one expires soon once, and not when it is over or decided', () => {
    const desk = { ...QUIET, bySymbol: keyed([first]) };
    const late = { ...desk, now: first.expiresAt - 14_500 };
    const { happened, seen } = look(seenAs(desk), late);
    expect(happened).toMatchObject([{ kind: 'expiry', text: 'Buy 5 NQZ26 in 15 s, not decided' }]);
    expect(look(seen, { ...late, now: late.now + 1_000 }).happened).toEqual([]);
    expect(since(desk, { now: first.expiresAt })).toEqual([]);
    const decided = keyed([{ ...first, state: 'rejected' }]);
    expect(since(desk, { bySymbol: decided, now: late.now })).toEqual([]);
  });

  it('tells fills and breakers in the order they came, and no line twice', () => {
    const activity = [
      line(4, 'halted', 'Day loss 3.04 %'),
      line(3, 'sent', 'entry'),
      line(2, 'filled', '+2 at 100', 'NQZ26-CME'),
    ];
    const happened = since(QUIET, { activity: [...activity, ...QUIET.activity] });
    expect(happened).toEqual([
      { kind: 'fill', title: 'Filled NQZ26', text: '+2 at 100', symbol: 'NQZ26-CME' },
      { kind: 'breaker', title: '■ Halted', text: 'Day loss 3.04 %', symbol: null },
    ]);
    expect(since({ ...QUIET, activity }, {})).toEqual([]);
  });

  it('does not take the lines of a desk that was started again for news', () => {
    const before = { ...QUIET, activity: [line(900, 'sent', 'entry')] };
    expect(since(before, { activity: [line(3, 'filled', '+1 at 1'), line(2, 'started', 'Desk')] })).toEqual([]);
  });

  it('tells a connection that was up and is down, and not one that never came up', () => {
    expect(since(QUIET, { connections: broker('disconnected', 'refused') })).toMatchObject([
      { kind: 'disconnect', title: '✕ Paper broker is down', text: 'refused' },
    ]);
    expect(since({ ...QUIET, connections: broker('connecting') }, { connections: broker('disconnected') })).toEqual([]);
    expect(since({ ...QUIET, connections: broker('disconnected') }, { connections: broker('disconnected') })).toEqual(
      [],
    );
  });

  it('tells that the desk does not answer after three seconds, once for each loss', () => {
    const lost = (before: Seen, lostForMs: number | null) => look(before, { ...QUIET, lostForMs });
    const blip = lost(seenAs(QUIET), 1_200);
    expect(blip.happened).toEqual([]);
    const gone = lost(blip.seen, 3_100);
    expect(gone.happened).toMatchObject([{ kind: 'disconnect', title: '✕ The desk does not answer' }]);
    const still = lost(gone.seen, 9_000);
    expect(still.happened).toEqual([]);
    const back = lost(still.seen, null);
    expect(lost(back.seen, 4_000).happened).toHaveLength(1);
  });

  it('does not call to a decision that cannot be made while the desk is lost', () => {
    const desk = { ...QUIET, bySymbol: keyed([first]) };
    expect(since(desk, { now: first.expiresAt - 5_000, lostForMs: 1_000 })).toEqual([]);
  });
});
