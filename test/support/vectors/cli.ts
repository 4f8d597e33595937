import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { vectorRegistry } from './registry.ts';
import { parseVectorFile, runVectorFile } from './run.ts';
import type { VectorFailure } from './run.ts';

const EXIT_FAILED = 1;
const EXIT_UNUSABLE = 2;

const show = (value: unknown): string =>
  value === undefined
    ? 'nothing'
    : JSON.stringify(value, (_key, item: unknown) =>
        typeof item === 'number' && !Number.isFinite(item) ? String(item) : item,
      );

const lineOf = (failure: VectorFailure): string => {
  const where = failure.path === '' ? failure.fn : `${failure.fn} ${failure.path}`;
  const figures = `got ${show(failure.got)}, expected ${show(failure.expected)} (${failure.tolerance})`;
  return `FAIL ${failure.id} ${where}: ${failure.message}: ${figures}`;
};

/** Reads from the working folder, else from the folder npm was called in. Throws when neither has a JSON file. */
function readJson(path: string): unknown {
  const folders = [process.cwd(), process.env['INIT_CWD'] ?? process.cwd()];
  const texts = folders.flatMap((folder) => {
    try {
      return [readFileSync(resolve(folder, path), 'utf8')];
    } catch {
      return [];
    }
  });
  return JSON.parse(texts[0] ?? readFileSync(path, 'utf8'));
}

function unusable(message: string): number {
  process.stderr.write(`${message}\n`);
  return EXIT_UNUSABLE;
}

function main(args: readonly string[]): number {
  const path = args[0];
  if (path === undefined || args.length > 1) return unusable('usage: vectors <file.json>');
  let file: unknown;
  try {
    file = readJson(path);
  } catch (error) {
    return unusable(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = parseVectorFile(file);
  if (!parsed.ok) return unusable(`${path} is not a vector file:\n${parsed.error.detail}`);
  const report = runVectorFile(file, vectorRegistry);
  for (const failure of report.failures) process.stdout.write(`${lineOf(failure)}\n`);
  process.stdout.write(`${String(report.passed)} passed, ${String(report.failed)} failed\n`);
  return report.failed === 0 ? 0 : EXIT_FAILED;
}

process.exitCode = main(process.argv.slice(2));
