import { parseArgs } from 'node:util';
import { soakDesk, type SoakHour } from './desk-soak.ts';
import { soakWithFaults } from './fault-soak.ts';

/**
 * `npm run soak -- [desk|faults|page] [options]`: lets the desk, or a page in front of it, run for long, and says whether
 * memory, handles and the log stay what they are. Exit code 1 when a limit of the reference is not kept.
 */
const HELP = `npm run soak -- desk [--hours 24] [--symbols 50] [--seed 1]
  the whole desk but its wires on virtual time: every symbol ticks once a second and is sized once a minute, and a
  trader approves, changes, rejects, cancels, moves stops, closes and halts.
  Limits: heap without compiled code grows by 0.05 MB/h, descriptors constant, write-ahead log 64 MB, journal in order, a round trip an hour in each symbol.
npm run soak -- faults [--hours 8] [--symbols 50] [--seed 1]
  the desk before sources of prices, models and a venue that break at random, on virtual time.
  The venue runs in a thread of its own: the heap is the desk's.
  Limits: heap slope 0.05 MB/h, no unhandled rejection, no order twice, no execution lost, uptime as the script knows it.
npm run soak -- page [--minutes 30] [--rate 10]
  the built page in a Chromium before a desk that changes so many times a second (real time).
  Limits: what it holds (a heap snapshot without compiled code) grows by 1 MB/h after a quarter of the time, no task over 200 ms, DOM nodes constant.`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    hours: { type: 'string' },
    symbols: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const verdict = (what: string, isKept: boolean): boolean => {
  say(`  ${isKept ? '✓' : '✗'} ${what}`);
  return isKept;
};

const hourLine = ({ hour, heapMb, codeMb, rssMb, descriptors, resources, walMb, events }: SoakHour): string =>
  `  ${hour.toFixed(1).padStart(5)} h  heap ${heapMb} MB (code ${codeMb})  rss ${rssMb} MB  descriptors ${descriptors}  resources ${resources}  log ${walMb} MB  events ${events}`;

async function desk(): Promise<boolean> {
  const options = { hours: Number(values.hours ?? '24'), symbols: Number(values.symbols), seed: Number(values.seed) };
  const found = await soakDesk({ ...options, onHour: (hour) => say(hourLine(hour)) });
  const { ticks, bars, decisions, told, deeds, fills, trades, events, wallMs } = found;
  say(`${ticks} ticks, ${bars} bars, ${decisions} decisions, ${events} events journaled, ${told} told`);
  say(
    Object.entries(deeds)
      .map(([deed, count]) => `${count} ${deed}`)
      .join(', '),
  );
  say(`${fills} fills, ${trades} round trips`);
  say(`${(wallMs / 1_000).toFixed(1)} s, ${Math.round((options.hours * 3_600_000) / wallMs)} times real time`);
  const opened = found.hours.map(({ descriptors }) => descriptors);
  const slope = found.heapSlopeMbPerHour;
  return [
    verdict(
      `growth of what the desk holds ${slope === null ? '—' : slope.toFixed(3)} MB/h (at most 0.05)`,
      slope === null || slope <= 0.05,
    ),
    verdict(`descriptors ${opened.join(' ')}`, new Set(opened).size <= 1),
    verdict(`write-ahead log at most ${found.maxWalMb} MB (64)`, found.maxWalMb <= 64),
    verdict(`journal ${found.journalFault ?? 'in order'}`, found.journalFault === null),
    // A desk that hardly trades proves nothing.
    verdict(`${trades} round trips (at least one an hour in each symbol)`, trades >= options.hours * options.symbols),
  ].every(Boolean);
}

const share = (value: number | null): string => (value === null ? '—' : `${(value * 100).toFixed(3)} %`);

async function faults(): Promise<boolean> {
  const options = { hours: Number(values.hours ?? '8'), symbols: Number(values.symbols), seed: Number(values.seed) };
  const onHour = (hour: SoakHour): void => {
    if (Number.isInteger(hour.hour)) say(hourLine(hour));
  };
  const found = await soakWithFaults({ ...options, onHour });
  const { ticks, answers, approved, executions, uptimes, wallMs } = found;
  say(
    `${ticks} ticks, ${answers.ok} answers, ${answers.failed} failed, ${approved} approved, ${executions} executions`,
  );
  say(`${(wallMs / 1_000).toFixed(1)} s, ${Math.round((options.hours * 3_600_000) / wallMs)} times real time`);
  for (const { id, reported, truth, outages } of uptimes)
    say(`  ${id.padEnd(16)} uptime ${share(reported)}, by the script ${share(truth)}, ${outages} outages`);
  const slope = found.heapSlopeMbPerHour;
  return [
    verdict(
      `heap slope ${slope === null ? '—' : slope.toFixed(3)} MB/h (at most 0.05)`,
      slope === null || slope <= 0.05,
    ),
    verdict(`unhandled rejections: ${found.unhandled.length}`, found.unhandled.length === 0),
    ...found.unhandled.slice(0, 5).map((text) => verdict(text, false)),
    verdict(
      'uptime as the script knows it',
      uptimes.every(({ reported, truth }) => reported !== null && Math.abs(reported - (truth ?? -1)) < 1e-9),
    ),
    verdict(
      `orders and executions: ${found.faults.length === 0 ? 'none twice, none lost' : ''}`,
      found.faults.length === 0,
    ),
    ...found.faults.slice(0, 10).map((text) => verdict(text, false)),
    verdict(`journal ${found.journalFault ?? 'in order'}`, found.journalFault === null),
  ].every(Boolean);
}

async function page(): Promise<boolean> {
  // The tools of the browser are as large as a desk: they are not loaded beside the ones whose memory is measured.
  const { soakPage } = await import('./page-soak.ts');
  const found = await soakPage({ minutes: Number(values.minutes), rate: Number(values.rate), onSample: say });
  const { heapSlopeMbPerHour: slope, longTasks, nodes, updates } = found;
  const longest = Math.max(0, ...longTasks.map(({ ms }) => ms));
  say(`${updates} updates, ${longTasks.length} tasks over 50 ms, the longest ${longest} ms`);
  const tooLong = longTasks.filter(({ ms }) => ms > 200);
  for (const { ms, blame } of tooLong.slice(0, 10)) say(`  ${ms} ms: ${blame}`);
  const [first, last] = [nodes[0] ?? 0, nodes.at(-1) ?? 0];
  return [
    verdict(
      `growth of what the page holds ${slope === null ? '—' : slope.toFixed(2)} MB/h (at most 1)`,
      slope === null || slope <= 1,
    ),
    verdict(`tasks over 200 ms: ${tooLong.length}`, tooLong.length === 0),
    verdict(`DOM nodes ${first} → ${last}`, last <= first * 1.05),
  ].every(Boolean);
}

const TASKS: Readonly<Record<string, () => Promise<boolean>>> = { desk, faults, page };
const task = TASKS[positionals[0] ?? 'desk'];
if (values.help || task === undefined) say(HELP);
else process.exitCode = (await task()) ? 0 : 1;
