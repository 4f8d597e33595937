import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Finding } from '#desk/desk.ts';
import packageJson from '#package.json' with { type: 'json' };
import { findBrowser, hasDisplay } from './browser.ts';
import type { Surroundings } from './browser.ts';
import { MAJORS_SUPPORTED, majorsBehind } from './electron-age.ts';
import { electronBinary } from './electron-binary.ts';
import { ROOT } from './root.ts';

/** The machine the desk is to run on, as far as it is looked at. */
export type Machine = Surroundings & {
  readonly nodeVersion: string;
  /** Where the desk is installed. */
  readonly root: string;
  /** As package.json has it. */
  readonly electron: string;
  /** Address the desk listens on. */
  readonly loopback: string;
  /** Epoch ms by the clock that can be set. */
  readonly wallClock: () => number;
};

export const THIS_MACHINE: Machine = {
  ...{ platform: process.platform, env: process.env, exists: existsSync },
  ...{ nodeVersion: process.version, root: ROOT, electron: packageJson.devDependencies.electron },
  ...{ loopback: '127.0.0.1', wallClock: () => Date.now() },
};

/** better-sqlite3 crashes on older ones. */
const OLDEST_NODE = 24;
/** The wall clock is watched for this long; a step of more than the tolerance is a clock that jumps. */
const WATCH_MS = 400;
const CLOCK_TOLERANCE_MS = 100;

const fine = (check: string, detail: string): Finding => ({ check, state: 'ok', detail, remedy: null });

function nodeFinding({ nodeVersion, platform }: Machine): Finding {
  const major = Number(/^v(\d+)/.exec(nodeVersion)?.[1] ?? 0);
  if (major >= OLDEST_NODE) return fine('Node', `${nodeVersion} on ${platform} ${process.arch}`);
  const remedy = 'Run the desk through its npm scripts: they bring their own Node.';
  return { check: 'Node', state: 'fail', detail: `${nodeVersion} is older than ${OLDEST_NODE}`, remedy };
}

function windowFindings(machine: Machine): readonly Finding[] {
  const electron = electronBinary(machine.root);
  const browser = findBrowser(machine);
  const isShown = hasDisplay(machine);
  return [
    electron === null
      ? {
          check: 'Electron',
          state: 'warn',
          detail: 'its binary is not here',
          remedy: 'npm start -- --shell electron fetches it; until then the desk opens in a browser.',
        }
      : fine('Electron', electron),
    browser === null
      ? {
          check: 'Browser',
          state: electron === null ? 'fail' : 'warn',
          detail: 'no Chromium, Chrome or Edge was found',
          remedy: 'Install one (Debian: apt-get install chromium); without it the browser tests are skipped too.',
        }
      : fine('Browser', `${browser.name}, ${browser.executable}`),
    isShown
      ? fine('Display', 'a window can be opened')
      : {
          check: 'Display',
          state: 'warn',
          detail: 'none',
          remedy: 'The desk prints its address; open it from a desktop.',
        },
    existsSync(path.join(machine.root, 'dist/renderer/index.html'))
      ? fine('Screen', 'built')
      : {
          check: 'Screen',
          state: 'warn',
          detail: 'not built yet',
          remedy: 'npm start builds it; npm run build does it now.',
        },
  ];
}

/** How far the pinned Electron is behind the newest by the calendar of its releases; two majors back are still mended. */
function electronAgeFinding({ electron: pinned, wallClock }: Machine): Finding {
  const check = 'Electron version';
  const behind = majorsBehind(pinned, wallClock());
  if (behind === null) {
    return { check, state: 'fail', detail: `${pinned} is no version`, remedy: 'Name a version in package.json.' };
  }
  if (behind <= MAJORS_SUPPORTED) return fine(check, `${pinned}, about ${behind} major releases behind the calendar`);
  const detail = `${pinned} is about ${behind} major releases behind: holes found in it are no longer mended`;
  return { check, state: 'warn', detail, remedy: 'Take a newer desk; developers: raise electron in package.json.' };
}

/** Listens for a moment: what the desk's server and the simulated services need. */
function loopbackFinding({ loopback }: Machine): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) =>
      resolve({
        check: 'Loopback',
        state: 'fail',
        detail: error.message,
        remedy: `Allow programs to listen on ${loopback} (firewall, container settings).`,
      }),
    );
    server.listen(0, loopback, () =>
      server.close(() => resolve(fine('Loopback', `ports can be opened on ${loopback}`))),
    );
  });
}

async function clockFinding({ wallClock }: Machine): Promise<Finding> {
  const [wall, steady] = [wallClock(), performance.now()];
  await wait(WATCH_MS);
  const drift = Math.abs(wallClock() - wall - (performance.now() - steady));
  const at = new Date(wallClock()).toISOString();
  if (drift <= CLOCK_TOLERANCE_MS) return fine('Clock', `${at}, steady`);
  const remedy = 'Let the system keep its time by NTP (timedatectl set-ntp true); orders are timed by it.';
  return { check: 'Clock', state: 'warn', detail: `jumped by ${Math.round(drift)} ms while it was watched`, remedy };
}

/** What of a machine the desk needs: Node, a window to be shown in, an Electron that is still mended, ports, a clock. */
export async function inspectMachine(machine: Machine): Promise<readonly Finding[]> {
  return [
    nodeFinding(machine),
    ...windowFindings(machine),
    electronAgeFinding(machine),
    await loopbackFinding(machine),
    await clockFinding(machine),
  ];
}
