import { describe, expect, it } from 'vitest';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import { epochMs } from '#shared/units.ts';

function log() {
  let now = 1_000;
  const made = createConnectionLog({ id: 'x', kind: 'broker', name: 'X' }, () => now);
  const pass = (ms: number): void => void (now += ms);
  return { ...made, pass, uptime: () => made.current().uptime };
}

describe('the uptime of a connection', () => {
  it('is unknown before it was tried, and nothing while it has never been up', () => {
    const { set, pass, uptime } = log();
    pass(500);
    expect(uptime()).toBeNull();
    set('connecting', null);
    pass(3_000);
    expect(uptime()).toBe(0);
    set('disconnected', 'refused');
    pass(1_000);
    expect(uptime()).toBe(0);
  });

  it('counts from the beginning of the first attempt, and only while it is live', () => {
    const { set, pass, uptime, heard } = log();
    set('connecting', null);
    pass(1_000);
    set('syncing', null);
    pass(1_000);
    set('live', null);
    heard(epochMs(0), 12);
    pass(6_000);
    set('live', 'with a word');
    expect(uptime()).toBe(6 / 8);
    set('degraded', 'slow');
    pass(2_000);
    expect(uptime()).toBe(6 / 10);
    set('live', null);
    pass(10_000);
    expect(uptime()).toBe(16 / 20);
  });
});
