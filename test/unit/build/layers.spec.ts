import path from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { refusal } from '#build/layers.mjs';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** File, what it would import, and whether it may. */
const CASES: readonly (readonly [string, string, boolean])[] = [
  ['shared/contract/index.ts', '#shared/units.ts', true],
  ['shared/contract/index.ts', '#desk/engine/kelly.ts', false],
  ['shared/units.ts', 'node:fs', false],
  ['shared/units.ts', 'react', false],
  ['electron/desk/engine/kelly.ts', '#shared/units.ts', true],
  ['electron/desk/engine/kelly.ts', '#desk/ports/clock.ts', false],
  ['electron/desk/engine/kelly.ts', '#desk/journal/trades.ts', false],
  ['electron/desk/engine/kelly.ts', 'node:fs', false],
  ['electron/desk/engine/kelly.ts', 'better-sqlite3', false],
  ['electron/desk/ports/clock.ts', '#desk/engine/kelly.ts', false],
  ['electron/desk/journal/trades.ts', '#desk/ports/journal.ts', true],
  ['electron/desk/journal/trades.ts', 'better-sqlite3', true],
  ['electron/desk/journal/trades.ts', '#desk/adapters/broker/paper.ts', false],
  ['electron/desk/adapters/broker/paper.ts', '#desk/ports/broker.ts', true],
  ['electron/desk/adapters/broker/paper.ts', '#desk/journal/trades.ts', false],
  ['electron/desk/adapters/broker/paper.ts', 'better-sqlite3', false],
  ['electron/desk/desk.ts', '#desk/journal/trades.ts', true],
  ['electron/desk/desk.ts', '#shells/http/server.ts', false],
  ['electron/desk/desk.ts', 'electron', false],
  ['electron/shells/http/server.ts', '#desk/serve.ts', true],
  ['electron/shells/http/server.ts', '#desk/desk.ts', true],
  ['electron/shells/http/server.ts', '#desk/door/link.ts', false],
  ['electron/shells/http/server.ts', '#desk/journal/trades.ts', false],
  ['electron/shells/http/server.ts', '#renderer/src/main.tsx', false],
  ['electron/shells/http/server.ts', 'react', false],
  ['electron/shells/electron/main.ts', 'electron', true],
  ['renderer/src/main.tsx', '#shared/contract/client.ts', true],
  ['renderer/src/main.tsx', '#desk/serve.ts', false],
  ['renderer/src/main.tsx', '#shells/http/server.ts', false],
  ['renderer/src/main.tsx', 'electron', false],
  ['renderer/src/main.tsx', 'node:fs', false],
  ['renderer/src/main.tsx', 'react', true],
  ['renderer/src/main.tsx', '../../shared/units.ts', false],
];

describe('the layer table', () => {
  it.each(CASES)('%s importing %s: allowed %s', (file, specifier, isAllowed) => {
    expect(refusal(file, specifier) === null).toBe(isAllowed);
  });

  it('names the rule it goes by', () => {
    expect(refusal('electron/desk/engine/kelly.ts', '#desk/journal/trades.ts')).toBe(
      "'#desk/journal/trades.ts': desk/engine may import only: shared, desk/engine",
    );
  });
});

describe('ESLint', () => {
  const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: path.join(ROOT, 'eslint.config.mjs') });
  const complaints = async (file: string, source: string): Promise<readonly string[]> => {
    const [result] = await eslint.lintText(source, { filePath: path.join(ROOT, file) });
    return (result?.messages ?? []).filter((m) => m.ruleId === 'desk/layers').map((m) => m.message);
  };

  it.each([
    ["import '#desk/journal/open-journal.ts';"],
    ["export * from '#desk/journal/open-journal.ts';"],
    ["export { a } from '#desk/journal/open-journal.ts';"],
    ["await import('#desk/journal/open-journal.ts');"],
    ["import type { A } from '#desk/journal/open-journal.ts';"],
  ])('refuses %s in the engine', async (source) => {
    expect(await complaints('electron/desk/engine/kelly.ts', source)).toHaveLength(1);
  });

  it('refuses raw Electron in the desk and the desk in the renderer', async () => {
    expect(await complaints('electron/desk/desk.ts', "import { app } from 'electron';")).toHaveLength(1);
    expect(await complaints('renderer/src/main.tsx', "import '#desk/serve.ts';")).toHaveLength(1);
  });

  it('lets allowed imports through', async () => {
    expect(await complaints('electron/desk/engine/kelly.ts', "import '#shared/units.ts';")).toEqual([]);
  });
});
