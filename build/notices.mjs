/**
 * Collects the licences of every package Kelly Desk is built on into one text, and refuses licences that are not
 * permissive. Run as a script it writes the text: `npm run notices [-- file]`, by default to dist/NOTICES.txt.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { productionPackages } from './dependencies.mjs';

const SUPPLEMENTS = path.join(import.meta.dirname, 'notices');

/** SPDX names that let us ship a package in a program under another licence, given their text goes with it. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);
/** The Open Font License is for fonts: a font may be bundled with a program, code under it is not foreseen. */
const FONT_LICENCE = 'OFL-1.1';
const FONT_SCOPE = '@fontsource/';

/**
 * Says whether a package may be shipped. Of `A OR B` one must be permissive, of `A AND B` both; anything else that is
 * not a plain SPDX name (nested expressions, `WITH`, `SEE LICENSE IN`, nothing at all) is refused.
 */
export function isPermissive(name, expression) {
  if (typeof expression !== 'string') return false;
  const plain = expression.replace(/^\((.*)\)$/, '$1');
  const isAllowed = (id) => PERMISSIVE.has(id) || (id === FONT_LICENCE && name.startsWith(FONT_SCOPE));
  if (plain.includes(' OR ') && !plain.includes(' AND ')) return plain.split(' OR ').some(isAllowed);
  return plain.split(' AND ').every(isAllowed);
}

/** Licence and text of every package that is installed in production; throws with all that is wrong at once. */
export function collectNotices(root) {
  const packages = productionPackages(root).map(({ name, folder }) => {
    const { version, license, homepage } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return { name, version, license, homepage: homepage ?? null, text: licenceText(name, folder) };
  });
  const problems = packages.flatMap(({ name, version, license, text }) => [
    ...(isPermissive(name, license) ? [] : [`${name}@${version}: licence '${String(license)}' is not on the list`]),
    ...(text === '' ? [`${name}@${version}: no licence text in the package or in build/notices`] : []),
  ]);
  if (problems.length > 0) throw new Error(`Not all dependencies may be shipped:\n  ${problems.join('\n  ')}`);
  return packages;
}

/** The package's own licence and notice files, then what build/notices adds to them. */
function licenceText(name, folder) {
  const own = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|copying|unlicense|notice)/i.test(entry.name))
    .map((entry) => path.join(folder, entry.name))
    .sort();
  const supplement = path.join(SUPPLEMENTS, `${name.replaceAll('/', '__')}.txt`);
  const files = existsSync(supplement) ? [...own, supplement] : own;
  return files
    .map((file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim())
    .filter((text) => text !== '')
    .join('\n\n');
}

/** One text for all packages; packages that share their licence text word for word share one entry. */
export function noticesText(packages) {
  const byText = Map.groupBy(packages, ({ text }) => text);
  const entries = [...byText].map(([text, group]) => {
    const heads = group.map(
      ({ name, version, license, homepage }) =>
        `${name} ${version} (${license})${homepage === null ? '' : ` ${homepage}`}`,
    );
    return `${[...new Set(heads)].join('\n')}\n\n${text}\n`;
  });
  const intro =
    'Kelly Desk is built on the packages below. Each is followed by its licence.\n' +
    'The licences of Electron and Chromium are in LICENSE.electron.txt and LICENSES.chromium.html.\n';
  return [intro, ...entries].join(`\n${'─'.repeat(100)}\n\n`);
}

if (process.argv[1] === import.meta.filename) {
  const root = path.resolve(import.meta.dirname, '..');
  const file = path.resolve(process.argv[2] ?? path.join(root, 'dist/NOTICES.txt'));
  const packages = collectNotices(root);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, noticesText(packages));
  console.log(`${file}: ${packages.length} packages`);
}
