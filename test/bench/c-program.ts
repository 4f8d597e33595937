import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilerVersion } from './machine.ts';

/** Compiles a program of the benches' folder; null where there is no compiler. */
export function compiled(folder: string, source: string, ...flags: readonly string[]): string | null {
  if (compilerVersion() === null) return null;
  const program = join(folder, source.replace(/\.c$/, ''));
  execFileSync('cc', [
    '-O3',
    '-march=native',
    ...flags,
    '-o',
    program,
    join(import.meta.dirname, 'benches', source),
    '-lm',
  ]);
  return program;
}

/** The numbers a program prints on its one line. */
export const numbersFrom = (program: string, args: readonly string[]): readonly number[] =>
  execFileSync(program, args, { encoding: 'utf8' }).trim().split(' ').map(Number);

/** Whether the processor says that it has an extension, by the name Linux gives it. */
export function hasExtension(name: string): boolean {
  try {
    return new RegExp(`^flags.*\\b${name}\\b`, 'm').test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    // Not Linux: what needs the extension is left out of the run and said so.
    return false;
  }
}
