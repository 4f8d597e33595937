import type { BrowserContext } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { hasBrowser } from '#test/support/browser.ts';
import { deskInBrowser } from '#test/support/desk-in-browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { type RunningDesk } from '#test/support/running-desk.ts';
import { faultsOf, LOOKS } from '#test/support/screen-checks.ts';

describe.skipIf(!hasBrowser())('the desk in a real browser', () => {
  let running: RunningDesk;
  let desk: DeskPage;
  let context: BrowserContext;

  deskInBrowser({ screen: DeskPage, isDeskForEach: true }, (opened) => {
    ({ running, context, screen: desk } = opened);
  });

  const snapshot = () => running.desk.handlers['desk.snapshot']({});
  const proposals = async () => (await snapshot()).recommendations.filter((r) => r.state === 'proposed');
  const short = (symbol: string): string => symbol.split('-')[0] ?? symbol;
  const first = async () => {
    const [proposal] = (await proposals()).sort((a, b) => b.decision.contracts - a.decision.contracts);
    if (proposal === undefined) throw new Error('nothing is proposed');
    return proposal;
  };
  const statusOf = async (id: string) => (await running.desk.handlers['recommendation.get']({ id })).state;

  it('shows a living desk: mode, queue, ladder, chart, gauges, and no token in the address', async () => {
    expect(desk.page.url()).not.toContain('token');
    await desk.page.getByText('SIM', { exact: true }).waitFor();
    expect(await desk.queue.getByRole('option').count()).toBe(6);
    const proposal = await first();
    await desk.select(short(proposal.symbol));
    await desk.page.getByRole('region', { name: 'Contracts each limit allows' }).waitFor();
    await desk.page.getByRole('img', { name: new RegExp('^Price chart of') }).waitFor();
    expect(await desk.text()).toMatch(/Heat/);
    expect(desk.problems).toEqual([]);
  });

  it('draws the crosshair for the pointer and for the keyboard, and what stands at rest without its layers', async () => {
    await desk.select(short((await first()).symbol));
    const chart = desk.page.getByRole('img', { name: new RegExp('^Price chart of') });
    const layers = chart.locator('td canvas:nth-of-type(2)');
    await layers.first().waitFor({ state: 'attached' });
    const opacities = () => layers.evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).opacity))]);
    /** Whether anything is painted on the layers of the crosshair. */
    const isPainted = () =>
      layers.evaluateAll((all) =>
        all.some((one) => {
          const { width, height } = one as HTMLCanvasElement;
          // Read from a copy: the chart's own layers stay as they are.
          const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
          copy?.drawImage(one as HTMLCanvasElement, 0, 0);
          return copy?.getImageData(0, 0, width, height).data.some((value) => value !== 0) ?? false;
        }),
      );
    await expect.poll(opacities).toEqual(['0']);
    await expect.poll(isPainted).toBe(false);
    await chart.hover();
    await expect.poll(opacities).toEqual(['1']);
    await expect.poll(isPainted).toBe(true);
    await desk.page.mouse.move(2, 2);
    await expect.poll(opacities).toEqual(['0']);
    await expect.poll(isPainted).toBe(false);
    const bars = desk.page.getByRole('slider', { name: /^Bars of/ });
    await bars.focus();
    await bars.press('ArrowLeft');
    await expect.poll(opacities).toEqual(['1']);
    await expect.poll(isPainted).toBe(true);
    expect(desk.problems).toEqual([]);
  });

  it('approves with one click: one entry order, a fill, a position with its stop, and a journal that verifies', async () => {
    const proposal = await first();
    await desk.select(short(proposal.symbol));
    await desk.approve.dblclick();
    await expect.poll(() => statusOf(proposal.id), { timeout: 15_000 }).toBe('approved');
    await expect.poll(async () => (await snapshot()).positions.length, { timeout: 30_000 }).toBe(1);
    const [position] = (await snapshot()).positions;
    expect(Math.abs(position?.quantity ?? 0)).toBe(proposal.decision.contracts);
    expect(position?.stop).toBe(proposal.stop);
    const entries = (await snapshot()).orders.filter((o) => o.recommendationId === proposal.id && o.role === 'entry');
    expect(entries).toHaveLength(1);
    await desk.positions.getByText(short(proposal.symbol)).first().waitFor();
    await desk.activity.getByText('Filled').first().waitFor();
    expect(desk.problems).toEqual([]);
  });

  it('changes the contracts with a reason, which is journaled as an override', async () => {
    const proposal = await first();
    expect(proposal.decision.contracts).toBeGreaterThan(1);
    await desk.select(short(proposal.symbol));
    await desk.page.keyboard.press('-');
    await desk.page.getByRole('form', { name: 'Why another size' }).waitFor();
    await desk.page.keyboard.press('1');
    await desk.page.keyboard.press('Shift+Enter');
    await expect.poll(() => statusOf(proposal.id), { timeout: 15_000 }).toBe('overridden');
    const ended = await running.desk.handlers['recommendation.get']({ id: proposal.id });
    expect(ended).toMatchObject({
      approvedContracts: proposal.decision.contracts - 1,
      reason: { code: 'news' },
      actor: 'trader',
    });
  });

  it('rejects by keyboard with a reason, and sends nothing', async () => {
    const proposal = await first();
    await desk.select(short(proposal.symbol));
    await desk.page.keyboard.press('x');
    await desk.page.keyboard.press('2');
    await expect.poll(() => statusOf(proposal.id), { timeout: 15_000 }).toBe('rejected');
    expect((await snapshot()).orders.filter((o) => o.recommendationId === proposal.id)).toEqual([]);
  });

  it('goes from a new recommendation to a filled order and a flat position without a mouse', async () => {
    await desk.page.keyboard.press('j');
    await desk.page.keyboard.press('k');
    const before = await proposals();
    await desk.page.keyboard.press('Shift+Enter');
    await expect.poll(async () => (await snapshot()).positions.length, { timeout: 30_000 }).toBe(1);
    const [position] = (await snapshot()).positions;
    expect(before.map((r) => r.symbol)).toContain(position?.symbol);
    await desk.positions
      .getByText(short(position?.symbol ?? ''))
      .first()
      .waitFor();
    await desk.page.keyboard.press('p');
    await desk.page.keyboard.press('f');
    await desk.page.keyboard.press('Enter');
    await expect.poll(async () => (await snapshot()).positions.length, { timeout: 30_000 }).toBe(0);
    expect((await snapshot()).orders.filter((o) => ['created', 'sent', 'acked', 'working'].includes(o.life))).toEqual(
      [],
    );
  });

  it('halts with one key, refuses entries meanwhile, and resumes with a reason', async () => {
    await desk.page.keyboard.press('F8');
    await expect.poll(async () => (await snapshot()).risk.tradingState).toBe('halted');
    await desk.page.getByRole('region', { name: 'Trading state' }).waitFor();
    expect(await desk.text()).toContain('HALTED');
    const proposal = await first();
    await expect(
      Promise.resolve().then(() =>
        running.desk.handlers['recommendation.approve']({ id: proposal.id, contracts: proposal.decision.contracts }),
      ),
    ).rejects.toMatchObject({ data: { code: 'refused' } });
    await desk.page
      .getByRole('button', { name: /Resume/ })
      .first()
      .click();
    const dialog = desk.page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('checked');
    await dialog.getByRole('button', { name: /Resume/ }).click();
    await expect.poll(async () => (await snapshot()).risk.tradingState).toBe('active');
  });

  it('has nothing to mend in both themes and sizes, nor any screen in high contrast', async () => {
    const { page } = desk;
    for (const [colorScheme, width, height] of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(300);
      expect(await faultsOf(page), `${colorScheme} ${width}`).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'dark', contrast: 'more' });
    for (const screen of [1, 2, 3, 4, 5, 6]) {
      await page.keyboard.press(`Control+${screen}`);
      await page
        .getByRole('status', { name: /^(Reading|Reckoning|Opening) / })
        .first()
        .waitFor({ state: 'detached' });
      expect(await faultsOf(page), `screen ${screen} in high contrast`).toEqual([]);
    }
    expect(desk.problems).toEqual([]);
  });

  it('survives a reload and a second window, both live', async () => {
    await desk.page.reload();
    await desk.queue.waitFor();
    const other = new DeskPage(await context.newPage());
    await other.open(running.shell.url);
    expect(await other.queue.getByRole('option').count()).toBe(6);
    await other.page.close();
  });
});
