/** Calls `run` before the next frame is drawn; what it returns takes that back. */
export type FrameSource = (run: () => void) => () => void;

let waiting = new Set<() => void>();
let asked = 0;
let isRunning = false;

function runWaiting(): void {
  const now = waiting;
  waiting = new Set();
  isRunning = true;
  try {
    for (const run of now) {
      now.delete(run);
      run();
    }
  } finally {
    isRunning = false;
    // What a fault kept from its turn has it in the frame after.
    for (const run of now) wait(run);
  }
}

function wait(run: () => void): void {
  if (waiting.size === 0) asked = requestAnimationFrame(runWaiting);
  waiting.add(run);
}

/**
 * The next frame of the browser. All that waits for it is run in one go: the window is worked out after a callback of the
 * browser, and so once for prices and decisions together.
 */
export const nextFrame: FrameSource = (run) => {
  let isGivenUp = false;
  const turn = (): void => {
    if (!isGivenUp) run();
  };
  wait(turn);
  return () => {
    isGivenUp = true;
    if (waiting.delete(turn) && waiting.size === 0) cancelAnimationFrame(asked);
  };
};

/** True while what waited for a frame is run. */
export const isInFrame = (): boolean => isRunning;
