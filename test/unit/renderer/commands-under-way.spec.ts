import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '#renderer/src/store/actions.ts';
import { TOLD_AFTER_MS, useUi } from '#renderer/src/store/ui.ts';

beforeEach(() => {
  vi.useFakeTimers();
  useUi.setState({ underWay: {}, busy: {}, failures: {}, toasts: [] });
});
afterEach(() => vi.useRealTimers());

const done = (): undefined => undefined;
/** A command that is answered when `answer` or `refuse` is called. */
function pending() {
  let [resolve, reject]: [(answer: string) => void, (cause: Error) => void] = [done, done];
  const promise = new Promise<string>((answer, refuse) => {
    [resolve, reject] = [answer, refuse];
  });
  return { promise, resolve, reject };
}

describe('a command under way', () => {
  it('is sent once, however often it is clicked, from the first click on', async () => {
    const { promise, resolve } = pending();
    const work = vi.fn(() => promise);
    const first = run('R1', work, done);
    expect(await run('R1', work, done)).toBe(false);
    vi.advanceTimersByTime(TOLD_AFTER_MS);
    expect(await run('R1', work, done)).toBe(false);
    expect(work).toHaveBeenCalledTimes(1);
    resolve('');
    expect(await first).toBe(true);
    await run('R1', work, done);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('is not shown as on its way where the answer comes at once', async () => {
    const { promise, resolve } = pending();
    const command = run('R1', () => promise, done);
    vi.advanceTimersByTime(TOLD_AFTER_MS - 1);
    expect(useUi.getState().busy).toEqual({});
    resolve('');
    await command;
    vi.advanceTimersByTime(TOLD_AFTER_MS);
    expect(useUi.getState().busy).toEqual({});
  });

  it('is shown until its answer, and a failure stays beside what it acted on', async () => {
    const { promise, reject } = pending();
    const command = run('R1', () => promise, done);
    vi.advanceTimersByTime(TOLD_AFTER_MS);
    expect(useUi.getState().busy).toEqual({ R1: true });
    reject(new Error('Refused.'));
    expect(await command).toBe(false);
    expect(useUi.getState()).toMatchObject({ busy: {}, underWay: {}, failures: { R1: 'Refused.' } });
    const again = pending();
    void run('R1', () => again.promise, done);
    expect(useUi.getState().failures).toEqual({});
    again.resolve('');
  });
});
