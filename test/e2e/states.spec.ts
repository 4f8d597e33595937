import path from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeskError } from '#shared/contract/errors.ts';
import type { OperationName } from '#shared/contract/index.ts';
import type { Door } from '#desk/serve.ts';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { alteredDesk, withSnapshot } from '#test/support/altered-desk.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { namelessFiguresOf } from '#test/support/nameless-figures.ts';
import { overlapsOf } from '#test/support/overlaps.ts';
import { faultsOf, wordFaultsOf } from '#test/support/screen-checks.ts';
import { openState, STATES, withState } from '#test/support/screenshots/states.ts';
import { rounds } from '#test/support/scale.ts';
import { createTestDesk } from '#test/support/test-desk.ts';

const PAGE = path.resolve(import.meta.dirname, '../../dist/renderer');

/** Each state has one look: both themes and both sizes take turns. */
const LOOKS = [
  { colorScheme: 'dark', width: 1440, height: 900 },
  { colorScheme: 'light', width: 1024, height: 768 },
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 1024, height: 768 },
] as const;

/** What other specs walk through is here for its picture: a scale of 2 or more looks at all. */
const SEEN = STATES.filter(({ isForPicture }) => isForPicture !== true || rounds(1) > 1);

/** States that no other spec has axe look at; a scale of 2 or more has it look at all. */
const HEARD = new Set([
  ...['desk-stale', 'desk-halted', 'desk-disconnected', 'desk-starting'],
  ...['desk-reject', 'live-arming', 'notices', 'journal-failed'],
]);

describe.skipIf(!hasBrowser())('every state of the screens, in a real browser', () => {
  let browser: Browser;
  let desk: DeskPage;
  beforeAll(async () => {
    browser = await launchBrowser();
    desk = new DeskPage(await (await browser.newContext()).newPage());
  });
  afterAll(() => browser.close());

  it.each(SEEN.map((state, i) => [state.name, state, i] as const))('%s', async (_, state, i) => {
    const { colorScheme, ...size } = LOOKS[i % LOOKS.length] ?? LOOKS[0];
    await desk.page.emulateMedia({ colorScheme });
    await desk.page.setViewportSize(size);
    const look = async (shell: HttpShell): Promise<void> => {
      await openState(state, desk, shell);
      await desk.page.waitForTimeout(300);
      const isHeard = rounds(1) > 1 || HEARD.has(state.name);
      expect(await (isHeard ? faultsOf : wordFaultsOf)(desk.page)).toEqual([]);
    };
    await withState(state, look, 60);
  });

  it('says on every screen what is read, what failed and what still works, and how old it is without the desk', async () => {
    const READ: readonly OperationName[] = [
      ...(['performance.history', 'backtest.runs', 'backtest.offer'] as const),
      ...(['journal.trades', 'journal.summary', 'models.report', 'settings.read'] as const),
    ];
    let state: 'waits' | 'fails' | 'answers' = 'waits';
    const answer = (output: unknown): unknown => {
      if (state === 'waits') return new Promise(() => undefined);
      if (state === 'answers') return output;
      throw new DeskError({ code: 'internal', message: 'the journal did not answer', incident: 'a1' });
    };
    const own = createTestDesk({ trades: 60 });
    const shell = await startHttpShell({
      desk: alteredDesk(own, Object.fromEntries(READ.map((name) => [name, answer]))),
      staticFolder: PAGE,
    });
    const { page } = desk;
    const main = page.getByRole('main');
    const visit = async (told: Locator): Promise<void> => {
      for (const key of ['2', '3', '4', '5', '6']) {
        await page.keyboard.press(`Control+${key}`);
        await told.first().waitFor();
        expect(await wordFaultsOf(page)).toEqual([]);
      }
    };
    try {
      await desk.open(shell.url);
      await visit(main.getByRole('status', { name: /^(Reading|Reckoning) / }));
      state = 'fails';
      await page.reload();
      await desk.queue.waitFor();
      await visit(main.getByRole('button', { name: 'Try again' }));
      state = 'answers';
      await page.reload();
      await desk.queue.waitFor();
      await visit(main.locator('table, [role="grid"], [role="img"], button'));
      await shell.close();
      await page.getByText('Desk out of reach for').first().waitFor();
      await visit(main.getByText(/Last known|desk is not there|desk answers/));
    } finally {
      await shell.close();
      own.close();
    }
  });

  it('says of a connection that failed what is wrong with it, and what to do', async () => {
    const detail = 'nothing listens there: is the DTC server on, and is this its port?';
    const notice = {
      ...{
        id: 'broker-connection',
        level: 'error' as const,
        title: 'The broker cannot be reached; no entries',
        detail,
      },
      remedy: 'The desk goes on trying. Orders at the broker work without it; stops that this desk sends do not.',
    };
    const broken = (door: Door): Door =>
      withSnapshot(door, (snapshot) => ({
        ...snapshot,
        connections: snapshot.connections.map((one) =>
          one.kind === 'broker'
            ? { ...one, state: 'disconnected' as const, detail }
            : one.kind === 'model'
              ? { ...one, state: 'degraded' as const, detail: 'The answer is not JSON: it is empty.' }
              : one,
        ),
        notices: [{ ...notice, at: snapshot.risk.asOf }],
      }));
    const { page } = desk;
    await page.setViewportSize({ width: 1440, height: 900 });
    await withState(
      { name: 'broker-away', desk: broken },
      async (shell) => {
        await desk.open(shell.url);
        const cell = page.getByRole('group', { name: 'Connections' }).getByRole('img', { name: / down, last message/ });
        await cell.first().waitFor();
        expect(await cell.first().getAttribute('aria-label')).toContain(detail);
        await page
          .getByRole('img', { name: /^LSTM degraded, .*The answer is not JSON: it is empty\.$/i })
          .first()
          .waitFor();
        await page.getByRole('button', { name: /notice/ }).click();
        const dialog = page.getByRole('dialog');
        for (const words of [notice.title, detail, `To clear it: ${notice.remedy}`])
          await dialog.getByText(words).waitFor();
        expect(await wordFaultsOf(page)).toEqual([]);
      },
      60,
    );
  });

  it('sees words that stand on other words', async () => {
    await desk.page.goto('about:blank');
    await desk.page.setContent('<p style="margin:0">one</p><p style="margin:-14px 0 0">two</p><p>three</p>');
    expect(await overlapsOf(desk.page)).toEqual(['“one” stands on “two”']);
  });

  it('hears figures that nothing names', async () => {
    await desk.page.setContent(`<main><div><div><div><div><b>4.02 %</b></div></div></div></div>
      <p>Heat <b>2.86 %</b></p><dl><div><dt>Brier</dt><dd>0.238</dd></div></dl>
      <table><thead><tr><th></th><th>Growth</th></tr></thead><tbody><tr><td>7</td><td>1.5</td></tr></tbody></table></main>`);
    expect(await namelessFiguresOf(desk.page)).toEqual(['“4.02 %” has no name in ', '“7” has no name in ']);
  });
});
