import { describe, expect, it } from 'vitest';
import { hasBrowser } from '#test/support/browser.ts';
import { deskInBrowser } from '#test/support/desk-in-browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { type RunningDesk } from '#test/support/running-desk.ts';
import { faultsOf } from '#test/support/screen-checks.ts';

describe.skipIf(!hasBrowser())('commands and keys in a real browser', () => {
  let running: RunningDesk;
  let desk: DeskPage;

  deskInBrowser({ screen: DeskPage, size: { width: 1024, height: 768 } }, (opened) => {
    ({ running, screen: desk } = opened);
  });

  const dialog = (name: string) => desk.page.getByRole('dialog', { name });
  const ask = async (text: string): Promise<void> => {
    await desk.page.keyboard.press('Control+k');
    await dialog('Commands').waitFor();
    await desk.page.keyboard.type(text);
  };

  it('any command is found by its name and run by Enter, screens and symbols included', async () => {
    await ask('journal scr');
    await desk.page.keyboard.press('Enter');
    await desk.page.getByRole('grid', { name: 'Trades' }).waitFor();
    const { recommendations } = await running.desk.handlers['desk.snapshot']({});
    const symbol = recommendations[3]?.symbol ?? '';
    await ask(symbol);
    await desk.page.keyboard.press('Enter');
    await desk.hero
      .getByText(symbol.split('-')[0] ?? '')
      .first()
      .waitFor();
    await ask('what if');
    await desk.page.keyboard.press('Enter');
    await desk.page.getByRole('complementary', { name: 'What if' }).waitFor();
    await ask('trading');
    expect(await faultsOf(desk.page)).toEqual([]);
    await desk.page.keyboard.press('Escape');
    await ask('qqqq');
    await dialog('Commands').getByText('Nothing by that name.').waitFor();
    await desk.page.keyboard.press('Escape');
    expect(await dialog('Commands').count()).toBe(0);
    expect(desk.problems).toEqual([]);
  });

  it.each(['dark', 'light'] as const)(
    'the dialogs of keys, of a changed size and of an export hold in %s',
    async (theme) => {
      await desk.page.emulateMedia({ colorScheme: theme });
      await desk.page.keyboard.press('?');
      await dialog('Keys').waitFor();
      expect(await faultsOf(desk.page)).toEqual([]);
      // Round the dialog from its end: what has the focus is in sight, also where the list has to scroll back for it.
      await dialog('Keys').getByRole('link', { name: 'TradingView' }).focus();
      for (let i = 0; i < 3; i += 1) await desk.page.keyboard.press('Tab');
      const held = dialog('Keys').locator('button:focus');
      expect(await held.getAttribute('aria-label')).toMatch(/^Change the key/);
      const [own, around] = [await held.boundingBox(), await dialog('Keys').boundingBox()];
      expect(own?.y).toBeGreaterThan(around?.y ?? Infinity);
      await desk.page.keyboard.press('Escape');
      const { recommendations } = await running.desk.handlers['desk.snapshot']({});
      const sized = recommendations.find(({ state, decision }) => state === 'proposed' && decision.contracts > 1);
      expect(sized).toBeDefined();
      await desk.select(sized?.symbol.split('-')[0] ?? '');
      await desk.page.keyboard.press('-');
      await desk.page.keyboard.press('Shift+Enter');
      await desk.hero.getByText(/^Why /).first().waitFor();
      expect(await faultsOf(desk.page)).toEqual([]);
      await desk.page.keyboard.press('Escape');
      await desk.showJournal();
      await desk.page.getByRole('grid', { name: 'Trades' }).waitFor();
      await desk.page.keyboard.press('e');
      await dialog('Export').waitFor();
      expect(await faultsOf(desk.page)).toEqual([]);
    },
  );

  it('every splitter moves by keys, is remembered, and goes back with a double click', async () => {
    await desk.page.setViewportSize({ width: 1440, height: 900 });
    const { page } = desk;
    const sides = (name: string): Promise<readonly number[]> =>
      page.getByRole('separator', { name }).evaluate((element) =>
        [element.previousElementSibling, element.nextElementSibling].map((side) => {
          const { width = 0, height = 0 } = side?.getBoundingClientRect() ?? {};
          return Math.round(element.ariaOrientation === 'vertical' ? width : height);
        }),
      );
    const again = async (key: string): Promise<void> => {
      await page.reload();
      await desk.queue.waitFor();
      await page.keyboard.press(key);
    };
    for (const [key, names] of [
      ['Control+1', ['Width of the left column', 'Width of the ladder', 'Height of positions and orders']],
      ['Control+2', ['Width of the verdict', 'Height of the underwater chart']],
      ['Control+3', ['Width of the settings', 'Height of the runs']],
      ['Control+5', ['Width of the right column', 'Height of the details']],
    ] as const) {
      await again(key);
      const first = new Map<string, readonly number[]>();
      // Of the two sides one keeps its size when the room around both changes.
      const moved = async (by: number): Promise<void> => {
        for (const name of names) {
          await page.getByRole('separator', { name }).waitFor();
          const before = first.get(name) ?? [];
          const changes = (await sides(name)).map((size, i) => Math.abs(size - (before[i] ?? NaN)));
          expect(Math.min(...changes), name).toBe(by);
        }
      };
      for (const name of names) {
        await page.getByRole('separator', { name }).waitFor();
        first.set(name, await sides(name));
      }
      for (const name of names) {
        const held = await sides(name);
        const [back, on] = name.startsWith('Width')
          ? (['ArrowLeft', 'ArrowRight'] as const)
          : (['ArrowUp', 'ArrowDown'] as const);
        await page.getByRole('separator', { name }).focus();
        await page.keyboard.press(on);
        if (String(await sides(name)) === String(held)) await page.keyboard.press(back);
      }
      await moved(8);
      await again(key);
      await moved(8);
      for (const name of names) await page.getByRole('separator', { name }).dblclick();
      await moved(0);
      await again(key);
      await moved(0);
    }
    expect(desk.problems).toEqual([]);
  });

  it('nothing moves for who asked for less motion: drawers, messages, countdowns and charts on any screen', async () => {
    await desk.page.emulateMedia({ reducedMotion: 'reduce' });
    const moving = () =>
      desk.page.evaluate(() =>
        [...document.querySelectorAll('*')].flatMap((element) => {
          const { transitionDuration, animationDuration, animationName } = getComputedStyle(element);
          const longest = `${transitionDuration},${animationName === 'none' ? '0s' : animationDuration}`
            .split(',')
            .map((text) => parseFloat(text) * (text.includes('ms') ? 1 : 1000));
          return Math.max(...longest) > 1 ? [`${element.tagName} ${element.className}`] : [];
        }),
      );
    expect(await moving()).toEqual([]);
    await desk.page.keyboard.press('w');
    await desk.page.getByRole('complementary', { name: 'What if' }).waitFor();
    await ask('');
    expect(await moving()).toEqual([]);
    await desk.page.keyboard.press('Escape');
    await desk.page.keyboard.press('Escape');
    await desk.page.keyboard.press('Control+2');
    await desk.picture('kelly-desk-equity-');
    await desk.page
      .getByText(/^Exported /)
      .first()
      .waitFor();
    for (const key of ['2', '3', '4', '5', '6']) {
      await desk.page.keyboard.press(`Control+${key}`);
      await desk.page.getByRole('heading', { level: 1 }).waitFor();
      expect(await moving()).toEqual([]);
    }
    const running = await desk.page.evaluate(
      () => document.getAnimations().filter((one) => Number(one.effect?.getComputedTiming().duration) > 1).length,
    );
    expect(running).toBe(0);
  });

  it('F8 halts from inside the palette', async () => {
    await ask('any');
    await desk.page.keyboard.press('F8');
    await expect
      .poll(async () => (await running.desk.handlers['risk.metrics']({})).risk.tradingState, { timeout: 15_000 })
      .toBe('halted');
  });

  it('a key is changed by pressing another, refused where it is taken, and kept over a reload', async () => {
    await desk.page.keyboard.press('?');
    const row = dialog('Keys').getByRole('button', { name: /^Change the key: What if/ });
    await row.click();
    await desk.page.keyboard.press('x');
    await dialog('Keys').getByRole('alert').filter({ hasText: 'Reject' }).waitFor();
    await row.click();
    await desk.page.keyboard.press('q');
    await desk.page.keyboard.press('Escape');
    await desk.page.reload();
    await desk.queue.waitFor();
    await desk.page.keyboard.press('w');
    expect(await desk.page.getByRole('complementary', { name: 'What if' }).count()).toBe(0);
    await desk.page.keyboard.press('q');
    await desk.page.getByRole('complementary', { name: 'What if' }).waitFor();
    expect(desk.problems).toEqual([]);
  });
});
