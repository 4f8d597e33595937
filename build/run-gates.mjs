/**
 * Runs every gate in order and says at the end how many checks passed: `N passed, N failed`.
 * A gate that fails does not stop the ones after it, so that one run shows everything that is wrong.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const reports = path.join(root, 'dist', 'reports');
mkdirSync(reports, { recursive: true });

const bin = (name) => path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const only = process.argv.slice(2);

const gates = [
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: [bin('eslint'), '.', '--max-warnings', '0'] },
  ...['shared', 'electron/desk', 'electron/shells', 'renderer', 'test'].map((layer) => ({
    name: `types ${layer}`,
    command: [bin('tsc'), '-p', layer],
  })),
  { name: 'unit', command: [bin('vitest'), 'run'], report: 'unit.json' },
  {
    name: 'build renderer',
    command: [bin('vite'), 'build', '--logLevel', 'warn', '-c', 'build/vite.renderer.config.ts'],
  },
  { name: 'build electron', command: [process.execPath, 'build/build-electron.mjs'] },
  { name: 'end to end', command: [bin('vitest'), 'run', '-c', 'build/vitest.e2e.config.ts'], report: 'e2e.json' },
].filter(({ name }) => only.length === 0 || only.some((word) => name.startsWith(word)));

let passed = 0;
let failed = 0;
let skipped = 0;
const lines = [];

for (const gate of gates) {
  console.log(`\n── ${gate.name}`);
  const report = gate.report === undefined ? null : path.join(reports, gate.report);
  if (report !== null) rmSync(report, { force: true });
  const extra = report === null ? [] : ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const [command, ...args] = gate.command;
  const result = spawnSync(command, [...args, ...extra], { cwd: root, stdio: 'inherit', env: process.env });
  const isGood = result.status === 0;
  if (report === null) {
    if (isGood) passed += 1;
    else failed += 1;
  } else {
    let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
    try {
      counts = JSON.parse(readFileSync(report, 'utf8'));
    } catch {
      console.error(`${gate.name}: the runner left no report`);
    }
    passed += counts.numPassedTests;
    skipped += counts.numPendingTests ?? 0;
    // A runner that fails without a failing test (a file that does not load) must still count.
    failed += counts.numFailedTests > 0 ? counts.numFailedTests : isGood ? 0 : 1;
  }
  lines.push(`${isGood ? '✓' : '✗'} ${gate.name}`);
}

console.log(`\n${lines.join('\n')}\n`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 ? 1 : 0);
