import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { countText, numberText, signedPercentText } from '#shared/format/numbers.ts';
import { DeskError } from '#shared/contract/errors.ts';
import type { ModelsReport } from '#shared/domain/models.ts';
import { epochMs } from '#shared/units.ts';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { deskInBrowser } from '#test/support/desk-in-browser.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { modelsAt } from '#test/support/desk-fixtures/models.ts';
import { ModelsPage } from '#test/support/models-page.ts';
import { type RunningDesk } from '#test/support/running-desk.ts';
import { faultsOf, LOOKS } from '#test/support/screen-checks.ts';
import { createTestDesk, type TestDesk } from '#test/support/test-desk.ts';

const PAGE = path.resolve(import.meta.dirname, '../../dist/renderer');

describe.skipIf(!hasBrowser())('the Models screen on the simulation', () => {
  let running: RunningDesk;
  let models: ModelsPage;

  deskInBrowser({ screen: ModelsPage }, async (opened) => {
    ({ running, screen: models } = opened);
    await models.show();
    await models.reliability.waitFor();
  });
  const report = () => running.desk.handlers['models.report']({});

  it('shows the figures of the journal, for the pool and for each model', async () => {
    const { models: scored, stopped } = await report();
    const pooled = scored[0];
    expect(pooled?.resolved).toBeGreaterThan(100);
    await expect.poll(() => models.figure('Resolved')).toBe(countText(pooled?.resolved));
    expect(await models.figure('Brier')).toBe(numberText(pooled?.scores?.brier, 3));
    expect(await models.scores.getByRole('row').count()).toBe(4);
    for (const name of ['LSTM', 'Ensemble']) {
      await models.reliability.getByRole('button', { name }).click();
      await models.reliability.getByRole('img', { name: new RegExp(`Reliability of ${name}`) }).waitFor();
    }
    await models.tab('Stopped signals').click();
    const row = models.page.getByRole('row', { name: /^confidence too low/ });
    const veto = stopped.find(({ status }) => status === 'low-confidence');
    expect(await row.innerText()).toContain(countText(veto?.resolved));
    await models.drift.getByRole('img', { name: /warns at 2\.0, halts at 3\.0/ }).waitFor();
    await models.drift.getByRole('button', { name: 'LSTM' }).click();
    await models.drift.getByRole('img', { name: /CUSUM of LSTM alone/ }).waitFor();
    await models.tab('Scores').click();
    const skill = pooled?.scores?.skill ?? null;
    const line = await models.scores.getByRole('row', { name: /^Pooled/ }).innerText();
    expect(line).toContain(signedPercentText(skill?.value, 1));
    const parts = await models.brierParts.getByRole('row', { name: /^Pooled/ }).innerText();
    expect(parts).toContain(numberText(pooled?.scores?.reliability, 4));
    expect(parts).toContain(numberText(pooled?.scores?.resolution, 4));
  });

  it('reads every chart point by point, over the time that is chosen, and saves it as a picture', async () => {
    const { models: scored, drift } = await report();
    const bins = models.page.getByRole('slider', { name: 'Bins of the reliability diagram' });
    await bins.focus();
    await models.page.keyboard.press('Home');
    expect(await bins.getAttribute('aria-valuetext')).toContain(`Signals ${countText(scored[0]?.bins[0]?.count)}`);
    await models.reliability.getByRole('img').hover();
    await models.reliability.getByText('90 % interval', { exact: true }).first().waitFor();
    const points = models.page.getByRole('slider', { name: 'Points of the drift' });
    const last = async () => Number(await points.getAttribute('max'));
    expect(await last()).toBe(drift.points.length - 1);
    await models.drift.getByRole('button', { name: 'Last month' }).click();
    await expect.poll(last).toBeLessThan(drift.points.length - 1);
    expect(await points.getAttribute('aria-valuetext')).toContain(`CUSUM ${numberText(drift.now, 2)}`);
    expect(await models.picture('kelly-desk-drift-pooled')).toBe('PNG');
  });

  it('previews a refit, declines one and accepts one, both journaled', async () => {
    await models.tab('Calibration').click();
    await models.page.getByRole('button', { name: 'Preview a refit' }).click();
    await models.page.getByText(/newest signals .* sized otherwise/).waitFor();
    const curve = models.page.getByRole('slider', { name: 'Points of the calibration' });
    expect(await curve.getAttribute('aria-valuetext')).toMatch(/^Said [\d.]+\s%, In force .+, New fit /);
    expect(await faultsOf(models.page)).toEqual([]);
    await models.page.getByRole('button', { name: 'Decline' }).click();
    await models.page.getByRole('button', { name: 'Preview a refit' }).click();
    await models.page.getByRole('button', { name: 'Accept' }).click();
    await models.page.getByRole('button', { name: 'Preview a refit' }).waitFor();
    const { calibration } = await report();
    expect(calibration).toMatchObject({ fittedOn: calibration.resolved, isDue: false });
    const listed = models.page.getByText(/outcomes$/).first();
    expect(await listed.innerText()).toContain(countText(calibration.fittedOn));
    await models.showDesk();
    await models.activity
      .getByText(/of \d+ outcomes declined/)
      .first()
      .waitFor();
    await models.activity
      .getByText(/of \d+ outcomes accepted/)
      .first()
      .waitFor();
  });

  it.each(LOOKS)('has nothing to mend in %s at %i×%i, on any tab', async (colorScheme, width, height) => {
    await models.page.emulateMedia({ colorScheme });
    await models.page.setViewportSize({ width, height });
    await models.page.getByRole('tab').first().waitFor();
    for (const tab of await models.page.getByRole('tab').all()) {
      await tab.click();
      expect(await faultsOf(models.page)).toEqual([]);
    }
  });
});

describe.skipIf(!hasBrowser())('the states of the Models screen', () => {
  let browser: Browser;
  let desk: TestDesk;
  let shell: HttpShell;
  let models: ModelsPage;
  let answer: () => ModelsReport | Promise<ModelsReport>;
  const now = epochMs(Date.UTC(2026, 8, 15, 15));

  beforeAll(async () => {
    browser = await launchBrowser();
    const inner = createTestDesk();
    desk = { ...inner, handlers: { ...inner.handlers, 'models.report': () => answer() } };
    shell = await startHttpShell({ desk, staticFolder: PAGE });
  });
  afterAll(async () => {
    await shell.close();
    desk.close();
    await browser.close();
  });
  const open = async (): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    models = new ModelsPage(await context.newPage());
    await models.open(shell.url);
    await models.show();
  };
  afterEach(() => models.page.context().close());
  const empty = (): ModelsReport => {
    const full = modelsAt(now);
    const blank = { resolved: 0, said: null, won: null, scores: null, bins: [] };
    return {
      ...full,
      models: full.models.map((one) => ({ ...one, ...blank, histogram: one.histogram.map(() => 0) })),
      drift: { ...full.drift, points: [], now: null, predictions: 0 },
      agreement: { ...full.agreement, pairs: 0, unread: 0, matrix: [0, 1, 2].map(() => [0, 0, 0]) },
    };
  };

  it('says what is being read while it is', async () => {
    let release: (report: ModelsReport) => void = () => undefined;
    answer = () => new Promise((resolve) => (release = resolve));
    await open();
    await models.page.getByRole('status', { name: 'Reading how the models did' }).waitFor();
    release(modelsAt(now));
    await models.reliability.waitFor();
  });

  it('says why it is empty, and what changes it', async () => {
    answer = empty;
    await open();
    await models.page.getByText('No model has answered yet').waitFor();
    expect(await faultsOf(models.page)).toEqual([]);
    await models.page.getByRole('button', { name: 'Go to the Desk' }).click();
    await models.queue.waitFor();
  });

  it('says what failed and what still works, and tries again', async () => {
    answer = () => {
      throw new DeskError({
        code: 'not-ready',
        message: 'the figures are not being computed now',
        remedy: 'try again',
      });
    };
    await open();
    await models.page.getByText('The models could not be read.').waitFor();
    expect(await faultsOf(models.page)).toEqual([]);
    answer = () => modelsAt(now);
    await models.page.getByRole('button', { name: 'Try again' }).click();
    await models.reliability.waitFor();
  });

  it('keeps what it had with its age when it cannot be read again', async () => {
    answer = () => modelsAt(now);
    await open();
    await models.reliability.waitFor();
    answer = () => {
      throw new DeskError({ code: 'internal', message: 'the journal did not answer', incident: 'a1' });
    };
    desk.stream.publish('models.changed', { at: now });
    await models.page.getByText(/^Figures are .* old\.$/).waitFor();
    expect(await models.figure('Resolved')).toBe('214');
  });

  it('says that it is drifting, and that it halts', async () => {
    const drifting = (value: number): ModelsReport => {
      const report = modelsAt(now);
      const points = [...report.drift.points, { at: now, value }];
      return { ...report, drift: { ...report.drift, points, now: value } };
    };
    answer = () => drifting(2.4);
    await open();
    await models.page.getByRole('heading', { name: 'Drifting' }).waitFor();
    answer = () => drifting(3.2);
    await models.page.reload();
    await models.queue.waitFor();
    await models.show();
    await models.page.getByRole('heading', { name: 'Drifted' }).waitFor();
    expect(await faultsOf(models.page)).toEqual([]);
  });
});
