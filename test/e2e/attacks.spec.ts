import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHttpShell, type HttpShell } from '#shells/http/server.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';
import { startAttackerPage, startNaiveServer } from '#test/support/naive-server.ts';
import type { AttackerPage, NaiveServer } from '#test/support/naive-server.ts';
import { createTestDesk, type TestDesk } from '#test/support/test-desk.ts';

const PAGE_FOLDER = path.resolve(import.meta.dirname, '../../dist/renderer');

/** What a script of another site got out of an attack. */
type Loot = { readonly status: number | null; readonly text: string };

/** Fetches from inside a page, as a script of that site would. */
const steal = (page: Page, url: string, options: RequestInit = {}): Promise<Loot> =>
  // As text: what a page is handed must be plain data, which RequestInit need not be.
  page.evaluate(
    async ([address, init]) => {
      try {
        const response = await fetch(address, JSON.parse(init) as RequestInit);
        return { status: response.type === 'opaque' ? null : response.status, text: await response.text() };
      } catch {
        return { status: null, text: '' };
      }
    },
    [url, JSON.stringify(options)] as const,
  );

/** Opens a WebSocket from inside a page and says what came over it. */
const hijack = (page: Page, url: string): Promise<string> =>
  page.evaluate(
    (address) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(address);
        socket.onopen = () => socket.send(JSON.stringify({ kind: 'call', id: 1, op: 'desk.snapshot', input: {} }));
        socket.onmessage = (event) => resolve(String(event.data));
        socket.onerror = () => resolve('refused');
        socket.onclose = () => resolve('refused');
      }),
    url,
  );

describe.skipIf(!hasBrowser())('another site in the trader’s own browser', () => {
  let desk: TestDesk;
  let shell: HttpShell;
  let naive: NaiveServer;
  let attacker: AttackerPage;
  let browser: Browser;
  let context: BrowserContext;
  let port: string;

  beforeAll(async () => {
    desk = createTestDesk();
    shell = await startHttpShell({ desk, staticFolder: PAGE_FOLDER });
    naive = await startNaiveServer();
    attacker = await startAttackerPage();
    browser = await launchBrowser({
      extraArgs: [
        '--host-resolver-rules=MAP rebind.test 127.0.0.1, MAP evil.test 127.0.0.1, MAP 127.0.0.1.evil.test 127.0.0.1',
      ],
    });
    context = await browser.newContext();
    port = new URL(shell.origin).port;
    // The trader has the desk open: its cookie is in this browser.
    const own = await context.newPage();
    await own.goto(shell.url);
  });

  afterAll(async () => {
    await browser.close();
    await attacker.close();
    await naive.close();
    await shell.close();
    desk.close();
  });

  const attackerPage = async (host: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(`http://${host}:${attacker.port}/`);
    return page;
  };

  it.each(['rebind.test', '127.0.0.1.evil.test', 'localhost'])(
    'reads nothing by a name that is pointed at the desk: %s',
    async (host) => {
      const page = await context.newPage();
      const response = await page.goto(`http://${host}:${port}/`);
      expect(response?.status()).toBe(421);
      expect((await steal(page, '/api/kelly/risk-metrics')).status).toBe(421);
      expect(await hijack(page, `ws://${host}:${port}/ws`)).toBe('refused');
      await page.close();
    },
  );

  it('the same name reads everything of a server that trusts whoever gets there', async () => {
    const page = await context.newPage();
    await page.goto(`http://rebind.test:${naive.port}/`);
    expect((await steal(page, '/api')).text).toContain('SECRET');
    await page.close();
  });

  // A site on another port of 127.0.0.1 is the same site to the browser: it sends the desk's cookie along.
  it.each(['127.0.0.1', 'evil.test'])('reads nothing and opens no socket from http://%s', async (host) => {
    const page = await attackerPage(host);
    expect((await steal(page, `${shell.origin}/api/kelly/risk-metrics`)).text).toBe('');
    expect((await steal(page, `${shell.origin}/api/kelly/risk-metrics`, { credentials: 'include' })).text).toBe('');
    expect(await hijack(page, `ws://127.0.0.1:${port}/ws`)).toBe('refused');
    await page.close();
  });

  it('the same page takes over the socket of a server that does not look at the Origin', async () => {
    const page = await attackerPage('evil.test');
    expect(await hijack(page, `ws://127.0.0.1:${naive.port}/`)).toBe('SECRET');
    await page.close();
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded'])('changes nothing by a POST of %s', async (type) => {
    const page = await attackerPage('127.0.0.1');
    const before = JSON.stringify(await desk.handlers['risk.metrics']({}));
    const body = '{"kind":"call","id":1,"op":"trading.halt","input":{"reason":"other site"}}';
    const init = { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'content-type': type }, body };
    await steal(page, `${shell.origin}/api/order`, init as RequestInit);
    await steal(page, `http://127.0.0.1:${naive.port}/api/order`, init as RequestInit);
    const after = await desk.handlers['risk.metrics']({});
    expect(after.risk.tradingState).toBe('active');
    expect(JSON.stringify(after).length).toBe(before.length);
    expect(naive.handled.filter((line) => line.startsWith('POST'))).not.toEqual([]);
    await page.close();
  });

  it('submits no form to the desk', async () => {
    const page = await attackerPage('127.0.0.1');
    const [response] = await Promise.all([
      page.waitForResponse((r) => r.url().startsWith(shell.origin)),
      page.evaluate((action) => {
        const form = document.createElement('form');
        form.method = 'post';
        form.action = action;
        document.body.append(form);
        form.submit();
      }, `${shell.origin}/api/order`),
    ]);
    expect([403, 415]).toContain(response.status());
    await page.close();
  });

  it('puts the desk in no frame', async () => {
    const page = await attackerPage('127.0.0.1');
    const title = await page.evaluate(async (address) => {
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener('load', resolve));
      try {
        return frame.contentDocument?.title ?? 'unreadable';
      } catch {
        return 'unreadable';
      }
    }, `${shell.origin}/`);
    expect(title).not.toContain('Kelly');
    await page.close();
  });

  it('runs no script the desk was handed in a text', async () => {
    const page = await context.newPage();
    const violations: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) violations.push(message.text());
    });
    await page.goto(shell.url);
    const outcome = await page.evaluate(() => {
      const script = document.createElement('script');
      try {
        script.textContent = 'window.wasRun = true';
        document.body.append(script);
      } catch {
        return 'refused';
      }
      return 'wasRun' in window ? 'run' : 'refused';
    });
    expect(outcome).toBe('refused');
    await page.close();
  });

  it('leaves the trader’s own page working', async () => {
    const page = await context.newPage();
    const response = await page.goto(`${shell.origin}/`);
    expect(response?.status()).toBe(200);
    expect((await steal(page, '/api/kelly/risk-metrics')).status).toBe(200);
    await page.close();
  });
});
