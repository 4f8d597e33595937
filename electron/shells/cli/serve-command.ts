import { DeskError } from '#shared/contract/errors.ts';
import { openForShell, serveOverHttp } from '#shells/host.ts';
import type { HostOptions } from '#shells/host.ts';
import { EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';
import { ensurePage } from './page-build.ts';
import { ROOT } from './root.ts';

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
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new DeskError({
      code: 'refused',
      message: 'this port is taken',
      field: '--port',
      value: String(port),
      remedy: 'choose another one, or 0 for a free one',
    });
  }
}

/** Resolves at the first Ctrl-C or termination request. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
