/**
 * Runs every gate in order and says at the end how many checks passed: `N passed, N failed`.
 * A gate that fails does not stop the ones after it, so that one run shows everything that is wrong.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const reports = path.join(root, 'dist', 'reports');
mkdirSync(reports, { recursive: true });

/** Hundreds of desks are started and killed by the tests: each would strip and compile the same sources again. */
const environment = {
  NODE_COMPILE_CACHE: path.join(root, 'node_modules', '.cache', 'compiled'),
  ...process.env,
};

const bin = (name) => path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const only = process.argv.slice(2);

const TESTS = ['test/**'];
const SOURCES = ['shared/**', 'electron/**', 'renderer/**', 'build/**', '*.mjs', '*.ts'];
/** What is linted together, by what is left out, so that no file can fall between the parts. */
const LINTED = [
  { name: 'sources', ignored: TESTS },
  { name: 'tests', ignored: SOURCES },
];

const gates = [
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  // In parts: the types of all layers at once do not fit into the heap that Node takes.
  ...LINTED.map(({ name, ignored }) => ({
    name: `lint ${name}`,
    command: [bin('eslint'), '.', '--max-warnings', '0', ...ignored.flatMap((f) => ['--ignore-pattern', f])],
  })),
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

/** Runs a command to its end; what it prints is kept, or passed on as it comes. */
const run = ([command, ...args], { isKept }) =>
  new Promise((resolve) => {
    const stdio = isKept ? ['ignore', 'pipe', 'pipe'] : 'inherit';
    const child = spawn(command, args, { cwd: root, stdio, env: environment });
    let text = '';
    const keep = (chunk) => (text += chunk.toString('utf8'));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => resolve({ isGood: false, text: `${text}${error.message}\n` }));
    child.on('close', (status) => resolve({ isGood: status === 0, text }));
  });

const tell = (gate, isGood) => lines.push(`${isGood ? '✓' : '✗'} ${gate.name}`);

/** Runs gates that only read the sources, so many at a time; what they said is kept. */
async function runStatic(chosen, lanes) {
  const waiting = [...chosen];
  const results = new Map();
  const lane = async () => {
    for (let gate = waiting.shift(); gate !== undefined; gate = waiting.shift()) {
      results.set(gate, await run(gate.command, { isKept: true }));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** Their words whole and in order. */
function tellStatic(results, chosen) {
  for (const gate of chosen) {
    const { isGood, text } = results.get(gate);
    console.log(`\n── ${gate.name}`);
    if (text.trim() !== '') console.log(text.trimEnd());
    if (isGood) passed += 1;
    else failed += 1;
    tell(gate, isGood);
  }
}

/** The failed tests of a file with the first line of why: a long log is often read from its end only. */
function failuresOf({ name, assertionResults, message }) {
  const file = path.relative(root, name);
  const broken = assertionResults.filter(({ status }) => status === 'failed');
  if (broken.length === 0) return message ? [`  ${file}: ${message.split('\n')[0]}`] : [];
  return broken.map(({ fullName, failureMessages }) => {
    const [why = ''] = (failureMessages[0] ?? '').split('\n');
    return `  ${file}: ${fullName}: ${why}`;
  });
}

async function runGate(gate) {
  console.log(`\n── ${gate.name}`);
  const report = gate.report === undefined ? null : path.join(reports, gate.report);
  if (report !== null) rmSync(report, { force: true });
  const extra = report === null ? [] : ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { isGood } = await run([...gate.command, ...extra], { isKept: false });
  tell(gate, isGood);
  if (report === null) {
    if (isGood) passed += 1;
    else failed += 1;
    return;
  }
  let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    console.error(`${gate.name}: the runner left no report`);
  }
  for (const file of counts.testResults ?? []) lines.push(...failuresOf(file));
  passed += counts.numPassedTests;
  skipped += counts.numPendingTests ?? 0;
  // A runner that fails without a failing test (a file that does not load) must still count.
  failed += counts.numFailedTests > 0 ? counts.numFailedTests : isGood ? 0 : 1;
}

const isStatic = ({ name }) => /^(format|lint |types )/.test(name);
const [still, moving] = [gates.filter(isStatic), gates.filter((one) => !isStatic(one))];
const [first] = moving;
// Tests that wait leave time to those gates that only compute: they share the processors with the first of the others.
const reading = runStatic(still, first?.name === 'unit' ? 1 : 2);
if (first?.name === 'unit') await runGate(moving.shift());
tellStatic(await reading, still);
for (const gate of moving) await runGate(gate);

console.log(`\n${lines.join('\n')}\n`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 ? 1 : 0);
