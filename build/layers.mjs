/**
 * Who may import whom: one table, read by ESLint and by the test that proves a forbidden import is refused.
 * A layer is a folder; the longest matching folder owns a file. Imports across folders use `#layer/path.ts`.
 */
export const LAYERS = [
  { name: 'shared', folder: 'shared', mayImport: ['shared'] },
  { name: 'desk/engine', folder: 'electron/desk/engine', mayImport: ['shared', 'desk/engine'] },
  { name: 'desk/ports', folder: 'electron/desk/ports', mayImport: ['shared', 'desk/ports'] },
  { name: 'desk/journal', folder: 'electron/desk/journal', mayImport: ['shared', 'desk/ports', 'desk/journal'] },
  { name: 'desk/adapters', folder: 'electron/desk/adapters', mayImport: ['shared', 'desk/ports', 'desk/adapters'] },
  {
    name: 'desk/backtest',
    folder: 'electron/desk/backtest',
    mayImport: ['shared', 'desk/engine', 'desk/ports', 'desk/backtest'],
  },
  // Reading other programs' files is pure: text in, rows out.
  { name: 'desk/imports', folder: 'electron/desk/imports', mayImport: ['shared', 'desk/engine', 'desk/imports'] },
  {
    name: 'desk',
    folder: 'electron/desk',
    mayImport: [
      'shared',
      'desk',
      'desk/engine',
      'desk/ports',
      'desk/journal',
      'desk/adapters',
      'desk/backtest',
      'desk/imports',
    ],
  },
  // Shells are doors: they open the desk and serve its contract, and know nothing of what is behind it.
  { name: 'shells', folder: 'electron/shells', mayImport: ['shared', 'shells', 'desk/door'] },
  { name: 'renderer', folder: 'renderer', mayImport: ['shared', 'renderer'] },
];

/** Files of `desk` that shells may import: the composition root and the door to the contract. */
export const DESK_DOORS = ['electron/desk/desk.ts', 'electron/desk/serve.ts'];

/** Import prefixes and the folders they stand for (the `imports` map of package.json). */
export const PREFIXES = {
  '#shared/': 'shared/',
  '#desk/': 'electron/desk/',
  '#shells/': 'electron/shells/',
  '#renderer/': 'renderer/',
};

/** Packages that only some layers may name. Everything else is free. */
export const PACKAGES = [
  { pattern: '^electron($|/)', layers: ['shells'] },
  {
    pattern: '^(node:|fs$|path$|os$|child_process$|worker_threads$)',
    layersDenied: ['shared', 'renderer', 'desk/engine', 'desk/imports'],
  },
  { pattern: '^better-sqlite3$', layers: ['desk/journal'] },
  {
    pattern:
      '^(react|react-dom|zustand|lightweight-charts|radix-ui|lucide-react|@tanstack/|react-resizable-panels)($|/)',
    layers: ['renderer'],
  },
];

const owner = (file) =>
  LAYERS.filter((layer) => file === layer.folder || file.startsWith(`${layer.folder}/`)).sort(
    (a, b) => b.folder.length - a.folder.length,
  )[0];

/**
 * Says whether `file` (path from the repository root) may import `specifier`.
 * Returns null when it may, else a sentence that names the rule.
 */
export function refusal(file, specifier) {
  const from = owner(file);
  if (from === undefined) return null;
  if (specifier.startsWith('../')) {
    return `'${specifier}': use the #layer/path.ts form across folders, not ../`;
  }
  const prefix = Object.keys(PREFIXES).find((p) => specifier.startsWith(p));
  if (prefix === undefined) {
    const rule = PACKAGES.find((p) => new RegExp(p.pattern).test(specifier));
    const denied =
      rule !== undefined &&
      (rule.layers !== undefined ? !rule.layers.includes(from.name) : rule.layersDenied.includes(from.name));
    return denied ? `'${specifier}': ${from.name} may not use this package` : null;
  }
  const target = PREFIXES[prefix] + specifier.slice(prefix.length);
  const to = owner(target);
  if (to === undefined) return `'${specifier}': no layer owns ${target}`;
  if (from.mayImport.includes(to.name)) return null;
  if (from.mayImport.includes('desk/door') && DESK_DOORS.includes(target)) return null;
  return `'${specifier}': ${from.name} may import only: ${from.mayImport.join(', ')}`;
}
