/** Calls `run` before the next frame is drawn; what it returns takes that back. */
export type FrameSource = (run: () => void) => () => void;

let waiting = new Set<() => void>();
let asked = 0;
let isRunning = false;
/** Number of the frame that is run, or of the last one that was. */
let frame = 0;
/** Number of the last frame that has had its turn. */
let taken = 0;

function runWaiting(): void {
  const now = waiting;
  waiting = new Set();
  frame += 1;
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

/** Takes the turn of the frame that is run; false where something else has it. */
function takeTurn(): boolean {
  if (taken >= frame) return false;
  taken = frame;
  return true;
}

const passTurn = (): void => undefined;

/** Takes the turn of the next frame: it has enough to draw. */
export function takeNextTurn(): void {
  taken = frame + 1;
  // That frame is counted, whether anything waits for it or not.
  wait(passTurn);
}

/**
 * From when a frame comes of a source, the first whose turn it is. Of what is dear to lay out and no answer, one has its
 * turn in a frame: a frame with two of them comes late with both, and with the answers that are in it.
 */
export const inTurn =
  (frames: FrameSource): FrameSource =>
  (run) => {
    const turn = (): void => {
      if (takeTurn()) run();
      else giveUp = nextFrame(turn);
    };
    let giveUp = frames(turn);
    return () => giveUp();
  };

/** True while what waited for a frame is run. */
export const isInFrame = (): boolean => isRunning;
