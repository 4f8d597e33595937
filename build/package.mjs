/**
 * Makes the installable packages of this platform: `npm run package`. Options:
 *   --dir                  only the unpacked folder; without a downloaded Electron a stand-in takes its place (Linux)
 *   --electron-dist=PATH   an unpacked Electron to use
 *   --out=PATH             where to write, by default release/
 *   --target=NAME          only this kind, e.g. deb; may be given more than once
 *   --x64, --arm64         the architecture, by default this machine's
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Arch, build as buildPackages } from 'electron-builder';
import { build as buildScripts } from 'vite';
import { runtimePackages, unneededPackages } from './dependencies.mjs';
import { builderConfig } from './electron-builder.config.mjs';
import { inspectPackage } from './inspect-package.mjs';
import { collectNotices, noticesText } from './notices.mjs';
import { makeStubElectron } from './stub-electron.mjs';

const BUILD = import.meta.dirname;
const ROOT = path.resolve(BUILD, '..');
// Vite and React build what NODE_ENV says; a test run's value would ship a development build with paths of this machine.
process.env['NODE_ENV'] = 'production';
const NODE_OR_ELECTRON = /^(node:|electron$|electron\/)/;

const { values: options } = parseArgs({
  options: {
    dir: { type: 'boolean', default: false },
    x64: { type: 'boolean', default: false },
    arm64: { type: 'boolean', default: false },
    'electron-dist': { type: 'string' },
    out: { type: 'string' },
    target: { type: 'string', multiple: true },
  },
});
const PLATFORM = { linux: 'linux', darwin: 'mac', win32: 'win' }[process.platform];

/** Builds page and scripts into `stage`/dist and returns the specifiers that are left for node_modules. */
async function buildInto(stage) {
  const once = { logLevel: 'warn', build: { emptyOutDir: false, sourcemap: false } };
  await buildScripts({
    ...once,
    configFile: path.join(BUILD, 'vite.renderer.config.ts'),
    build: { ...once.build, outDir: path.join(stage, 'dist/renderer') },
  });
  const left = new Set();
  for (const mode of [
    'preload',
    'import-worker',
    'journal-worker',
    'checkpoint-worker',
    'onnx-worker',
    'backtest-worker',
    'path-worker',
    'report-worker',
    'main',
  ]) {
    const result = await buildScripts({
      ...once,
      mode,
      configFile: path.join(BUILD, 'vite.electron.config.ts'),
      build: { ...once.build, outDir: path.join(stage, 'dist/electron') },
    });
    const chunks = result.output.filter(({ type }) => type === 'chunk');
    const own = new Set(chunks.map(({ fileName }) => fileName));
    for (const specifier of chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])) {
      if (!own.has(specifier) && !NODE_OR_ELECTRON.test(specifier)) left.add(specifier);
    }
  }
  return left;
}

/** The Electron to pack: the one asked for, else the downloaded one, else for --dir a stand-in, else null (download). */
function chooseElectron(work) {
  if (options['electron-dist'] !== undefined) {
    const dist = path.resolve(options['electron-dist']);
    if (!existsSync(dist)) throw new Error(`${dist} does not exist`);
    return { dist, isStandIn: false };
  }
  if (!options.dir) return { dist: null, isStandIn: false };
  const downloaded = path.join(ROOT, 'node_modules/electron/dist');
  if (existsSync(path.join(ROOT, 'node_modules/electron/path.txt')) && existsSync(downloaded)) {
    return { dist: downloaded, isStandIn: false };
  }
  if (process.platform !== 'linux') {
    throw new Error('Electron is not downloaded yet: run `npm start` once, or give --electron-dist.');
  }
  const dist = path.join(work, 'electron');
  makeStubElectron(dist);
  return { dist, isStandIn: true };
}

function writeSums(out, files) {
  const lines = files
    .filter((file) => existsSync(file) && !/\.(ya?ml|blockmap)$/.test(file))
    .map((file) => `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${path.relative(out, file)}\n`);
  if (lines.length > 0) writeFileSync(path.join(out, 'SHA256SUMS'), lines.sort().join(''));
}

async function run(work) {
  const { dist, isStandIn } = chooseElectron(work);
  const out = path.resolve(options.out ?? path.join(ROOT, isStandIn ? 'release/stand-in' : 'release'));
  const stage = path.join(work, 'stage');
  mkdirSync(stage);
  const notices = collectNotices(ROOT);
  writeFileSync(path.join(stage, 'NOTICES.txt'), noticesText(notices));
  const packages = runtimePackages(ROOT, await buildInto(stage));

  const packed = [];
  const afterPack = ({ appOutDir, arch, electronPlatformName }) => {
    packed.push({ folder: appOutDir, arch: Arch[arch], platform: electronPlatformName });
  };
  const unneeded = unneededPackages(ROOT, packages);
  const files = await buildPackages({
    projectDir: ROOT,
    publish: 'never',
    dir: options.dir,
    x64: options.x64,
    arm64: options.arm64,
    ...(options.target === undefined ? {} : { [PLATFORM]: options.target }),
    config: builderConfig({ stage, out, unneeded, electronDist: dist, afterPack }),
  });

  // A universal package is merged from two folders that are gone by now.
  for (const { folder, ...target } of packed.filter(({ folder }) => existsSync(folder))) {
    const { problems, sizes } = await inspectPackage({ folder, packages, paths: [work], ...target });
    if (problems.length > 0) {
      for (const file of files) rmSync(file, { force: true });
      throw new Error(`${folder} must not be shipped:\n  ${problems.join('\n  ')}`);
    }
    const inMib = Object.entries(sizes).map(([name, size]) => `${name} ${(size / 1024 / 1024).toFixed(1)} MiB`);
    console.log(`${folder}: ${packages.size} packages, ${notices.length} licences, ${inMib.join(', ')}`);
  }
  writeSums(out, files);
  if (isStandIn)
    console.log('Made without Electron, which is not downloaded here: good for inspection, it cannot be started.');
}

const work = mkdtempSync(path.join(realpathSync(tmpdir()), 'kelly-desk-package-'));
let hasFailed = false;
try {
  await run(work);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  hasFailed = true;
} finally {
  rmSync(work, { recursive: true, force: true });
}
// Said outright: electron-builder's own exit hook turns process.exitCode into 0.
process.exit(hasFailed ? 1 : 0);
