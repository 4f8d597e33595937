import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { extractFile, getRawHeader } from '@electron/asar';
import { wrongFuses } from './fuses.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const MIB = 1024 * 1024;
/** Sizes above which somebody must look why: today's size and about half as much again. */
export const BUDGETS = { archive: 16 * MIB, page: 2 * MIB, mainScript: 4.5 * MIB, unpacked: 3.5 * MIB };

const REQUIRED = [
  'package.json',
  'dist/electron/main.js',
  'dist/electron/import-worker.js',
  'dist/electron/journal-worker.js',
  'dist/electron/checkpoint-worker.js',
  'dist/electron/onnx-worker.js',
  'dist/electron/backtest-worker.js',
  'dist/electron/path-worker.js',
  'dist/electron/report-worker.js',
  'dist/electron/preload.cjs',
  'dist/renderer/index.html',
];
const RESOURCES = ['NOTICES.txt', 'LICENSE.txt'];
const UNWANTED = [
  [/\.(map|ts|tsx|mts|cts)$/, 'source or source map'],
  [/(^|\/)(tests?|__tests__|benchmarks?|examples?)\//, 'tests or examples'],
  [/\.(spec|test)\.[cm]?js$/, 'test'],
  [/(^|\/)\.(env|npmrc|git)/, 'hidden file of a developer'],
  [/\.(pem|key|p12|pfx|sqlite3?|db|kellyjournal)$/, 'key or data file'],
];
const SECRETS = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'private key'],
  [/\bAKIA[0-9A-Z]{16}\b/, 'AWS key'],
  [/\bgh[pousr]_[A-Za-z0-9]{36}/, 'GitHub token'],
  [/\bnpm_[A-Za-z0-9]{36}/, 'npm token'],
  [/\bsk-[A-Za-z0-9_-]{32,}/, 'API key'],
  [/\bxox[baprs]-[A-Za-z0-9-]{10,}/, 'Slack token'],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\./, 'signed token'],
];

/**
 * Looks a packed folder through and says what must not be shipped.
 * @param folder as electron-builder leaves it, e.g. release/linux-unpacked
 * @param platform 'linux', 'darwin' or 'win32'
 * @param arch 'x64', 'arm64' or 'universal'
 * @param packages names of exactly the npm packages that belong into it
 * @param paths folders of this machine whose names must not be in it
 * @returns sentences, none when all is well, and the sizes in bytes
 */
export async function inspectPackage({ folder, platform, arch, packages, paths = [] }) {
  const { resources, executable } = layout(folder, platform);
  const archive = path.join(resources, 'app.asar');
  const entries = listEntries(archive);
  const sizes = measure(archive, entries);
  const problems = [
    ...REQUIRED.filter((name) => !entries.has(name)).map((name) => `${name} is missing`),
    ...RESOURCES.filter((name) => !existsSync(path.join(resources, name))).map((name) => `${name} is missing`),
    ...unexpected(entries, packages),
    ...wrongUnpacked(archive, entries, { platform, arch }),
    ...leaks(archive, entries, [ROOT, ...paths]),
    ...overBudget(sizes, arch),
    ...(await wrongFuses(executable)),
  ];
  return { problems, sizes };
}

function layout(folder, platform) {
  if (platform !== 'darwin') {
    const name = platform === 'win32' ? 'Kelly Desk.exe' : 'kelly-desk';
    return { resources: path.join(folder, 'resources'), executable: path.join(folder, name) };
  }
  const app = path.join(folder, 'Kelly Desk.app');
  return { resources: path.join(app, 'Contents/Resources'), executable: app };
}

/** Files of the archive by their path with '/': { size, unpacked, integrity }. */
function listEntries(archive) {
  const files = new Map();
  const walk = (node, prefix) => {
    for (const [name, entry] of Object.entries(node.files)) {
      const file = `${prefix}${name}`;
      if ('files' in entry) walk(entry, `${file}/`);
      else files.set(file, entry);
    }
  };
  walk(getRawHeader(archive).header, '');
  return files;
}

function unexpected(entries, packages) {
  const problems = [];
  const found = new Set();
  for (const file of entries.keys()) {
    const [top] = file.split('/');
    if (!['dist', 'node_modules', 'package.json'].includes(top)) problems.push(`${file} does not belong here`);
    for (const [pattern, what] of UNWANTED) if (pattern.test(file)) problems.push(`${file}: ${what}`);
    for (const [, name] of file.matchAll(/(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//g)) found.add(name);
  }
  for (const name of found) if (!packages.has(name)) problems.push(`package ${name} is not needed at run time`);
  for (const name of packages) if (!found.has(name)) problems.push(`package ${name} is missing`);
  return problems;
}

/** Outside the archive may be the addon of this platform and nothing else; every file must match its hash. */
function wrongUnpacked(archive, entries, { platform, arch }) {
  const targets =
    arch === 'universal' || platform === 'darwin' ? ['darwin-x64', 'darwin-arm64'] : [`${platform}-${arch}`];
  const expected = targets.map((target) => `node_modules/better-sqlite3/prebuilds/${target}.node`).sort();
  const folder = `${archive}.unpacked`;
  const onDisk = existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
        .sort()
    : [];
  const problems = [];
  if (onDisk.join() !== expected.join())
    problems.push(`unpacked are ${onDisk.join(', ') || 'no files'}, not ${expected.join(', ')}`);
  for (const [file, { integrity }] of entries) {
    const hash = createHash('sha256')
      .update(extractFile(archive, path.normalize(file)))
      .digest('hex');
    if (integrity?.hash !== hash) problems.push(`${file} does not match its hash`);
  }
  return problems;
}

/** Paths of this machine, secrets and references to source maps in what can be read as text. */
function leaks(archive, entries, paths) {
  const problems = [];
  const home = `${homedir()}${path.sep}`;
  for (const file of entries.keys()) {
    if (/\.(node|woff2?|png|ico)$/.test(file)) continue;
    const text = extractFile(archive, path.normalize(file)).toString('utf8');
    const isOurs = !file.startsWith('node_modules/');
    for (const folder of isOurs ? [...paths, home] : paths) {
      if (text.includes(folder)) problems.push(`${file} names the folder ${folder}`);
    }
    for (const [pattern, what] of SECRETS)
      if (pattern.test(text)) problems.push(`${file} looks as if it held a ${what}`);
    if (isOurs && text.includes('sourceMappingURL=')) problems.push(`${file} names a source map`);
  }
  return problems;
}

function measure(archive, entries) {
  const sum = (isIn) => [...entries].reduce((total, [file, { size }]) => total + (isIn(file) ? size : 0), 0);
  return {
    archive: statSync(archive).size,
    page: sum((file) => file.startsWith('dist/renderer/')),
    mainScript: sum((file) => file.startsWith('dist/electron/')),
    unpacked: sum((file) => entries.get(file)?.unpacked === true),
  };
}

function overBudget(sizes, arch) {
  return Object.entries(BUDGETS)
    .map(([name, limit]) => [name, name === 'unpacked' && arch === 'universal' ? limit * 2 : limit])
    .filter(([name, limit]) => sizes[name] > limit)
    .map(
      ([name, limit]) => `${name}: ${(sizes[name] / MIB).toFixed(1)} MiB, more than ${(limit / MIB).toFixed(1)} MiB`,
    );
}
