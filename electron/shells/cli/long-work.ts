import { SingleBar } from 'cli-progress';
import { EXIT, type ExitCode, type Output } from './output.ts';

type Progress = {
  readonly update: (progress: { readonly share: number; readonly phase: string }) => void;
  readonly stop: () => void;
};

/** A bar on a terminal; elsewhere one plain line for every tenth of the way. */
function startProgress(name: string, output: Output): Progress {
  if (!output.isTerminal) {
    let tenths = 0;
    return {
      update: ({ share, phase }) => {
        const now = Math.floor(share * 10);
        if (now <= tenths) return;
        tenths = now;
        output.err(`${name} ${tenths * 10} %: ${phase}`);
      },
      stop: () => undefined,
    };
  }
  const bar = new SingleBar({ format: `${name} {bar} {percentage} %, {eta} s left, {phase}`, stream: process.stderr });
  let isStarted = false;
  return {
    update: ({ share, phase }) => {
      if (!isStarted) bar.start(1000, 0, { phase });
      isStarted = true;
      bar.update(Math.floor(share * 1000), { phase });
    },
    stop: () => {
      if (isStarted) bar.stop();
      isStarted = false;
    },
  };
}

/** What a long computation is given: when to stop, and whom to tell how far it is. */
export type Running = { readonly signal: AbortSignal; readonly onProgress: Progress['update'] };

/**
 * Runs a long computation with its progress on the error stream. Ctrl-C ends it and writes nothing.
 * @param name what its progress is called
 * @param work returns how its result is printed, once the progress is out of the way
 */
export async function untilStopped(
  name: string,
  output: Output,
  work: (running: Running) => Promise<() => void>,
): Promise<ExitCode> {
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort(new Error('interrupted'));
  process.once('SIGINT', onInterrupt);
  const progress = startProgress(name, output);
  try {
    const print = await work({ signal: stop.signal, onProgress: progress.update });
    progress.stop();
    print();
    return EXIT.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    progress.stop();
    output.err('Stopped: nothing was written.');
    return EXIT.failed;
  } finally {
    progress.stop();
    process.off('SIGINT', onInterrupt);
  }
}
