import { describe, expect, it } from 'vitest';
import { isWaiting } from '#shared/domain/recommendation.ts';
import { moneyFromUsd } from '#shared/units.ts';
import { createEventStream } from '#desk/serve.ts';
import { followForTray, trayLine, trayMenu, type TrayStatus } from '#shells/electron/tray.ts';
import { createTestDesk } from '#test/support/test-desk.ts';

const ACTIVE: TrayStatus = {
  mode: 'simulation',
  tradingState: 'active',
  reason: null,
  positions: 2,
  openPnl: moneyFromUsd(-120.5),
  waiting: new Set(),
};
const actions = (done: string[]) => ({
  open: () => void done.push('open'),
  halt: () => void done.push('halt'),
  quit: () => void done.push('quit'),
});

describe('the tray', () => {
  it('says mode, state and what is open in one line', () => {
    expect(trayLine(ACTIVE)).toBe('SIMULATION · trading · 2 open, −$120.50');
    expect(trayLine({ ...ACTIVE, tradingState: 'halted', positions: 0 })).toBe('SIMULATION · ■ HALTED · flat');
    const waiting = new Set(['A', 'B']);
    expect(trayLine({ ...ACTIVE, waiting })).toBe('SIMULATION · trading · 2 open, −$120.50 · 2 to decide');
    expect(trayLine({ ...ACTIVE, mode: null, tradingState: null })).toBe('Kelly Desk is opening');
  });

  it('opens the window, halts in one step, and quits', () => {
    const done: string[] = [];
    for (const item of trayMenu(ACTIVE, actions(done))) (item.click as (() => void) | undefined)?.();
    expect(done).toEqual(['open', 'halt', 'quit']);
  });

  it('tells why trading is halted, and does not offer to halt it again', () => {
    const items = trayMenu({ ...ACTIVE, tradingState: 'halted', reason: 'the disk is full' }, actions([]));
    expect(items.map(({ label }) => label)).toContain('the disk is full');
    expect(items.find(({ label }) => label === 'Trading is halted')?.enabled).toBe(false);
  });

  it('follows the desk, and changes only when its line does', async () => {
    const stream = createEventStream();
    const lines: string[] = [];
    const stop = followForTray(
      { stream },
      () => Promise.resolve(null),
      (status) => lines.push(trayLine(status)),
    );
    await Promise.resolve();
    stream.publish('positions.changed', []);
    stream.publish('positions.changed', []);
    stop();
    expect(lines).toEqual(['Kelly Desk is opening']);
  });

  it('counts what waits for the trader, from the first answer and with every change', async () => {
    const stream = createEventStream();
    const desk = createTestDesk();
    const snapshot = await desk.handlers['desk.snapshot']({});
    desk.close();
    const open = snapshot.recommendations.filter(isWaiting);
    const [first] = open;
    if (first === undefined) throw new Error('the test desk proposes nothing');
    const counts: number[] = [];
    const stop = followForTray(
      { stream },
      () => Promise.resolve(snapshot),
      ({ waiting }) => counts.push(waiting.size),
    );
    await expect.poll(() => counts.at(-1)).toBe(open.length);
    stream.publish('recommendation.changed', { ...first, state: 'expired' });
    stream.publish('recommendation.changed', { ...first, state: 'expired' });
    stream.publish('recommendation.changed', { ...first, id: 'another' });
    stream.publish('recommendation.changed', { ...first, id: 'another' });
    stop();
    expect(counts).toEqual([0, open.length, open.length - 1, open.length]);
  });
});
