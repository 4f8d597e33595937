import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Needed to compile a package, never at run time: [who asks, for whom]. */
const COMPILE_ONLY = [['better-sqlite3', 'node-addon-api']];

const readLock = (root) => JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
const nameOf = (key) => key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length);

const installed = (root, isWanted) =>
  Object.entries(readLock(root))
    .filter(([key, entry]) => key !== '' && entry.dev !== true && entry.peer !== true && isWanted(entry))
    .map(([key]) => ({ name: nameOf(key), key, folder: path.join(root, key) }))
    .filter(({ folder }) => existsSync(folder));

/**
 * Every installed package that is there neither for development only nor as an option, by the lock file:
 * { name, key, folder }. Optional packages are an extra of an installation from source and are not shipped.
 */
export function productionPackages(root) {
  return installed(root, (entry) => entry.devOptional !== true && entry.optional !== true);
}

/**
 * Names of the packages that must be in node_modules for `imports` (specifiers left in the built main script) to work,
 * with everything they depend on in turn.
 */
export function runtimePackages(root, imports) {
  const lock = readLock(root);
  const seen = new Set();
  const visit = (name, from) => {
    const key = resolveKey(lock, name, from);
    if (key === null) throw new Error(`${name}, needed by ${from === '' ? 'the main script' : from}, is not installed`);
    if (seen.has(key)) return;
    seen.add(key);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies: ownPeers = {} } = lock[key];
    for (const dependency of Object.keys(dependencies)) {
      const isCompileOnly = COMPILE_ONLY.some(([who, whom]) => who === name && whom === dependency);
      if (!isCompileOnly) visit(dependency, key);
    }
    // A peer that we install for a package, as the package asks, is loaded by it.
    const others = { ...optionalDependencies, ...ownPeers };
    for (const dependency of Object.keys(others)) {
      if (resolveKey(lock, dependency, key) !== null) visit(dependency, key);
    }
  };
  for (const specifier of imports) visit(packageName(specifier), '');
  return new Set([...seen].map(nameOf));
}

/** Names of the packages a packager would take along although the built application never loads them. */
export function unneededPackages(root, needed) {
  return [...new Set(installed(root, () => true).map(({ name }) => name))].filter((name) => !needed.has(name)).sort();
}

/** 'csv-parse/sync' → 'csv-parse', '@scope/name/part' → '@scope/name'. */
function packageName(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Node's look-up, in the lock file: the nearest node_modules above `from`. */
function resolveKey(lock, name, from) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const key = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (key in lock) return key;
    if (folder === '') return null;
  }
}
