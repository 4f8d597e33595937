import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadMemory, electronBinary, fetchElectron } from '#shells/cli/electron-binary.ts';

let root: string;
let dataFolder: string;
const electron = (file: string): string => path.join(root, 'node_modules/electron', file);

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'desk-electron-'));
  dataFolder = path.join(root, 'data');
  await mkdir(electron(''), { recursive: true });
  await writeFile(electron('package.json'), '{"version":"45.0.0"}');
});
afterEach(() => rm(root, { recursive: true }));

const install = (script: string): Promise<void> => writeFile(electron('install.js'), script);
const fetch = (stallMs = 2000, signal = new AbortController().signal) =>
  fetchElectron(root, { dataFolder, signal, stallMs });

/** What Electron's own script leaves behind. */
const UNPACKED = `
const fs = require('node:fs'), path = require('node:path');
fs.mkdirSync(path.join(__dirname, 'dist'), { recursive: true });
fs.writeFileSync(path.join(__dirname, 'dist/electron'), 'binary');
fs.writeFileSync(path.join(__dirname, 'path.txt'), 'electron');`;

describe('Electron’s binary', () => {
  it('is there once its script has run', async () => {
    expect(electronBinary(root)).toBeNull();
    await install(UNPACKED);
    expect(await fetch()).toBe(true);
    expect(electronBinary(root)).toBe(electron('dist/electron'));
  });

  it('is not there after a script that fails, or that stops half way', async () => {
    await install('process.exit(1)');
    expect(await fetch()).toBe(false);
    await mkdir(electron('dist'), { recursive: true });
    await writeFile(electron('dist/electron'), 'half');
    expect(electronBinary(root)).toBeNull();
  });

  it('is given up when nothing moves, and only then', async () => {
    await install('setInterval(() => undefined, 1000)');
    expect(await fetch(600)).toBe(false);
    // Growth of the download, without a word of output, is progress.
    await install(`
      const fs = require('node:fs'), os = require('node:os'), path = require('node:path');
      const file = path.join(os.tmpdir(), 'electron.zip');
      let n = 0;
      const timer = setInterval(() => {
        fs.appendFileSync(file, 'x'.repeat(1000));
        n += 1;
        if (n === 12) { clearInterval(timer); ${UNPACKED.replaceAll("const fs = require('node:fs'), path = require('node:path');", '')} }
      }, 200);`);
    expect(await fetch(1500)).toBe(true);
  });

  it('is given up on Ctrl-C', async () => {
    await install('setInterval(() => undefined, 1000)');
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    expect(await fetch(60_000, stop.signal)).toBe(false);
  });

  it('leaves nothing of the download behind', async () => {
    await install(
      `require('node:fs').writeFileSync(require('node:path').join(require('node:os').tmpdir(), 'part'), 'x')`,
    );
    await fetch();
    expect(existsSync(path.join(dataFolder, 'electron-download'))).toBe(false);
  });
});

describe('the memory of a failed download', () => {
  it('holds for this version, and is dropped by success', async () => {
    const memory = downloadMemory(root, dataFolder);
    expect(memory.hasFailed()).toBe(false);
    memory.remember(false);
    expect(memory.hasFailed()).toBe(true);
    await writeFile(electron('package.json'), '{"version":"46.0.0"}');
    expect(memory.hasFailed()).toBe(false);
    await writeFile(electron('package.json'), '{"version":"45.0.0"}');
    memory.remember(true);
    expect(memory.hasFailed()).toBe(false);
  });
});
