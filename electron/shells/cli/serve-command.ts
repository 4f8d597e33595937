import { DeskError } from '#shared/contract/errors.ts';
import { openForShell, serveOverHttp } from '#shells/host.ts';
import type { HostOptions } from '#shells/host.ts';
import { EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';
import { ensurePage } from './page-build.ts';
import { ROOT } from './root.ts';

/** Registered for nothing, and below the ports that systems hand out by themselves. */
const USUAL_PORT = 27_183;

/** Runs the desk without a window until Ctrl-C. The first line of output is its address. */
export async function serveCommand(options: HostOptions, output: Output): Promise<ExitCode> {
  const page = ensurePage(ROOT, output);
  const { desk, door } = await openForShell(options);
  try {
    await page;
    const shell = await listen(() => serveOverHttp(door, { port: options.port, root: ROOT }), options.port);
    output.out(shell.url);
    if (desk.damage() !== null) output.err(`The journal must be restored first: ${desk.damage() ?? ''}`);
    await interrupted();
    output.err('Closing the journal …');
    await shell.close();
  } finally {
    await desk.close();
  }
  return EXIT.done;
}

/** Says in the desk's own words that a port is taken. */
export async function listen<T>(start: () => Promise<T>, port: number): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new DeskError({
      code: 'refused',
      message: 'this port is taken',
      field: '--port',
      value: String(port),
      remedy: 'choose another one, or 0 for a free one',
    });
  }
}

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

/**
 * Serves a window at the same port at every start: what the page keeps (theme, layout, keys) belongs to its address. A
 * port that was asked for is taken at its word; a usual one that somebody else has gives way to a free one.
 * @param port 0 when none was asked for
 */
export async function listenForWindow<T>(
  serve: (port: number) => Promise<T>,
  { port, usual = USUAL_PORT }: { readonly port: number; readonly usual?: number },
): Promise<T> {
  if (port !== 0) return listen(() => serve(port), port);
  try {
    return await serve(usual);
  } catch (error) {
    if (!isTaken(error)) throw error;
    return serve(0);
  }
}

/** Resolves at the first Ctrl-C or termination request. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
