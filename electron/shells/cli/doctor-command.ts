import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DeskError } from '#shared/contract/errors.ts';
import { inspectProfile, testConnectionsFile } from '#desk/desk.ts';
import type { Finding } from '#desk/desk.ts';
import { findBrowser, hasDisplay } from './browser.ts';
import packageJson from '#package.json' with { type: 'json' };
import { electronBinary } from './electron-binary.ts';
import { MAJORS_SUPPORTED, majorsBehind } from './electron-age.ts';
import { EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';
import { ROOT } from './root.ts';

export type DoctorOptions = {
  readonly dataFolder: string;
  readonly profile: string;
  readonly json: boolean;
  /** Whether the connections of the profile are tried over the network. */
  readonly connections: boolean;
};

/** better-sqlite3 crashes on older ones. */
const OLDEST_NODE = 24;
/** The wall clock is watched for this long; a step of more than the tolerance is a clock that jumps. */
const WATCH_MS = 400;
const CLOCK_TOLERANCE_MS = 100;

const fine = (check: string, detail: string): Finding => ({ check, state: 'ok', detail, remedy: null });

function nodeFinding(version: string): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1] ?? 0);
  if (major >= OLDEST_NODE) return fine('Node', `${version} on ${process.platform} ${process.arch}`);
  const remedy = 'Run the desk through its npm scripts: they bring their own Node.';
  return { check: 'Node', state: 'fail', detail: `${version} is older than ${OLDEST_NODE}`, remedy };
}

function windowFindings(): readonly Finding[] {
  const electron = electronBinary(ROOT);
  const browser = findBrowser();
  const isShown = hasDisplay();
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
    existsSync(path.join(ROOT, 'dist/renderer/index.html'))
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
function electronAgeFinding(): Finding {
  const check = 'Electron version';
  const pinned = packageJson.devDependencies.electron;
  const behind = majorsBehind(pinned, Date.now());
  if (behind === null) {
    return { check, state: 'fail', detail: `${pinned} is no version`, remedy: 'Name a version in package.json.' };
  }
  if (behind <= MAJORS_SUPPORTED) return fine(check, `${pinned}, about ${behind} major releases behind the calendar`);
  const detail = `${pinned} is about ${behind} major releases behind: holes found in it are no longer mended`;
  return { check, state: 'warn', detail, remedy: 'Take a newer desk; developers: raise electron in package.json.' };
}

/** Listens for a moment: what the desk's server and the simulated services need. */
function loopbackFinding(): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) =>
      resolve({
        check: 'Loopback',
        state: 'fail',
        detail: error.message,
        remedy: 'Allow programs to listen on 127.0.0.1 (firewall, container settings).',
      }),
    );
    server.listen(0, '127.0.0.1', () =>
      server.close(() => resolve(fine('Loopback', 'ports can be opened on 127.0.0.1'))),
    );
  });
}

async function clockFinding(): Promise<Finding> {
  const [wall, steady] = [Date.now(), performance.now()];
  await wait(WATCH_MS);
  const drift = Math.abs(Date.now() - wall - (performance.now() - steady));
  const at = new Date().toISOString();
  if (drift <= CLOCK_TOLERANCE_MS) return fine('Clock', `${at}, steady`);
  const remedy = 'Let the system keep its time by NTP (timedatectl set-ntp true); orders are timed by it.';
  return { check: 'Clock', state: 'warn', detail: `jumped by ${Math.round(drift)} ms while it was watched`, remedy };
}

/** Connects everything the profile's connections file names and hangs up; what failed, and what to do about it. */
async function triedFindings({ dataFolder, profile }: DoctorOptions): Promise<readonly Finding[]> {
  const file = path.join(dataFolder, 'profiles', profile, 'connections.json');
  // Without a file there is nothing to try, and a finding above has said so.
  if (!existsSync(file)) return [];
  try {
    const signal = new AbortController().signal;
    const { reports } = await testConnectionsFile({ path: file, dataFolder, signal, onStep: () => undefined });
    return reports.map(({ id, steps }): Finding => {
      const check = `Try ${id}`;
      const failed = steps.find(({ ok }) => !ok);
      if (failed === undefined) return fine(check, `${steps.length} steps went well`);
      const remedy = failed.remedy ?? 'Check that the service runs and that this machine reaches it.';
      return { check, state: 'fail', detail: `${failed.name}: ${failed.detail}`, remedy };
    });
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    const { message, remedy } = error.data;
    return [{ check: 'Try connections', state: 'fail', detail: message, remedy: remedy ?? 'Correct the file.' }];
  }
}

const MARK = { ok: '✓', warn: '!', fail: '✗' } as const;

/** Looks over the machine and a profile, and says for each problem what to do. Exit code 1 when something fails. */
export async function doctorCommand(options: DoctorOptions, output: Output): Promise<ExitCode> {
  const findings = [
    nodeFinding(process.version),
    ...windowFindings(),
    electronAgeFinding(),
    await loopbackFinding(),
    await clockFinding(),
    ...inspectProfile(options.dataFolder, options.profile),
    ...(options.connections ? await triedFindings(options) : []),
  ];
  if (options.json) output.out(JSON.stringify(findings, null, 2));
  else {
    const width = Math.max(...findings.map(({ check }) => check.length));
    for (const { check, state, detail, remedy } of findings) {
      output.out(`  ${MARK[state]} ${check.padEnd(width)}  ${detail}`);
      if (remedy !== null) output.out(`    ${' '.repeat(width)}  → ${remedy}`);
    }
    const failed = findings.filter(({ state }) => state === 'fail').length;
    const warned = findings.filter(({ state }) => state === 'warn').length;
    output.out(failed === 0 && warned === 0 ? 'All is well.' : `${failed} to repair, ${warned} to know.`);
  }
  return findings.some(({ state }) => state === 'fail') ? EXIT.failed : EXIT.done;
}
