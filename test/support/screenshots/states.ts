import path from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { OperationName } from '#shared/contract/index.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import { epochMs } from '#shared/units.ts';
import type { Door } from '#desk/serve.ts';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { alteredDesk, withSnapshot } from '#test/support/altered-desk.ts';
import type { DeskPage } from '#test/support/desk-page.ts';
import { crowdAt } from '#test/support/streaming-desk.ts';
import { createTestDesk } from '#test/support/test-desk.ts';
import type { Camera } from './camera.ts';

const PAGE = path.resolve(import.meta.dirname, '../../../dist/renderer');

/** A state no healthy simulation is in: the desk that is in it, and what is done before the picture. */
export type StateShot = {
  readonly name: string;
  /** The desk to look at; the test desk at rest when absent. */
  readonly desk?: (desk: Door) => Door;
  readonly pose?: (camera: Pick<Camera, 'desk'>, shell: HttpShell) => Promise<void>;
  /** Trades of the journal; many when absent. */
  readonly trades?: number;
  /** What another spec walks through already: here for its picture, and looked at only where every state is. */
  readonly isForPicture?: true;
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
const waiting = (...operations: readonly OperationName[]) => (desk: Door): Door => ({
  ...desk,
  handlers: { ...desk.handlers, ...Object.fromEntries(operations.map((name) => [name, () => new Promise(() => undefined)])) },
});
const press = (...keys: readonly string[]) => async ({ desk }: Pick<Camera, 'desk'>): Promise<void> => {
  for (const key of keys) await desk.page.keyboard.press(key);
};

const live = (desk: Door, isArmed: boolean): Door =>
  withSnapshot(desk, (snapshot) => ({
    ...snapshot,
    identity: { ...snapshot.identity, profile: 'live', mode: 'live', account: 'U7714-0932', seed: null, isArmed },
  }));
const halted = (desk: Door): Door => {
  void desk.handlers['trading.halt']({ reason: 'The day’s loss of 3.04 % passed the 3 % limit.' });
  return desk;
};
const expired = (snapshot: DeskSnapshot): DeskSnapshot => ({
  ...snapshot,
  recommendations: snapshot.recommendations.map((one) =>
    one.state === 'proposed' ? { ...one, state: 'expired', expiresAt: epochMs(one.createdAt - 5_000) } : one,
  ),
});
const clicked = (...names: readonly (string | RegExp)[]) => async ({ desk }: Pick<Camera, 'desk'>): Promise<void> => {
  for (const name of names) await desk.page.getByRole('button', { name }).first().click();
};

/** Every state of the screens that a living simulation does not show by itself. */
export const STATES: readonly StateShot[] = [
  { name: 'desk-open' },
  { name: 'desk-empty', desk: (desk) => withSnapshot(desk, (snapshot) => ({ ...snapshot, ...EMPTY })) },
  { name: 'desk-stale', desk: (desk) => withSnapshot(desk, older(74_000)) },
  {
    name: 'desk-halted',
    desk: halted,
  },
  { name: 'desk-disconnected', pose: (_, shell) => shell.close() },
  {
    name: 'desk-live',
    desk: (desk) => live(desk, false),
  },
  {
    name: 'live-arming',
    desk: (desk) => live(desk, false),
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
  { name: 'desk-change-size', pose: press('-', '-') },
  { name: 'desk-expired', desk: (desk) => withSnapshot(desk, expired) },
  {
    name: 'desk-paper',
    desk: (desk) =>
      withSnapshot(desk, (snapshot) => ({
        ...snapshot,
        identity: { ...snapshot.identity, profile: 'paper', mode: 'paper', account: 'PA31-0932', seed: null },
      })),
    isForPicture: true,
  },
  // The second key of an approval in live stands for 3 s.
  { name: 'desk-second-key', desk: (desk) => live(desk, true), pose: press('Shift+Enter'), isForPicture: true },
  {
    name: 'desk-moved',
    pose: async ({ desk }) => {
      await desk.page.keyboard.press('w');
      const up = desk.page.getByRole('button', { name: 'Stop one tick up' });
      for (let i = 0; i < 5; i += 1) await up.click();
    },
    isForPicture: true,
  },
  { name: 'desk-orders', pose: press('o', 'j'), isForPicture: true },
  { name: 'desk-flatten', pose: press('p', 'j', 'f'), isForPicture: true },
  { name: 'desk-toast', pose: press('Shift+Enter'), isForPicture: true },
  {
    name: 'desk-crowd',
    desk: (desk) =>
      withSnapshot(desk, (snapshot) => ({ ...snapshot, recommendations: [...crowdAt(500, snapshot.risk.asOf)] })),
    isForPicture: true,
  },
  {
    name: 'doubt',
    pose: async (camera) => {
      // In a small window the orders are behind a tab.
      await press('o')(camera);
      await clicked(/order is in doubt/)(camera);
    },
    isForPicture: true,
  },
  { name: 'flatten-all', desk: halted, pose: clicked(/^Flatten all/), isForPicture: true },
  { name: 'resume', desk: halted, pose: clicked('Resume trading'), isForPicture: true },
  {
    name: 'tour',
    pose: async ({ desk }) => {
      await desk.page.keyboard.press('?');
      await desk.page.getByRole('button', { name: 'Show the tour' }).click();
    },
    isForPicture: true,
  },
  {
    name: 'desk-waiting',
    desk: waiting('desk.snapshot'),
    isForPicture: true,
  },
  { name: 'notices', pose: ({ desk }) => desk.page.getByRole('button', { name: /notice/ }).click() },
  { name: 'performance-failed', desk: failing('performance.history'), pose: press('Control+2') },
  { name: 'backtest-empty', pose: press('Control+3') },
  { name: 'journal-failed', desk: failing('journal.trades', 'journal.summary'), pose: press('Control+4') },
  { name: 'journal-empty', trades: 0, pose: press('Control+4') },
  { name: 'journal-filter', pose: async (camera) => {
      await press('Control+4')(camera);
      await clicked('Filter')(camera);
    }, isForPicture: true },
  { name: 'journal-export', pose: press('Control+4', 'e'), isForPicture: true },
  { name: 'journal-waiting', desk: waiting('journal.trades', 'journal.summary'), pose: press('Control+4'), isForPicture: true },
  { name: 'performance-waiting', desk: waiting('performance.history'), pose: press('Control+2'), isForPicture: true },
  { name: 'models-waiting', desk: waiting('models.report'), pose: press('Control+5'), isForPicture: true },
  {
    name: 'performance-empty',
    desk: (desk) => alteredDesk(desk, { 'performance.history': (history) => ({ ...history, points: [], from: null, to: null }) }),
    pose: press('Control+2'),
    isForPicture: true,
  },
  { name: 'settings-failed', desk: failing('settings.read'), pose: press('Control+6'), isForPicture: true },
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
  await desk.page.locator('h1, h2, main [role="status"], [role="status"] p').first().waitFor();
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
  const own = createTestDesk({ trades: state.trades ?? trades });
  const desk = state.desk?.(own) ?? own;
  const shell = await startHttpShell({ desk, staticFolder: PAGE });
  try {
    await look(shell);
  } finally {
    await shell.close();
    own.close();
  }
}
