import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { openDesk, type Desk } from '#desk/desk.ts';
import { inject } from './disk-faults.ts';

/**
 * A whole simulation desk under the recorder. Its disk fails `times` writes in a row; then a trader halts, flattens and
 * closes, and the desk is started again. One line of JSON for what the screens show before, during and after.
 * Arguments: the data folder, and how many writes fail.
 */
const [folder = '', times = '1'] = process.argv.slice(2);
const SESSIONS = 3;

async function shown(desk: Desk) {
  const { risk, notices, journal, positions } = await desk.handlers['desk.snapshot']({});
  const { tradingState, tradingStateReason } = risk;
  const raised = notices.map(({ id, detail }) => ({ id, detail }));
  return { tradingState, tradingStateReason, notices: raised, journal, positions: positions.length };
}

const say = (step: string, what: unknown): void => void writeSync(1, `${JSON.stringify({ step, what })}\n`);
const open = () => openDesk({ dataFolder: folder, profile: 'simulation', seed: 7, warmUpSessions: SESSIONS });

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await wait(20);
}

const first = await open();
await first.ready();
say('before', await shown(first));
inject({ call: 'write', nth: 1, errno: '5', times });
// The trader's own word is the first thing that meets the failing disk: it must be remembered all the same.
await first.handlers['trading.halt']({ reason: 'the disk' });
await until(async () => (await shown(first)).notices.some(({ id }) => id === 'journal-trouble'));
inject(null);
const state = await shown(first);
say('during', state);
await first.handlers['trading.flattenAll']({ reason: 'out' });
await until(async () => (await first.handlers['execution.state']({})).kill.step === 'flat');
say('flat', await shown(first));
await first.close();

const second = await open();
await second.ready();
say('after', await shown(second));
await second.close();
