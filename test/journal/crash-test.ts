import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crashRounds } from '#test/support/crash-rounds.ts';

/** Kills a writing process again and again: `npx node test/journal/crash-test.ts --rounds 1000`. */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '100' } } });
const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-crash-'));
const started = performance.now();
const totals = await crashRounds(join(folder, 'journal.db'), Number(values.rounds), () => Math.random() * 120);
rmSync(folder, { recursive: true, force: true });
const seconds = Math.round((performance.now() - started) / 1000);
process.stdout.write(`${JSON.stringify({ ...totals, seconds }, null, 2)}\n`);
process.exitCode = totals.lost === 0 && totals.findings.length === 0 ? 0 : 1;
