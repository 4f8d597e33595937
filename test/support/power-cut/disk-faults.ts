import { openSync } from 'node:fs';

/** Which calls of the disk fail: the `nth` of its kind from now on, and those after it, `times` in all. */
export type Fault = { readonly call: string; readonly nth: number; readonly errno: string; readonly times: string };

/** Sets a fault of the recorder this process runs under, or ends it with null; says whether one was delivered since. */
export function inject(fault: Fault | null): boolean {
  const { call, nth, errno, times } = fault ?? { call: 'sync', nth: 0, errno: '5', times: '1' };
  try {
    openSync(`/.inject/${call}/${nth}/${errno}/${times}`, 'r');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST';
  }
  throw new Error('the recorder is not loaded');
}

/** Name and code of what a write threw; null when it threw nothing. */
export function failureOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    const { name, code } = error as { readonly name?: string; readonly code?: string };
    return `${name ?? '?'} ${code ?? String(error)}`;
  }
}
