import { existsSync } from 'node:fs';
import path from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import { inspectProfile, testConnectionsFile } from '#desk/desk.ts';
import type { Finding } from '#desk/desk.ts';
import { inspectMachine, THIS_MACHINE } from './doctor-machine.ts';
import type { Machine } from './doctor-machine.ts';
import { EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';

export type DoctorOptions = {
  readonly dataFolder: string;
  readonly profile: string;
  readonly json: boolean;
  /** Whether the connections of the profile are tried over the network. */
  readonly connections: boolean;
  /** The machine that is looked at; left out: this one. */
  readonly machine?: Machine;
};

const fine = (check: string, detail: string): Finding => ({ check, state: 'ok', detail, remedy: null });

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
    ...(await inspectMachine(options.machine ?? THIS_MACHINE)),
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
