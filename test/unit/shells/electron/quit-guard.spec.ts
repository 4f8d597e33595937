import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { guardQuit, quitQuestion, type AtStake } from '#shells/electron/quit-guard.ts';

const FLAT: AtStake = { mode: 'simulation', orders: 0, positions: 0 };
const OPEN: AtStake = { mode: 'simulation', orders: 2, positions: 1 };

function desk(stake: AtStake | null, answer: number) {
  const app = new EventEmitter();
  const seen = { asked: [] as string[], closed: 0, ended: 0 };
  const quit = (): void => {
    const event = { isPrevented: false };
    app.emit('before-quit', { preventDefault: () => (event.isPrevented = true) });
    if (!event.isPrevented) seen.ended += 1;
  };
  const guard = guardQuit({
    app: Object.assign(app, { quit }) as never,
    dialog: {
      showMessageBox: (options: { readonly message: string; readonly detail?: string }) => {
        seen.asked.push(`${options.message} ${options.detail ?? ''}`);
        return Promise.resolve({ response: answer, checkboxChecked: false });
      },
    } as never,
    stake: () => Promise.resolve(stake),
    close: () => {
      seen.closed += 1;
      return Promise.resolve();
    },
    log: pino({ level: 'silent' }),
  });
  const turns = async (): Promise<void> => {
    for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { quit, guard, seen, turns };
}

describe('quitting', () => {
  it('closes the journal first and asks nothing of a desk that is flat, or that cannot say', async () => {
    for (const stake of [FLAT, null]) {
      const { quit, seen, turns } = desk(stake, 0);
      quit();
      expect(seen.ended).toBe(0);
      await turns();
      expect(seen).toEqual({ asked: [], closed: 1, ended: 1 });
    }
  });

  it('with something open asks, says what dies with this computer, and stays on a no, as often as it is tried', async () => {
    const { quit, seen, turns } = desk(OPEN, 0);
    quit();
    quit();
    await turns();
    expect(seen).toMatchObject({ closed: 0, ended: 0 });
    expect(seen.asked).toHaveLength(1);
    expect(seen.asked[0]).toMatch(/2 working orders and 1 open position.*STOPS AND TARGETS INCLUDED.*cancels nothing/);
    quit();
    await turns();
    expect(seen.asked).toHaveLength(2);
  });

  it('with something open ends on a yes, once', async () => {
    const { quit, seen, turns } = desk(OPEN, 1);
    quit();
    quit();
    await turns();
    quit();
    expect(seen).toMatchObject({ closed: 1, ended: 2 });
  });

  it('is not held up by a question when the system shuts down', async () => {
    const { quit, guard, seen, turns } = desk(OPEN, 0);
    guard.force();
    quit();
    await turns();
    expect(seen).toEqual({ asked: [], closed: 1, ended: 1 });
  });

  it('at a live broker tells what the broker keeps and what it does not', () => {
    expect(quitQuestion({ mode: 'live', orders: 1, positions: 0 })?.message).toContain('1 working order. Quit');
    expect(quitQuestion({ mode: 'live', orders: 1, positions: 0 })?.detail).toContain('stay with the broker');
    expect(quitQuestion(FLAT)).toBeNull();
  });
});
