import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order } from '#shared/domain/order.ts';
import { startHttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { DeskPage } from '#test/support/desk-page.ts';
import { startDesk, type RunningDesk } from '#test/support/running-desk.ts';
import { createTestDesk } from '#test/support/test-desk.ts';
import {
  ask,
  eventually,
  NQ,
  openVenueDesk,
  PRICE,
  proposal,
  startDtc,
  writeProfile,
} from '#test/support/venue-desk.ts';

const PAGE_FOLDER = path.resolve(import.meta.dirname, '../../dist/renderer');

/** A data folder whose paper broker behaves as given. */
function folderWith(paper: object): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kelly-desk-e2e-'));
  const profile = path.join(folder, 'profiles/simulation');
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(profile, 'settings.json'), JSON.stringify({ paper }));
  return folder;
}

/** What a power cut would leave: a data folder with a profile's files as they are at this moment. */
function copyOfProfile(folder: string, inProfile: string): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'kelly-desk-e2e-'));
  cpSync(path.join(folder, inProfile), path.join(copy, inProfile), {
    recursive: true,
    filter: (file) => !file.endsWith('.lock') && !file.endsWith('.ballast'),
  });
  return copy;
}

/** Types of a new pair of orders, and of a new single one, in DTC. */
const NEW_ORDERS: readonly number[] = [201, 208];

describe.skipIf(!hasBrowser())('orders in a real browser', () => {
  let browser: Browser;
  const running: RunningDesk[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const desk of running.splice(0)) await desk.close();
  });

  const start = async (folder: string): Promise<RunningDesk> => {
    const desk = await startDesk({ folder });
    running.push(desk);
    return desk;
  };
  const open = async (url: string): Promise<DeskPage> => {
    const page = new DeskPage(await browser.newPage({ viewport: { width: 1440, height: 900 } }));
    await page.open(url);
    return page;
  };
  const snapshot = async ({ desk }: RunningDesk) => desk.handlers['desk.snapshot']({});

  /** Approves the largest proposal by keyboard and returns its symbol. */
  const approveLargest = async (desk: RunningDesk, page: DeskPage): Promise<string> => {
    const { recommendations } = await snapshot(desk);
    const [largest] = recommendations
      .filter((one) => one.state === 'proposed' && one.decision.contracts >= 2)
      .sort((a, b) => b.decision.contracts - a.decision.contracts);
    if (largest === undefined) throw new Error('no proposal of two contracts or more');
    await page.select(largest.symbol.split('-')[0] ?? '');
    await page.page.keyboard.press('Shift+Enter');
    return largest.symbol;
  };
  const until = async <T>(look: () => Promise<T | null>): Promise<T> => {
    for (let round = 0; round < 300; round += 1) {
      const found = await look();
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('it did not come to pass within 15 seconds');
  };

  it('fills in parts, cancels the rest, and keeps a stop for what is held', async () => {
    const desk = await start(folderWith({ offeredPerQuote: 1 }));
    const parts: Order[] = [];
    const subscription = desk.desk.stream.subscribe(null, (event) => {
      if (event.topic === 'order.changed') parts.push(event.payload);
    });
    const page = await open(desk.shell.url);
    const symbol = await approveLargest(desk, page);
    await until(async () => (await snapshot(desk)).positions.find((p) => p.symbol === symbol) ?? null);
    await page.page.keyboard.press('o');
    const entry = page.orders.getByRole('row').filter({ hasText: 'Entry' });
    if ((await entry.count()) > 0) {
      await entry.getByRole('button', { name: /Cancel/ }).click();
      await page.page.keyboard.press('Enter');
    }
    const after = await until(async () => {
      const now = await snapshot(desk);
      const own = now.orders.filter((order) => order.symbol === symbol && order.role === 'entry');
      return own.every(isTerminal) ? now : null;
    });
    subscription.stop();
    const [done] = after.orders.filter((order) => order.symbol === symbol && order.role === 'entry');
    const isPart = (order: Order): boolean =>
      order.role === 'entry' && order.filled > 0 && order.filled < order.quantity;
    expect(parts.some(isPart)).toBe(true);
    const position = after.positions.find((p) => p.symbol === symbol);
    expect(Math.abs(position?.quantity ?? 0)).toBe(done?.filled);
    const stops = after.orders.filter((o) => o.symbol === symbol && o.role === 'stop' && !isTerminal(o));
    expect(stops.reduce((sum, o) => sum + o.quantity - o.filled, 0)).toBe(done?.filled);
    await page.positions.getByText(/No stop/).waitFor({ state: 'detached' });
    expect(page.problems).toEqual([]);
  });

  it('halts with an open order, closes everything in a second step, and goes on with a reason', async () => {
    const desk = await start(folderWith({ offeredPerQuote: 1 }));
    const page = await open(desk.shell.url);
    const symbol = await approveLargest(desk, page);
    await until(async () => (await snapshot(desk)).positions.find((p) => p.symbol === symbol) ?? null);
    await page.page.keyboard.press('F8');
    const banner = page.page.getByRole('region', { name: 'Trading state' });
    await banner.getByText('■ HALTED').waitFor();
    await until(async () => {
      const { orders } = await snapshot(desk);
      return orders.some((order) => order.role === 'entry' && !isTerminal(order)) ? null : orders;
    });
    const held = (await snapshot(desk)).positions.find((p) => p.symbol === symbol);
    // A halt alone never takes the stop of a position away.
    expect(held === undefined || held.riskAtStop !== null).toBe(true);
    await banner.getByRole('button', { name: /Flatten all/ }).click();
    const dialog = page.page.getByRole('dialog');
    await dialog.getByLabel('Why everything is closed').fill('end of the test');
    await dialog.getByRole('button', { name: /Close .* at the market|Close whatever is open/ }).click();
    await until(async () => {
      const { positions, execution } = await snapshot(desk);
      return positions.length === 0 && execution.kill.step === 'flat' ? positions : null;
    });
    await banner.getByText(/holds nothing/).waitFor();
    await banner.getByRole('button', { name: 'Resume trading' }).click();
    await dialog.getByLabel('Why trading may go on').fill('looked at the broker');
    await dialog.getByRole('button', { name: 'Resume trading' }).click();
    await until(async () => ((await snapshot(desk)).risk.tradingState === 'active' ? true : null));
    expect(page.problems).toEqual([]);
  });

  it('after a crash while an order was on its way, asks, sends nothing again, and says what became of it', async () => {
    const folder = folderWith({ latencyMs: 2_000 });
    const desk = await start(folder);
    const page = await open(desk.shell.url);
    const symbol = await approveLargest(desk, page);
    await until(async () => {
      const { orders } = await snapshot(desk);
      return orders.find((o) => o.symbol === symbol && o.role === 'entry' && o.life === 'sent') ?? null;
    });
    const copy = copyOfProfile(folder, 'profiles/simulation');
    const again = await start(copy);
    const { orders, positions } = await snapshot(again);
    const entries = orders.filter((order) => order.symbol === symbol && order.role === 'entry');
    expect(entries.filter((order) => !isTerminal(order))).toEqual([]);
    expect(entries[0]).toMatchObject({ life: 'rejected', filled: 0 });
    expect(entries[0]?.reason).toContain('never reached');
    expect(positions.filter((p) => p.symbol === symbol)).toEqual([]);
    const second = await open(again.shell.url);
    await second.activity
      .getByText(/never reached/)
      .first()
      .waitFor();
    expect(second.problems).toEqual([]);
  });

  it('after a crash beside a broker that cannot tell what became of an order, lets the trader say it', async () => {
    const account = 'Sim1';
    const server = await startDtc(account);
    // Orders get lost behind the broker: neither an answer comes, nor are they in any list later.
    server.faults.mute = NEW_ORDERS;
    const line = { kind: 'dtc', port: server.port };
    const owner = { profile: 'paper', account } as const;
    const { dataFolder } = await writeProfile(owner, { broker: line, marketData: [{ ...line, historyPort: null }] });
    const opened = async (folder: string) => {
      const desk = await openVenueDesk(folder, 'paper');
      await desk.ready();
      server.quote(NQ.symbol, PRICE, PRICE + 0.25);
      const shell = await startHttpShell({ desk, staticFolder: PAGE_FOLDER });
      onTestFinished(() => shell.close());
      return { desk, shell };
    };
    const first = await opened(dataFolder);
    await proposal(first.desk);
    const before = await open(first.shell.url);
    await before.select('NQ');
    await before.page.keyboard.press('Shift+Enter');
    const sent = () => server.received.filter(({ Type }) => NEW_ORDERS.includes(Type)).length;
    // The entry, then its stop and target as a pair.
    await eventually(() => expect(sent()).toBe(2));
    // The power is cut: what is on the disk now is all there is.
    const copy = copyOfProfile(dataFolder, 'profiles/paper');
    await before.page.close();
    await first.desk.close();

    const { desk, shell } = await opened(copy);
    const page = await open(shell.url);
    const doubts = page.orders.getByRole('button', { name: /in doubt/ });
    await doubts.first().waitFor();
    for (let left = await doubts.count(); left > 0; left = await doubts.count()) {
      await doubts.first().click();
      const dialog = page.page.getByRole('dialog');
      await dialog.getByText('Say what became of it').waitFor();
      const settle = dialog.getByRole('button', { name: 'Settle the order' });
      expect(await settle.getAttribute('aria-disabled')).toBe('true');
      await dialog.getByLabel(/It never reached/).check();
      await dialog.getByLabel('Where you saw it').fill('order window of the broker');
      await settle.click();
      await dialog.waitFor({ state: 'detached' });
      await expect.poll(() => doubts.count()).toBeLessThan(left);
    }
    const { orders, positions } = await ask(desk, 'desk.snapshot', {});
    expect([orders.filter((order) => !isTerminal(order)), positions]).toEqual([[], []]);
    // Whatever happened, nothing went out twice.
    expect(sent()).toBe(2);
    expect([...before.problems, ...page.problems]).toEqual([]);
  });

  it('warns before an approval that stops this desk sends itself die with it', async () => {
    const desk = createTestDesk();
    const told = desk.handlers['desk.snapshot'];
    const emulated: typeof told = async (input) => {
      const snapshot = await told(input);
      return { ...snapshot, execution: { ...snapshot.execution, brackets: 'emulated' } };
    };
    const handlers = { ...desk.handlers, 'desk.snapshot': emulated };
    const shell = await startHttpShell({ desk: { ...desk, handlers }, staticFolder: PAGE_FOLDER });
    const page = await open(shell.url);
    const warning = page.hero.getByText('Stop and target are sent by this desk and die with it');
    await warning.waitFor();
    const [words, actions] = [await warning.boundingBox(), await page.approve.boundingBox()];
    // Under the button it is about, and all of it on the screen.
    expect(words?.y).toBeGreaterThan((actions?.y ?? Infinity) + (actions?.height ?? 0) - 1);
    expect((words?.x ?? 0) + (words?.width ?? Infinity)).toBeLessThanOrEqual(1440);
    expect(page.problems).toEqual([]);
    await shell.close();
    desk.close();
  });
});
