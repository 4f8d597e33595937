import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { epochMs } from '#shared/units.ts';

describe('virtual clock', () => {
  it('runs what falls due in order of time, then of setting, and stands at the time asked for', () => {
    const clock = createClock(epochMs(1_000));
    const ran: string[] = [];
    clock.after(500, () => ran.push(`b${clock.now()}`));
    clock.after(200, () => ran.push(`a${clock.now()}`));
    clock.after(500, () => ran.push(`c${clock.now()}`));
    clock.advanceTo(epochMs(2_000));
    expect(ran).toEqual(['a1200', 'b1500', 'c1500']);
    expect(clock.now()).toBe(2_000);
  });

  it('repeats periodic tasks and stops them', () => {
    const clock = createClock(epochMs(0));
    let count = 0;
    const stop = clock.every(100, () => (count += 1));
    clock.advanceTo(epochMs(350));
    expect(count).toBe(3);
    stop();
    clock.advanceTo(epochMs(1_000));
    expect(count).toBe(3);
  });

  it('runs a task set by a task in the same advance, and never goes back', () => {
    const clock = createClock(epochMs(0));
    let at = 0;
    clock.after(10, () => clock.after(10, () => (at = clock.now())));
    clock.advanceTo(epochMs(100));
    expect(at).toBe(20);
    clock.advanceTo(epochMs(50));
    expect(clock.now()).toBe(100);
  });

  it('hands its timers over to the machine’s clock', async () => {
    const clock = createClock(epochMs(Date.now()));
    const done = new Promise<void>((resolve) => clock.after(5, resolve));
    clock.goLive();
    await done;
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(60_000);
    clock.stop();
  });
});

describe('a count that only grows', () => {
  afterEach(() => void vi.useRealTimers());

  it('goes with virtual time, and on from there with the machine, whatever its clock is set to', () => {
    const at = Date.UTC(2026, 0, 15, 14);
    vi.useFakeTimers({ now: at + 500 });
    const clock = createClock(epochMs(at));
    const began = clock.monotonic();
    clock.advanceTo(epochMs(at + 500));
    expect(clock.monotonic() - began).toBe(500);
    clock.goLive();
    vi.advanceTimersByTime(1_000);
    vi.setSystemTime(at - 3_600_000);
    vi.advanceTimersByTime(1_000);
    expect(clock.monotonic() - began).toBe(2_500);
    vi.setSystemTime(at + 3_600_000);
    expect(clock.monotonic() - began).toBe(2_500);
    clock.stop();
  });
});

describe('identifiers', () => {
  it('are sortable, unique and repeatable with a seeded source', () => {
    const make = (): string[] => {
      let state = 1;
      const random = (): number => ((state = (state * 16_807) % 2_147_483_647) - 1) / 2_147_483_646;
      const ids = createIds(createClock(epochMs(1_700_000_000_000)), random);
      return Array.from({ length: 50 }, () => ids.next());
    };
    const first = make();
    expect(make()).toEqual(first);
    expect(new Set(first).size).toBe(50);
    expect([...first].sort()).toEqual(first);
    expect(first.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))).toBe(true);
  });
});
