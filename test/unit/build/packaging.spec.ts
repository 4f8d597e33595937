import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createPackageWithOptions, extractAll, extractFile, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inspectPackage } from '#build/inspect-package.mjs';
import { isPermissive } from '#build/notices.mjs';
import { ElectronRecord, electronDouble } from '#test/support/electron-double.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** A build takes about ten seconds alone; other tests run beside it. */
const BUILD_MS = 180_000;
const ADDON = `node_modules/better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`;
const run = promisify(execFile);
const node = (...args: string[]) => run(process.execPath, args, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
const manifest = z.record(z.string(), z.unknown());

let work: string;
let folder: string;
let archive: string;
/** Files and folders of the archive, with '/' and without a leading one. */
let entries: readonly string[];

const read = (file: string): string => extractFile(archive, file).toString('utf8');
const inResources = (name: string): string => path.join(folder, 'resources', name);
const packagesIn = (names: readonly string[]): Set<string> =>
  new Set(names.flatMap((name) => /.*node_modules\/((?:@[^/]+\/)?[^/@]+)\/package\.json$/.exec(name)?.[1] ?? []));
const inspect = (packed: string) =>
  inspectPackage({ folder: packed, platform: process.platform, arch: process.arch, packages: packagesIn(entries) });

/** The stand-in for Electron has the layout of Linux. */
describe.skipIf(process.platform !== 'linux')('the package', () => {
  beforeAll(async () => {
    work = await realpath(await mkdtemp(path.join(tmpdir(), 'desk-packaging-')));
    const electron = path.join(work, 'electron');
    const out = path.join(work, 'release');
    await node('build/stub-electron.mjs', electron);
    await node('build/package.mjs', '--dir', `--electron-dist=${electron}`, `--out=${out}`);
    const [name] = (await readdir(out)).filter((entry) => entry.endsWith('-unpacked'));
    folder = path.join(out, name ?? 'nothing was packed');
    archive = inResources('app.asar');
    entries = listPackage(archive, { isPack: false }).map((entry) => entry.replace(/^\//, ''));
  }, BUILD_MS);

  afterAll(() => rm(work, { recursive: true, force: true }));

  it('holds the main script, the preload script and the page with all it links to', () => {
    expect(entries).toEqual(expect.arrayContaining(['dist/electron/main.js', 'dist/electron/preload.cjs']));
    const links = [...read('dist/renderer/index.html').matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) expect(entries).toContain(`dist/renderer/${link ?? ''}`);
  });

  it('holds nothing but the built desk and the packages it loads', async () => {
    expect(new Set(entries.map((entry) => entry.split('/')[0]))).toEqual(
      new Set(['dist', 'node_modules', 'package.json']),
    );
    const { dependencies, devDependencies } = z
      .object({ dependencies: manifest, devDependencies: manifest })
      .parse(JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')));
    const packages = packagesIn(entries);
    for (const name of Object.keys(devDependencies)) expect(packages).not.toContain(name);
    for (const name of ['fastify', 'pino', 'ws', 'zod', 'better-sqlite3']) expect(packages).toContain(name);
    // They are inside the page's scripts or belong to the command line.
    for (const name of ['react', 'radix-ui', 'lightweight-charts', 'commander']) {
      expect(Object.keys(dependencies)).toContain(name);
      expect(packages).not.toContain(name);
    }
    expect(manifest.parse(JSON.parse(read('package.json')))).not.toHaveProperty('devDependencies');
    expect(manifest.parse(JSON.parse(read('package.json')))).not.toHaveProperty('scripts');
  });

  it('keeps only the addon of this platform outside the archive, and Node loads it', async () => {
    const names = await readdir(inResources('app.asar.unpacked'), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    expect(files).toEqual([path.join(inResources('app.asar.unpacked'), ADDON)]);
    const addon: unknown = createRequire(import.meta.url)(files[0] ?? '');
    expect(addon).toHaveProperty('Database');
  });

  it('has every fuse as it must be', async () => {
    const wire = await getCurrentFuseWire(path.join(folder, 'kelly-desk'));
    const on = (fuse: FuseV1Options) => String.fromCharCode(Number(wire[fuse])) === '1';
    expect({
      runAsNode: on(FuseV1Options.RunAsNode),
      cookieEncryption: on(FuseV1Options.EnableCookieEncryption),
      nodeOptions: on(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      inspect: on(FuseV1Options.EnableNodeCliInspectArguments),
      asarIntegrity: on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      onlyAsar: on(FuseV1Options.OnlyLoadAppFromAsar),
      ownSnapshot: on(FuseV1Options.LoadBrowserProcessSpecificV8Snapshot),
      fileProtocol: on(FuseV1Options.GrantFileProtocolExtraPrivileges),
    }).toEqual({
      runAsNode: false,
      cookieEncryption: true,
      nodeOptions: false,
      inspect: false,
      asarIntegrity: true,
      onlyAsar: true,
      ownSnapshot: false,
      fileProtocol: false,
    });
  });

  it('carries the licences of all it is made of', async () => {
    const notices = await readFile(inResources('NOTICES.txt'), 'utf8');
    for (const name of [
      ...packagesIn(entries),
      'react',
      'radix-ui',
      'lightweight-charts',
      '@fontsource/jetbrains-mono',
    ]) {
      expect(notices, name).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
    expect(notices).toMatch(
      /TradingView Lightweight Charts™\nCopyright .* TradingView, Inc\. https:\/\/www\.tradingview\.com\//,
    );
    expect(notices).toContain('SIL OPEN FONT LICENSE');
    expect(await readFile(inResources('LICENSE.txt'), 'utf8')).toContain('MIT License');
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['LICENSE.electron.txt', 'LICENSES.chromium.html']));
  });

  it('passes its inspection, and an inspected package that was spoilt does not', async () => {
    expect((await inspect(folder)).problems).toEqual([]);

    const spoilt = path.join(work, 'spoilt');
    await cp(folder, spoilt, { recursive: true });
    const content = path.join(work, 'content');
    extractAll(archive, content);
    const plant = async (file: string, text: string): Promise<void> => {
      await mkdir(path.dirname(path.join(content, file)), { recursive: true });
      await writeFile(path.join(content, file), text);
    };
    await plant('dist/electron/extra.js', `open('${ROOT}/package.json');\n//# sourceMappingURL=extra.js.map`);
    await plant('dist/electron/extra.js.map', '{}');
    await plant('dist/electron/notes.txt', ['-----BEGIN', 'PRIVATE', 'KEY-----'].join(' '));
    await plant('node_modules/vitest/package.json', '{}');
    await plant('test/desk.spec.js', '');
    await plant('.env', '');
    await plant('dist/renderer/big.bin', 'x'.repeat(11 * 1024 * 1024));
    await rm(path.join(content, 'dist/electron/preload.cjs'));
    await rm(path.join(content, 'node_modules/zod'), { recursive: true });
    await createPackageWithOptions(content, path.join(spoilt, 'resources/app.asar'), { unpack: '*.node' });
    await writeFile(path.join(spoilt, 'resources/app.asar.unpacked/extra.node'), '');
    await rm(path.join(spoilt, 'resources/NOTICES.txt'));
    await cp(path.join(work, 'electron/electron'), path.join(spoilt, 'kelly-desk'));

    const { problems } = await inspect(spoilt);
    for (const complaint of [
      `dist/electron/extra.js names the folder ${ROOT}`,
      'dist/electron/extra.js names a source map',
      'dist/electron/extra.js.map: source or source map',
      'dist/electron/notes.txt looks as if it held a private key',
      'package vitest is not needed at run time',
      'package zod is missing',
      'test/desk.spec.js does not belong here',
      '.env does not belong here',
      'dist/electron/preload.cjs is missing',
      'NOTICES.txt is missing',
      `unpacked are extra.node, ${ADDON}, not ${ADDON}`,
      'fuse runAsNode is not off',
      'fuse onlyLoadAppFromAsar is not on',
    ]) {
      expect(problems).toContain(complaint);
    }
    // The page itself grows; what was planted in it alone is too much.
    expect(problems).toContainEqual(expect.stringMatching(/^page: 1[1-9]\.\d MiB, more than 2\.0 MiB$/));
  });

  it(
    'is not made from an Electron whose fuses cannot be set',
    async () => {
      const electron = path.join(work, 'fuseless');
      await cp(path.join(work, 'electron'), electron, { recursive: true });
      await writeFile(path.join(electron, 'electron'), '#!/bin/sh\n', { mode: 0o755 });
      const made = node(
        'build/package.mjs',
        '--dir',
        `--electron-dist=${electron}`,
        `--out=${path.join(work, 'none')}`,
      );
      await expect(made).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('sentinel') as string });
    },
    BUILD_MS,
  );

  it('notices a changed file by its hash', async () => {
    const changed = path.join(work, 'changed');
    await cp(folder, changed, { recursive: true });
    const bytes = await readFile(archive);
    const at = bytes.lastIndexOf('Kelly Desk could not start');
    expect(at).toBeGreaterThan(0);
    bytes.write('X', at);
    await writeFile(path.join(changed, 'resources/app.asar'), bytes);
    expect((await inspect(changed)).problems).toEqual(['dist/electron/main.js does not match its hash']);
  });

  it('opens the desk and serves its page from the archive alone', async () => {
    // Outside the repository, so that nothing can be found there that is not in the archive.
    const app = path.join(work, 'app');
    extractAll(archive, app);
    const record = new ElectronRecord();
    const double = electronDouble(record);
    Object.assign(globalThis, { electronDouble: double });
    const module = path.join(app, 'node_modules/electron');
    await mkdir(module, { recursive: true });
    await writeFile(path.join(module, 'package.json'), '{"type":"module","exports":"./index.js"}');
    const names = Object.keys(double).join(', ');
    await writeFile(path.join(module, 'index.js'), `export const { ${names} } = globalThis.electronDouble;\n`);
    const argv = process.argv;
    process.argv = [...argv.slice(0, 2), `--data=${path.join(work, 'data')}`, '--profile=simulation', '--seed=7'];
    try {
      await import(/* @vite-ignore */ pathToFileURL(path.join(app, 'dist/electron/main.js')).href);
      const window = await record.window();
      expect(record.errors).toEqual([]);
      expect(window.loaded).toBe('app://desk/');
      const response = await record.protocols.get('app')?.(new Request('app://desk/'));
      expect(await response?.text()).toBe(read('dist/renderer/index.html'));
      expect(await readdir(path.join(work, 'data'))).not.toEqual([]);
    } finally {
      process.argv = argv;
    }
    const quit = once(record.app, 'double:quit');
    record.app.emit('window-all-closed');
    await quit;
  });
});

describe('a licence', () => {
  it.each([
    ['zod', 'MIT', true],
    ['lightweight-charts', 'Apache-2.0', true],
    ['pair', '(MIT OR GPL-3.0-only)', true],
    ['pair', 'MIT AND GPL-3.0-only', false],
    ['pair', 'MIT AND ISC', true],
    ['nested', 'MIT OR (GPL-2.0-only AND ISC)', false],
    ['copyleft', 'GPL-3.0-or-later', false],
    ['copyleft', 'AGPL-3.0-only', false],
    ['copyleft', 'LGPL-3.0', false],
    ['shared', 'MPL-2.0', false],
    ['closed', 'UNLICENSED', false],
    ['closed', 'SEE LICENSE IN LICENSE.md', false],
    ['unnamed', undefined, false],
    ['old', { type: 'MIT' }, false],
    ['@fontsource/inter', 'OFL-1.1', true],
    ['code', 'OFL-1.1', false],
  ])('of %s, %j, may be shipped: %s', (name, expression, isAllowed) => {
    expect(isPermissive(name, expression)).toBe(isAllowed);
  });
});

describe('the committed icons', () => {
  const icons = path.join(ROOT, 'build/icons');

  it('have the sizes their names say', async () => {
    const names = (await readdir(icons)).filter((name) => name.endsWith('.png'));
    expect(names).toHaveLength(8);
    for (const name of names) {
      const bytes = await readFile(path.join(icons, name));
      expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}.png`).toBe(name);
    }
  });

  it.each(['icon', 'kellyjournal'])('%s holds the sizes Windows and macOS ask for', async (name) => {
    const ico = await readFile(path.join(icons, `${name}.ico`));
    const edges = Array.from({ length: ico.readUInt16LE(4) }, (_, index) => ico.readUInt8(6 + 16 * index) || 256);
    expect(edges).toEqual([16, 24, 32, 48, 64, 128, 256]);
    const icns = await readFile(path.join(icons, `${name}.icns`));
    expect(icns.toString('latin1', 0, 4)).toBe('icns');
    expect(icns.readUInt32BE(4)).toBe(icns.length);
  });
});
