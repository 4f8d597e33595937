import { writeSync } from 'node:fs';
import { openDesk } from '#desk/desk.ts';
import { DeskError } from '#shared/contract/errors.ts';
import { moneyFromUsd } from '#shared/units.ts';

/**
 * A process that runs a simulation desk until it is killed: it approves every proposal, and flattens now and then; in
 * the mood `kill` it throws the kill switch as soon as it is live. It
 * writes a line per journaled event that it was told of after the append (`seq hash`), and words for where it is.
 */
const [folder = '', sessions = '3', mood = 'trade'] = process.argv.slice(2);
const STDOUT = 1;
const say = (line: string): void => void writeSync(STDOUT, `${line}\n`);
/** A proposal may be gone by the time it is approved; anything else ends the process. */
const forgiving = async (work: () => unknown): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
  }
};

const desk = await openDesk({ dataFolder: folder, profile: 'simulation', warmUpSessions: Number(sessions) });
say('opened');
let turns = 0;
desk.stream.subscribe(null, ({ topic, payload }) => {
  if (topic === 'desk.startup') say(payload.phase);
  if (topic === 'journal.changed') say(`${payload.events} ${payload.headHash ?? ''}`);
  if (topic === 'recommendation.changed' && payload.state === 'proposed') {
    const { id, decision } = payload;
    setImmediate(
      () => void forgiving(() => desk.handlers['recommendation.approve']({ id, contracts: decision.contracts })),
    );
  }
  if (topic !== 'positions.changed' || payload.length < 2) return;
  turns += 1;
  const [first] = payload;
  if (turns % 3 === 0 && first !== undefined && (first.openPnl ?? 0) < moneyFromUsd(1_000_000))
    setImmediate(() => void forgiving(() => desk.handlers['position.flatten']({ symbol: first.symbol })));
});
await desk.ready();
if (mood === 'kill') {
  say('halting');
  await forgiving(() => desk.handlers['trading.halt']({ reason: 'enough' }));
  say('halted');
  await forgiving(() => desk.handlers['trading.flattenAll']({ reason: 'out' }));
  say('closing');
}
