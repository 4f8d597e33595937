import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const CANDIDATES = [
  process.env['KELLY_DESK_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Path of an installed Chromium, Chrome or Edge; null when there is none. */
export const browserPath = (): string | null =>
  CANDIDATES.find((path) => path !== undefined && path !== '' && existsSync(path)) ?? null;

/** The same Chromium without what stands around its pages, where it is installed: a third less to compute for a test. */
const LEAN = '/usr/bin/chromium-headless-shell';

/** What a test of the page runs in: the lean one where the tests as a whole ask for it, and nothing else was named. */
const testPath = (): string | null => {
  const isWanted = process.env['KELLY_DESK_LEAN_BROWSER'] === '1' && (process.env['KELLY_DESK_CHROMIUM'] ?? '') === '';
  return isWanted && existsSync(LEAN) ? LEAN : browserPath();
};

/**
 * True when the browser tests can run. Where the environment demands them (KELLY_DESK_REQUIRE_BROWSER) a missing browser
 * is an error, not a skip.
 */
export function hasBrowser(): boolean {
  const found = browserPath() !== null;
  if (!found && process.env['KELLY_DESK_REQUIRE_BROWSER'] === '1') {
    throw new Error('No Chromium, Chrome or Edge was found; set KELLY_DESK_CHROMIUM to its path.');
  }
  return found;
}

export type BrowserOptions = {
  readonly extraArgs?: readonly string[];
  /** True: the windows remember nothing, so the tour of the first run is offered. */
  readonly isNewcomer?: boolean;
  /** True: with what stands around a page, such as the notifications of the system. */
  readonly isWhole?: boolean;
};

/** Every window of the browser remembers that its trader has seen the tour. */
function rememberTour(browser: Browser): void {
  const open = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await open(options);
    await context.addInitScript(() => {
      try {
        window.localStorage.setItem('kelly-desk.tour', 'seen');
      } catch {
        // A page without an origin has no memory.
      }
    });
    return context;
  };
}

/** Starts the installed browser without a window and without its own traffic. */
export async function launchBrowser({
  extraArgs = [],
  isNewcomer = false,
  isWhole = false,
}: BrowserOptions = {}): Promise<Browser> {
  const executablePath = isWhole ? browserPath() : testPath();
  if (executablePath === null) throw new Error('no browser');
  const isRoot = process.getuid?.() === 0;
  const browser = await chromium.launch({
    executablePath,
    args: [
      ...(isRoot ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-gpu',
      // Letters as wide as they are in a window.
      ...(executablePath === LEAN ? ['--font-render-hinting=none'] : []),
      ...extraArgs,
    ],
  });
  if (!isNewcomer) rememberTour(browser);
  return browser;
}
