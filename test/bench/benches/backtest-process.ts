import { join, resolve } from 'node:path';
import { openDesk, runReplay } from '#desk/desk.ts';
import type { Door } from '#desk/serve.ts';
import { startHttpShell } from '#shells/http/server.ts';
import { openRoom } from '#test/support/backtest-room.ts';
import { START } from '#test/support/warmed-profile.ts';

/**
 * One process for the bench of the backtest: `replay <folder> <prices>` makes a journal of daily bars, and
 * `desk <folder> <sessions>` opens the simulation behind the real HTTP shell, with the backtests of that journal in the
 * place of its own, and lives until its input ends.
 */
const [task = '', folder = '', argument = ''] = process.argv.slice(2);
const JOURNAL = join(folder, 'replay.db');

const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function replay(): Promise<void> {
  const { bars, signals } = await runReplay({
    ...{ prices: argument, symbol: 'MES', from: null, to: null, journal: JOURNAL, lookBackDays: 365 },
    ...{ seed: 7, autoApprove: true },
  });
  tell({ bars, decisions: signals });
}

async function desk(): Promise<void> {
  const running = await openDesk({
    ...{ dataFolder: folder, profile: 'simulation', seed: 1, startAt: START, warmUpSessions: Number(argument) },
  });
  await running.ready();
  const backtests = openRoom(JOURNAL, { publish: running.stream.publish });
  const door: Door = { stream: running.stream, handlers: { ...running.handlers, ...backtests.room } };
  const staticFolder = resolve(import.meta.dirname, '../../../dist/renderer');
  const shell = await startHttpShell({ desk: door, staticFolder });
  const { url, origin, token } = shell;
  tell({ url, origin, token });
  process.stdin.resume();
  await new Promise((ended) => process.stdin.once('end', ended));
  await shell.close();
  await backtests.close();
  await running.close();
}

await (task === 'replay' ? replay() : desk());
process.exit(0);
