import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensurePage } from '#shells/cli/page-build.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

/** A folder as an installation from source, whose build tool runs a script of its own. */
function installation(vite: string) {
  const root = temporaryFolder();
  for (const folder of ['node_modules/vite/bin', 'renderer']) mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(path.join(root, 'renderer/index.html'), 'source');
  writeFileSync(path.join(root, 'node_modules/vite/bin/vite.js'), vite);
  const said: string[] = [];
  const output = { out: () => undefined, err: (text: string) => void said.push(text), isTerminal: false };
  const page = path.join(root, 'dist/renderer/index.html');
  const built = (): void => {
    mkdirSync(path.dirname(page), { recursive: true });
    writeFileSync(page, 'built');
  };
  return { root, page, built, said, build: () => ensurePage(root, output) };
}

/** As a build tool ends whose native part is not installed. */
const BROKEN = 'throw new Error("Cannot find native binding.", { cause: new Error("no module") });';

describe('the page of an installation from source', () => {
  it('is built once', async () => {
    const { page, build, said } = installation(
      "require('fs').mkdirSync('dist/renderer', { recursive: true }); require('fs').writeFileSync('dist/renderer/index.html', '')",
    );
    await build();
    await build();
    expect(existsSync(page)).toBe(true);
    expect(said).toHaveLength(1);
  });

  it('that cannot be built says what is wrong and what to do', async () => {
    await expect(installation(BROKEN).build()).rejects.toMatchObject({
      data: {
        code: 'refused',
        message: 'the page could not be built: Error: Cannot find native binding.',
        remedy: expect.stringContaining('npm ci') as string,
      },
    });
  });

  it('that cannot be rebuilt is the last one, and that is said', async () => {
    const { root, built, build, said } = installation(BROKEN);
    built();
    const later = Date.now() / 1_000 + 60;
    utimesSync(path.join(root, 'renderer/index.html'), later, later);
    await build();
    expect(said.at(-1)).toBe(
      'the page could not be rebuilt, the last build is used: Error: Cannot find native binding.',
    );
  });
});
