import path from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { OperationName } from '#shared/contract/index.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import { epochMs } from '#shared/units.ts';
import type { Door } from '#desk/serve.ts';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { alteredDesk, withSnapshot } from '#test/support/altered-desk.ts';
import type { DeskPage } from '#test/support/desk-page.ts';
import { createTestDesk } from '#test/support/test-desk.ts';
import type { Camera } from './camera.ts';

const PAGE = path.resolve(import.meta.dirname, '../../../dist/renderer');

/** A state no healthy simulation is in: the desk that is in it, and what is done before the picture. */
export type StateShot = {
  readonly name: string;
  /** The desk to look at; the test desk at rest when absent. */
  readonly desk?: (desk: Door) => Door;
  readonly pose?: (camera: Pick<Camera, 'desk'>, shell: HttpShell) => Promise<void>;
};

const EMPTY: Partial<DeskSnapshot> = { recommendations: [], positions: [], orders: [], activity: [] };
const older = (ms: number) => (snapshot: DeskSnapshot): DeskSnapshot => ({
  ...snapshot,
  quotes: snapshot.quotes.map((quote) => ({ ...quote, asOf: epochMs(quote.asOf - ms), receivedAt: epochMs(quote.receivedAt - ms) })),
  connections: snapshot.connections.map((one) =>
    one.kind === 'market' ? { ...one, state: 'degraded', lastAt: one.lastAt === null ? null : epochMs(one.lastAt - ms) } : one,
  ),
});
const unreadable = (): never => {
  throw new DeskError({
    code: 'internal',
    message: 'The journal could not be read.',
    incident: '0f3c91ab',
    remedy: 'Run “desk journal verify”; its report names the page.',
  });
};
const failing = (...operations: readonly OperationName[]) => (desk: Door): Door =>
  alteredDesk(desk, Object.fromEntries(operations.map((name) => [name, unreadable])));
const press = (...keys: readonly string[]) => async ({ desk }: Pick<Camera, 'desk'>): Promise<void> => {
  for (const key of keys) await desk.page.keyboard.press(key);
};

/** Every state of the screens that a living simulation does not show by itself. */
export const STATES: readonly StateShot[] = [
  { name: 'desk-open' },
  { name: 'desk-empty', desk: (desk) => withSnapshot(desk, (snapshot) => ({ ...snapshot, ...EMPTY })) },
  { name: 'desk-stale', desk: (desk) => withSnapshot(desk, older(74_000)) },
  {
    name: 'desk-halted',
    desk: (desk) => {
      void desk.handlers['trading.halt']({ reason: 'The day’s loss of 3.04 % passed the 3 % limit.' });
      return desk;
    },
  },
  { name: 'desk-disconnected', pose: (_, shell) => shell.close() },
  {
    name: 'desk-live',
    desk: (desk) =>
      withSnapshot(desk, (snapshot) => ({
        ...snapshot,
        identity: { ...snapshot.identity, profile: 'live', mode: 'live', account: 'U7714-0932', seed: null, isArmed: false },
      })),
  },
  {
    name: 'live-arming',
    desk: (desk) =>
      withSnapshot(desk, (snapshot) => ({
        ...snapshot,
        identity: { ...snapshot.identity, profile: 'live', mode: 'live', account: 'U7714-0932', seed: null, isArmed: false },
      })),
    pose: async ({ desk }) => {
      await desk.page.getByRole('button', { name: 'Arm live trading' }).click();
      await desk.page.getByRole('dialog').getByRole('textbox').fill('U7714-09');
    },
  },
  {
    name: 'desk-starting',
    desk: (desk) =>
      withSnapshot(desk, (snapshot) => ({
        ...snapshot,
        startup: { phase: 'warm-up', done: 41, total: 90, text: 'Trading session 41 of 90 of the simulated history' },
      })),
  },
  { name: 'desk-no-chart', desk: failing('chart.bars') },
  { name: 'desk-reject', pose: press('j', 'k', 'x') },
  { name: 'notices', pose: ({ desk }) => desk.page.getByRole('button', { name: /notice/ }).click() },
  { name: 'performance-failed', desk: failing('performance.history'), pose: press('Control+2') },
  { name: 'backtest-empty', pose: press('Control+3') },
  { name: 'journal-failed', desk: failing('journal.trades', 'journal.summary'), pose: press('Control+4') },
  { name: 'models-failed', desk: failing('models.report'), pose: press('Control+5') },
  {
    name: 'recovery',
    desk: (desk) =>
      alteredDesk(desk, {
        'desk.snapshot': () => {
          throw new DeskError({ code: 'needs-recovery', message: 'The journal cannot be opened.' });
        },
        'recovery.state': () => RECOVERY,
      }),
  },
];

const RECOVERY = {
  folder: '/home/trader/.local/share/kelly-desk/profiles/simulation',
  journal: {
    path: '/home/trader/.local/share/kelly-desk/profiles/simulation/journal.db',
    problem: 'Page 118 of the file is damaged.',
    remedy: 'Restore a backup. The damaged file is kept beside it.',
    copies: [
      {
        ...{ name: 'journal-2026-09-14.db', kind: 'backup' as const, fault: null, lostEvents: 212 },
        ...{ lastAt: epochMs(Date.UTC(2026, 8, 14, 20)), events: 18_204, decisions: 1_086, trades: 204 },
      },
      {
        ...{ name: 'journal-2026-09-11.db', kind: 'backup' as const, fault: 'not a journal', lostEvents: null },
        ...{ lastAt: null, events: 0, decisions: 0, trades: 0 },
      },
    ],
  },
  settings: null,
};

/** Opens the window of a state and brings it there. */
export async function openState(state: StateShot, desk: DeskPage, shell: HttpShell): Promise<void> {
  await desk.page.goto(shell.url);
  await desk.page.getByRole('heading').first().waitFor();
  // A desk that goes away at once takes the fonts with it.
  await desk.page.evaluate(() => document.fonts.ready);
  await state.pose?.({ desk }, shell);
}

/** Serves one state, hands it to `look`, and takes it away again. */
export async function withState(
  state: StateShot,
  look: (shell: HttpShell) => Promise<void>,
  trades = 486,
): Promise<void> {
  const own = createTestDesk({ trades });
  const desk = state.desk?.(own) ?? own;
  const shell = await startHttpShell({ desk, staticFolder: PAGE });
  try {
    await look(shell);
  } finally {
    await shell.close();
    own.close();
  }
}
