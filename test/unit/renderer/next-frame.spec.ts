import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inTurn, isInFrame, nextFrame, takeNextTurn } from '#renderer/src/api/next-frame.ts';

describe('next frame', () => {
  let asked: (() => void)[] = [];
  /** Draws one frame. */
  const draw = (): void => {
    const now = asked;
    asked = [];
    for (const run of now) run();
  };
  beforeEach(() => {
    vi.stubGlobal('requestAnimationFrame', (run: () => void) => asked.push(run));
    vi.stubGlobal('cancelAnimationFrame', () => void asked.splice(0));
  });
  afterEach(() => vi.unstubAllGlobals());

  it('runs all that waits in one callback of the browser, in order, and what comes meanwhile in the one after', () => {
    const ran: string[] = [];
    nextFrame(() => {
      ran.push(`first ${isInFrame()}`);
      nextFrame(() => ran.push('later'));
    });
    nextFrame(() => ran.push('second'));
    expect(asked).toHaveLength(1);
    draw();
    expect(ran).toEqual(['first true', 'second']);
    expect(isInFrame()).toBe(false);
    draw();
    expect(ran).toEqual(['first true', 'second', 'later']);
    expect(asked).toHaveLength(0);
  });

  it('runs nothing that was given up, in the same frame neither, and asks for no frame for nothing', () => {
    const ran: string[] = [];
    const giveUp = nextFrame(() => ran.push('never'));
    giveUp();
    expect(asked).toHaveLength(0);
    nextFrame(() => giveUpSecond());
    const giveUpSecond = nextFrame(() => ran.push('never'));
    nextFrame(() => ran.push('third'));
    draw();
    expect(ran).toEqual(['third']);
    giveUp();
    giveUpSecond();
    nextFrame(() => ran.push('fourth'));
    giveUp();
    draw();
    expect(ran).toEqual(['third', 'fourth']);
  });

  it('loses nothing by a fault: what had no turn has it in the frame after', () => {
    const ran: string[] = [];
    nextFrame(() => {
      throw new Error('a fault');
    });
    const giveUp = nextFrame(() => ran.push('given up since'));
    nextFrame(() => ran.push('whole'));
    expect(draw).toThrow('a fault');
    expect(isInFrame()).toBe(false);
    expect(ran).toEqual([]);
    giveUp();
    draw();
    expect(ran).toEqual(['whole']);
  });

  it('gives one a turn in a frame, in the order they came, and what takes none its frame', () => {
    const ran: string[] = [];
    const waitForTurn = inTurn(nextFrame);
    for (const name of ['first', 'second', 'given up', 'third']) {
      const giveUp = waitForTurn(() => ran.push(name));
      if (name === 'given up') nextFrame(giveUp);
    }
    nextFrame(() => ran.push('answer'));
    draw();
    expect(ran).toEqual(['first', 'answer']);
    draw();
    expect(ran).toEqual(['first', 'answer', 'second']);
    draw();
    expect(ran).toEqual(['first', 'answer', 'second', 'third']);
    draw();
    waitForTurn(() => ran.push('after a calm'));
    draw();
    expect(ran.at(-1)).toBe('after a calm');
    expect(asked).toHaveLength(0);
  });

  it('gives no turn in a frame that was taken, and in any after it', () => {
    const ran: string[] = [];
    takeNextTurn();
    inTurn(nextFrame)(() => ran.push('waited'));
    draw();
    expect(ran).toEqual([]);
    draw();
    expect(ran).toEqual(['waited']);
    takeNextTurn();
    takeNextTurn();
    expect(asked).toHaveLength(1);
    draw();
    inTurn(nextFrame)(() => ran.push('at once'));
    draw();
    expect(ran).toEqual(['waited', 'at once']);
  });
});
