import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FUSES } from './fuses.mjs';

const BUILD = import.meta.dirname;
const ROOT = path.resolve(BUILD, '..');
const icon = (name) => path.join(BUILD, 'icons', name);

/** The archive of a journal: a double click on one offers to make a journal of it. */
const JOURNAL_ARCHIVE = {
  ext: 'kellyjournal',
  name: 'Kelly Desk journal',
  description: 'Archive of a Kelly Desk journal',
  mimeType: 'application/vnd.kelly-desk.journal',
  role: 'Viewer',
};

/** Files of npm packages that no program needs at run time. Their licences are in NOTICES.txt. */
const NOT_AT_RUN_TIME = [
  '!**/node_modules/**/*.{map,ts,mts,cts,flow,tsbuildinfo,markdown,md,yml,yaml,sh}',
  '!**/node_modules/**/{test,tests,__tests__,benchmark,benchmarks,bench,example,examples,docs,.github,.vscode}/**',
  '!**/node_modules/**/{*.test,*.spec,*.bench,*.config}.{js,cjs,mjs}',
  '!**/node_modules/**/{tsconfig*.json,.editorconfig,.*rc,.*rc.*,.*ignore}',
  '!**/node_modules/{*,@*/*}/{test,bench,benchmark}.{js,cjs,mjs}',
  '!node_modules/better-sqlite3/{src,deps,binding.gyp}{,/**}',
  // Builds for browsers and for bundlers; Node takes lib/.
  '!node_modules/csv-parse/dist/{esm,iife,umd}{,/**}',
  '!node_modules/luxon/{src,build/amd,build/cjs-browser,build/global,build/node}{,/**}',
];

/**
 * The addon to ship. On macOS both halves of the universal package carry both addons, so that they are equal and can be
 * merged; the right one is chosen at run time.
 */
const ADDON = process.platform === 'darwin' ? 'darwin-*' : '${platform}-${arch}';

/**
 * The configuration of electron-builder.
 * @param stage folder with the built dist/ and NOTICES.txt
 * @param unneeded names of production packages that the built application does not load
 * @param electronDist an unpacked Electron to use instead of downloading one; null downloads it
 * @param afterPack told each folder that was packed
 */
export function builderConfig({ stage, out, unneeded, electronDist, afterPack }) {
  return {
    appId: 'com.kelly-desk.desk',
    productName: 'Kelly Desk',
    executableName: 'kelly-desk',
    copyright: 'Copyright © 2026 The Kelly Desk founders',
    artifactName: 'kelly-desk-${version}-${os}-${arch}.${ext}',
    directories: { output: out, buildResources: BUILD },
    publish: null,
    // Node-API prebuilds come with the package: nothing is compiled, one binary serves Node and Electron.
    npmRebuild: false,
    nodeGypRebuild: false,
    ...(electronDist === null ? {} : { electronDist }),
    electronDownload: { checksums: electronChecksums() },
    electronLanguages: ['en-US'],
    electronFuses: { ...FUSES, resetAdHocDarwinSignature: process.platform === 'darwin' },
    // Only the native addon leaves the archive; its JavaScript stays under the integrity check.
    asar: { smartUnpack: false },
    asarUnpack: ['node_modules/better-sqlite3/prebuilds/*.node'],
    // Plain patterns come first: after a folder of its own, electron-builder would take them for another set of files.
    files: [
      'package.json',
      ...NOT_AT_RUN_TIME,
      `!node_modules/better-sqlite3/prebuilds/!(${ADDON}).node`,
      ...unneeded.map((name) => `!**/node_modules/${name}/**`),
      { from: stage, to: '.', filter: ['dist/**'] },
    ],
    extraResources: [
      { from: path.join(stage, 'NOTICES.txt'), to: 'NOTICES.txt' },
      { from: path.join(ROOT, 'LICENSE'), to: 'LICENSE.txt' },
    ],
    extraMetadata: {
      desktopName: 'kelly-desk.desktop',
      homepage: process.env['DESK_HOMEPAGE'] ?? 'https://kelly-desk.invalid/',
    },
    fileAssociations: [{ ...JOURNAL_ARCHIVE, icon: path.join('icons', 'kellyjournal') }],
    afterPack,
    linux: {
      target: ['AppImage', 'deb', 'tar.gz'],
      icon: icon(''),
      category: 'Office;Finance',
      synopsis: 'Sizes futures trades by a conservative Kelly rule',
      maintainer: process.env['DESK_MAINTAINER'] ?? 'The Kelly Desk founders <founders@kelly-desk.invalid>',
      syncDesktopName: true,
    },
    win: {
      target: ['nsis'],
      icon: icon('icon.ico'),
    },
    nsis: {
      oneClick: false,
      perMachine: false,
      allowToChangeInstallationDirectory: true,
      // The journal is the trader's record: removing the program never removes it.
      deleteAppDataOnUninstall: false,
    },
    mac: {
      target: [{ target: 'dmg', arch: ['universal'] }],
      x64ArchFiles: '**/better-sqlite3/prebuilds/darwin-*.node',
      icon: icon('icon.icns'),
      category: 'public.app-category.finance',
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements: path.join(BUILD, 'entitlements.mac.plist'),
      entitlementsInherit: path.join(BUILD, 'entitlements.mac.plist'),
    },
  };
}

/** The hashes that came with Electron's npm package, under the lock file's own hash: no second source is trusted. */
function electronChecksums() {
  return JSON.parse(readFileSync(path.join(ROOT, 'node_modules/electron/checksums.json'), 'utf8'));
}
