import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isVisibleOn, readWindowState } from '#shells/electron/window-state.ts';

const place = { x: 100, y: 80, width: 1440, height: 900, isMaximized: false };
const display = (x: number, y: number) => ({ workArea: { x, y, width: 1920, height: 1040 } });
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'desk-window-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the remembered place of the window', () => {
  it.each([
    ['is on the display', place, [display(0, 0)], true],
    ['is on the second display', { ...place, x: 2000 }, [display(0, 0), display(1920, 0)], true],
    ['was on a display that is gone', { ...place, x: 2000 }, [display(0, 0)], false],
    ['has its title bar above the display', { ...place, y: -300 }, [display(0, 0)], false],
    ['shows a sliver only', { ...place, x: 1900 }, [display(0, 0)], false],
    ['has no display at all', place, [], false],
  ])('that %s: %#', (_name, state, displays, isSeen) => {
    expect(isVisibleOn(state, displays)).toBe(isSeen);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"x":1}',
    JSON.stringify({ ...place, width: 3 }),
    JSON.stringify({ ...place, z: 1 }),
  ])('is none where the file says %j', (text) => {
    const file = path.join(folder, 'window.json');
    writeFileSync(file, text);
    expect(readWindowState(file)).toBeNull();
  });

  it('is none where there is no file', () => {
    expect(readWindowState(path.join(folder, 'absent.json'))).toBeNull();
  });
});
