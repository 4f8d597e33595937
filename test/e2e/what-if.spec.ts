import { statSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { hasBrowser } from '#test/support/browser.ts';
import { deskInBrowser } from '#test/support/desk-in-browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { type RunningDesk } from '#test/support/running-desk.ts';
import { axeOn, settle } from '#test/support/screen-checks.ts';

describe.skipIf(!hasBrowser())('lines and what-ifs in a real browser', () => {
  let running: RunningDesk;
  let desk: DeskPage;

  deskInBrowser({ screen: DeskPage, isDeskForEach: true }, (opened) => {
    ({ running, screen: desk } = opened);
  });

  const get = (id: string) => running.desk.handlers['recommendation.get']({ id });
  const selectFirst = async () => {
    const { recommendations } = await running.desk.handlers['desk.snapshot']({});
    const [proposal] = recommendations
      .filter((r) => r.state === 'proposed')
      .sort((a, b) => b.decision.contracts - a.decision.contracts);
    if (proposal === undefined) throw new Error('nothing is proposed');
    await desk.select(proposal.symbol.split('-')[0] ?? '');
    return proposal;
  };
  const drawer = (): Locator => desk.page.getByRole('complementary', { name: 'What if' });

  it('a stop moved by keyboard resizes, asks why, and goes out with the order', async () => {
    const proposal = await selectFirst();
    await desk.page.keyboard.press('w');
    const stop = drawer().getByRole('spinbutton', { name: 'Stop' });
    await stop.focus();
    for (let i = 0; i < 3; i += 1)
      await desk.page.keyboard.press(proposal.decision.direction > 0 ? 'ArrowDown' : 'ArrowUp');
    const moved = (proposal.stop ?? 0) - 3 * proposal.decision.direction;
    await desk.hero.getByText('lines moved').waitFor();
    expect(await stop.getAttribute('aria-valuenow')).toBe(String(moved));
    await desk.page.keyboard.press('Escape');
    expect(await drawer().count()).toBe(0);
    const form = desk.page.getByRole('form', { name: 'Why another size' });
    // The desk sizes the moved lines first: until that size has come it says so and asks nothing.
    await expect
      .poll(
        async () => {
          if (!(await form.isVisible())) await desk.page.keyboard.press('Shift+Enter');
          return form.isVisible();
        },
        { timeout: 15_000 },
      )
      .toBe(true);
    await desk.page.keyboard.press('2');
    await desk.page.keyboard.press('Shift+Enter');
    await expect.poll(async () => (await get(proposal.id)).state, { timeout: 15_000 }).toBe('overridden');
    expect(await get(proposal.id)).toMatchObject({ stop: moved, reason: { code: 'range' } });
    const { orders } = await running.desk.handlers['desk.snapshot']({});
    expect(orders.find((o) => o.recommendationId === proposal.id && o.role === 'stop')?.price).toBe(moved);
    expect(desk.problems).toEqual([]);
  });

  it('a line dragged on the chart moves, and comes back', async () => {
    const proposal = await selectFirst();
    const chart = desk.page.getByRole('img', { name: /^Price chart of/ });
    const box = await chart.boundingBox();
    if (box === null) throw new Error('the chart is not shown');
    // The stop is the lowest or the highest line: the pointer looks for it where the cursor changes.
    const x = box.x + box.width / 3;
    const ys = Array.from({ length: Math.floor(box.height / 3) }, (_, i) => box.y + i * 3);
    const found: number[] = [];
    for (const y of ys) {
      await desk.page.mouse.move(x, y);
      if (await chart.evaluate((element) => element.classList.contains('canDrag'))) found.push(y);
    }
    const from = proposal.decision.direction > 0 ? Math.max(...found) : Math.min(...found);
    const away = from + 12 * proposal.decision.direction;
    await desk.page.mouse.move(x, from);
    await desk.page.mouse.down();
    await desk.page.mouse.move(x, away, { steps: 4 });
    await desk.page.mouse.up();
    await desk.hero.getByText('lines moved').waitFor();
    await desk.page.getByRole('button', { name: 'Lines as recommended' }).click();
    await desk.hero.getByText('lines moved').waitFor({ state: 'detached' });
    expect((await get(proposal.id)).stop).toBe(proposal.stop);
    expect(desk.problems).toEqual([]);
  });

  it('tells the figures of any bar by pointer and by keyboard, shows a stretch, and saves the picture', async () => {
    await selectFirst();
    const { page } = desk;
    const panel = page.locator('section[aria-labelledby="chart-title"]');
    const range = panel.getByRole('button', { name: 'Last hour' });
    await range.click();
    expect(await range.getAttribute('aria-pressed')).toBe('true');
    const box = await panel.getByRole('img', { name: /^Price chart of/ }).boundingBox();
    if (box === null) throw new Error('the chart is not shown');
    const readout = panel.locator('table').filter({ hasText: 'Open' });
    await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
    await readout.waitFor();
    expect(await readout.innerText()).toMatch(/Open.+High.+Low.+Close.+Change/s);
    // A trader who zooms has left the stretch.
    await page.mouse.wheel(0, -200);
    await expect.poll(() => range.getAttribute('aria-pressed')).toBe('false');
    const slider = panel.getByRole('slider', { name: /^Bars of/ });
    await slider.focus();
    const said = await slider.getAttribute('aria-valuetext');
    expect(said).toMatch(
      /^\d+ \w{3}, \d\d:\d\d: Open [\d,.]+, High [\d,.]+, Low [\d,.]+, Close [\d,.]+, Change [+−]?[\d.]+/,
    );
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).not.toBe(said);
    await readout.waitFor();
    const started = page.waitForEvent('download');
    await panel.getByRole('button', { name: /saves the picture/ }).press('Enter');
    const file = await started;
    expect(file.suggestedFilename()).toMatch(/^kelly-desk-[\w.-]+\.png$/);
    expect(statSync(await file.path()).size).toBeGreaterThan(5_000);
    expect(desk.problems).toEqual([]);
  });

  it('an assumption moves the ladder of the drawer and nothing else', async () => {
    const proposal = await selectFirst();
    await desk.page.getByRole('button', { name: 'What if' }).click();
    await drawer().getByRole('spinbutton', { name: 'Win probability p' }).fill('40');
    await drawer().getByText('No trade in').first().waitFor();
    await desk.approve.waitFor();
    expect(await desk.approve.innerText()).toContain(`Approve ${proposal.decision.contracts}`);
    await drawer().getByRole('button', { name: 'Reset' }).click();
    await drawer().getByText(`recommended ${proposal.decision.contracts}`).waitFor();
    expect(await drawer().getByRole('spinbutton', { name: 'Win probability p' }).inputValue()).toBe('');
    for (const theme of ['dark', 'light']) {
      await desk.page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
      await settle(desk.page);
      const { violations } = await axeOn(desk.page).include('aside').analyze();
      expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
    }
    expect(desk.problems).toEqual([]);
  });
});
