import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEventStream } from '#desk/serve.ts';
import { pageResponse } from '#shells/electron/protocol.ts';
import { startHttpShell } from '#shells/http/server.ts';
import { readStaticFile } from '#shells/static-file.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const PATHS = 5_000;
const SECRET = 'KELLY-SECRET-OUTSIDE';

/** A page, and secrets around it: above, beside under a like name, hidden, and behind a link. */
function aPage(): string {
  const root = temporaryFolder();
  const page = path.join(root, 'page');
  mkdirSync(path.join(page, 'assets'), { recursive: true });
  mkdirSync(path.join(root, 'page-of-another'));
  writeFileSync(path.join(page, 'index.html'), 'the page');
  writeFileSync(path.join(page, 'assets', 'app.js'), 'the script');
  for (const place of [
    'secret.txt',
    'secret.html',
    'page-of-another/secret.html',
    'page/.secret.txt',
    'page/secret.db',
  ]) {
    writeFileSync(path.join(root, place), SECRET);
  }
  symlinkSync(path.join(root, 'secret.html'), path.join(page, 'assets', 'link.html'));
  symlinkSync(root, path.join(page, 'assets', 'up'));
  return page;
}

const DOTS = ['..', '.', '%2e%2e', '%2E.', '.%2e', '%252e%252e', '..%00', '%c0%ae%c0%ae', '‥', '．．', '...', '..;'];
const SLASHES = ['/', '%2f', '%2F', '\\', '%5c', '%255c', '//', '/./', '%c0%af', '∕'];
const NAMES = [
  ...['secret.txt', 'secret.html', 'page-of-another/secret.html', '.secret.txt', 'secret.db', 'assets/link.html'],
  ...[
    'assets/up/secret.html',
    'etc/passwd',
    'C:/Windows/win.ini',
    'index.html',
    'CON',
    'secret.html%00.js',
    'secret.html#.js',
  ],
];
const step = fc
  .tuple(fc.constantFrom(...DOTS, 'assets', ''), fc.constantFrom(...SLASHES))
  .map((parts) => parts.join(''));
const corpus = fc
  .tuple(fc.array(step, { maxLength: 6 }), fc.constantFrom(...NAMES), fc.constantFrom('', '/', '?x', '%20', '.'))
  .map(([steps, name, end]) => `/${steps.join('')}${name}${end}`);

describe('5,000 ways out of the folder of the page', () => {
  it('lead nowhere when read by path', async () => {
    const page = aPage();
    await fc.assert(
      fc.asyncProperty(corpus, async (pathname) => {
        const file = await readStaticFile(page, pathname);
        expect(file?.body.toString() ?? '').not.toContain(SECRET);
      }),
      { numRuns: PATHS },
    );
    expect((await readStaticFile(page, '/assets/app.js'))?.body.toString()).toBe('the script');
  });

  it('lead nowhere through the window’s own scheme', async () => {
    const page = aPage();
    await fc.assert(
      fc.asyncProperty(corpus, async (pathname) => {
        let asked: Request;
        try {
          asked = new Request(`app://desk${pathname}`);
        } catch {
          // Not an address: a page could not ask for it either.
          return;
        }
        expect(await (await pageResponse(page, asked)).text()).not.toContain(SECRET);
      }),
      { numRuns: PATHS },
    );
  });

  it('lead nowhere over the wire, sent as they are', async () => {
    const shell = await startHttpShell({
      desk: { handlers: {} as never, stream: createEventStream() },
      staticFolder: aPage(),
    });
    onTestFinished(() => shell.close());
    const { port } = new URL(shell.origin);
    const get = (asked: string): Promise<string> =>
      new Promise((resolve) => {
        const headers = { host: `127.0.0.1:${port}`, authorization: `Bearer ${shell.token}` };
        const sent = request({ host: '127.0.0.1', port, path: asked, headers, agent: false }, (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
          answer.on('end', () => resolve(text));
        });
        sent.on('error', () => resolve(''));
        sent.end();
      });
    await fc.assert(
      fc.asyncProperty(corpus, async (pathname) => {
        // What a client library would not let through is not sent at all.
        if (/[^\x21-\x7e]/.test(pathname)) return;
        expect(await get(pathname)).not.toContain(SECRET);
      }),
      { numRuns: 500 },
    );
    expect(await get('/assets/app.js')).toBe('the script');
  });
});
