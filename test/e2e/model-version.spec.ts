import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Desk } from '#desk/desk.ts';
import { startHttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { PROTOCOLS, startModelServer } from '#test/support/model-servers.ts';
import { faultsOf } from '#test/support/screen-checks.ts';
import {
  ask,
  eventually,
  NQ,
  openVenueDesk,
  PRICE,
  proposal,
  startDtc,
  sureModel,
  writeProfile,
} from '#test/support/venue-desk.ts';

const PAGE_FOLDER = path.resolve(import.meta.dirname, '../../dist/renderer');
const ACCOUNT = 'Sim1';

describe.skipIf(!hasBrowser())('a model that runs another version than before', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('is blocked until the trader accepts it on the screen, and sized again from then on', async () => {
    const server = await startDtc(ACCOUNT);
    const model = await startModelServer('desk', { probs: [0.1, 0.05, 0.85] });
    const line = { kind: 'dtc', port: server.port };
    const lstm = { ...PROTOCOLS.desk.connection, url: model.url };
    const { dataFolder } = await writeProfile(
      { profile: 'paper', account: ACCOUNT },
      {
        ...{ broker: line, marketData: [{ ...line, historyPort: null }] },
        models: { lstm, ensemble: await sureModel('ensemble-nq') },
      },
    );
    /** Opens the desk anew and lets the first price come: the models are asked at it. */
    const opened = async (): Promise<Desk> => {
      const desk = await openVenueDesk(dataFolder, 'paper');
      await desk.ready();
      server.quote(NQ.symbol, PRICE, PRICE + 0.25);
      return desk;
    };
    const first = await opened();
    expect((await proposal(first)).decision.contracts).toBeGreaterThan(0);
    await first.close();

    model.state.version = '4';
    const second = await opened();
    await eventually(async () => {
      const { recommendations } = await ask(second, 'desk.snapshot', {});
      expect(recommendations.map(({ decision }) => decision.contracts)).toEqual([0]);
    });
    const shell = await startHttpShell({ desk: second, staticFolder: PAGE_FOLDER });
    onTestFinished(() => shell.close());
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = new DeskPage(await context.newPage());
    await page.open(shell.url);
    await page.page
      .getByRole('button', { name: /notice|another version/i })
      .first()
      .click();
    const dialog = page.page.getByRole('dialog');
    await dialog.getByText('nq 4 answers; accepted is nq 3.').waitFor();
    await dialog.getByRole('button', { name: 'Accept this version' }).waitFor();
    await page.page.keyboard.press('Escape');
    await page.showModels();
    const strip = page.page.getByRole('status').filter({ hasText: 'The lstm model runs another version' });
    await strip.getByText('nq 4 answers; accepted is nq 3.').waitFor();
    expect(await faultsOf(page.page)).toEqual([]);
    await strip.getByRole('button', { name: 'Accept this version' }).click();
    await strip.waitFor({ state: 'detached' });
    const versions = await ask(second, 'models.versions', {});
    expect(versions.find((one) => one.model === 'lstm')).toMatchObject({ accepted: { version: '4' }, offered: null });
    expect(page.problems).toEqual([]);
    await second.close();

    const third = await opened();
    expect((await proposal(third)).decision.contracts).toBeGreaterThan(0);
  });
});
