import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BrowserWindow, Rectangle } from 'electron';
import { z } from 'zod';

const stateSchema = z.strictObject({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(1024).max(20_000),
  height: z.number().int().min(700).max(20_000),
  isMaximized: z.boolean(),
});
export type WindowState = z.output<typeof stateSchema>;

/** How much of the window must be on some display for its place to be taken up again. */
const VISIBLE_PX = 200;

/** Reads where the window was. A file that is missing, damaged or of another version is as good as none. */
export function readWindowState(file: string): WindowState | null {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Says whether a remembered place can still be seen: the display it was on may be gone. */
export function isVisibleOn(state: WindowState, displays: readonly { readonly workArea: Rectangle }[]): boolean {
  return displays.some(({ workArea: area }) => {
    const across = Math.min(state.x + state.width, area.x + area.width) - Math.max(state.x, area.x);
    const down = Math.min(state.y + state.height, area.y + area.height) - Math.max(state.y, area.y);
    // The title bar must be reachable, or the window cannot be moved back.
    const hasTitleBar = state.y >= area.y && state.y < area.y + area.height;
    return across >= VISIBLE_PX && down >= VISIBLE_PX && hasTitleBar;
  });
}

/** Writes the window's place when it closes, whole or not at all. Failing to is no reason not to close. */
export function rememberWindow(window: BrowserWindow, file: string): void {
  window.on('close', () => {
    const bounds = window.getNormalBounds();
    const state = { ...bounds, isMaximized: window.isMaximized() };
    try {
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch {
      // The next start opens at the default size.
    }
  });
}
