/**
 * Makes a folder that looks like an unpacked Electron for Linux as far as packaging looks at it: names, licences,
 * locales, and an executable with a fuse wire in Electron's factory state. Nothing in it runs.
 * `node build/stub-electron.mjs <folder>`
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Where the wire starts in every Electron binary (docs/tutorial/fuses.md). */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** Version 1, nine fuses as Electron ships them: RunAsNode on … GrantFileProtocol on, WasmTrapHandlers on. */
const WIRE = Buffer.from([1, 9, ...Buffer.from('101100011')]);

export function makeStubElectron(folder) {
  const root = path.resolve(import.meta.dirname, '..');
  const { version } = JSON.parse(readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['resources', 'locales']) mkdirSync(path.join(folder, name), { recursive: true });
  const script = "#!/bin/sh\necho 'This package was made without Electron: it cannot be started.' >&2\nexit 1\n";
  const executable = Buffer.concat([Buffer.from(script), Buffer.from(SENTINEL), WIRE, Buffer.from('\n')]);
  writeFileSync(path.join(folder, 'electron'), executable, { mode: 0o755 });
  const files = {
    version,
    LICENSE: 'Stands for the licence of Electron.\n',
    'LICENSES.chromium.html': '<p>Stands for the licences of Chromium.</p>\n',
    'icudtl.dat': '',
    'resources.pak': '',
    'snapshot_blob.bin': '',
    'v8_context_snapshot.bin': '',
    'locales/en-US.pak': 'en-US',
    'locales/de.pak': 'de',
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  for (const name of ['chrome-sandbox', 'chrome_crashpad_handler']) {
    writeFileSync(path.join(folder, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  }
}

if (process.argv[1] === import.meta.filename) {
  const [, , folder] = process.argv;
  if (folder === undefined) throw new Error('usage: node build/stub-electron.mjs <folder>');
  makeStubElectron(path.resolve(folder));
}
