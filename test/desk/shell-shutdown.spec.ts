import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isTerminal } from '#shared/domain/order-life.ts';
import { openDesk, type Desk } from '#desk/desk.ts';
import { decide } from '#desk/engine/decide.ts';
import { journalEventSchema } from '#desk/ports/events.ts';
import { scratchRoot } from '#test/support/scratch.ts';
import { generator } from '#test/support/random.ts';
import { seedsOf, timeLimit } from '#test/support/scale.ts';
import { readAside } from './stage.ts';

const SCRIPT = join(import.meta.dirname, '..', 'support', 'shell-child.ts');
const ENDINGS = ['window', 'page', 'helper', 'term', 'throw'] as const;
/** `DURABILITY_SCALE=100` makes five hundred of five, `SEED=n` is that one alone. */
const LIVES = 5;
const ALL = journalEventSchema.options.map((option) => option.shape.kind.value);
const JOURNAL = join('profiles', 'simulation', 'journal.db');

/** What a desk of this seed holds once it has been live for a moment: proposals are approved. */
async function hasPosition(desk: Desk): Promise<boolean> {
  const approvals: Promise<unknown>[] = [];
  const following = desk.stream.subscribe(null, ({ topic, payload }) => {
    if (topic !== 'recommendation.changed' || payload.state !== 'proposed') return;
    const { id, decision } = payload;
    const approval = Promise.resolve(desk.handlers['recommendation.approve']({ id, contracts: decision.contracts }));
    approvals.push(approval.catch(() => undefined));
  });
  await desk.ready();
  for (let look = 0; look < 30; look += 1) {
    const { positions } = await desk.handlers['desk.snapshot']({});
    if (positions.length > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  following.stop();
  await Promise.all(approvals);
  return (await desk.handlers['desk.snapshot']({})).positions.length > 0;
}

/** A closed desk with something held and orders working, and its seed. */
async function openPositions(root: string): Promise<{ readonly folder: string; readonly seed: number }> {
  for (let seed = 1; seed <= 20; seed += 1) {
    const folder = join(root, `desk-${String(seed)}`);
    const desk = await openDesk({ dataFolder: folder, profile: 'simulation', seed, warmUpSessions: 2 });
    const isHolding = await hasPosition(desk);
    await desk.close();
    if (isHolding) return { folder, seed };
  }
  throw new Error('none of twenty desks holds anything');
}

type Life = {
  readonly code: number | null;
  /** `seq hash` of each event the page was told of. */
  readonly told: readonly string[];
  readonly tookMs: number;
  /** What the page showed at the end; null before the desk was ready. */
  readonly state: unknown;
};

async function live(args: readonly string[]): Promise<Life> {
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const deadline = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(deadline);
  const lines = text.split('\n');
  const after = (word: string): string => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length) ?? '';
  return {
    code,
    told: lines.filter((line) => /^\d+ [0-9a-f]{64}$/.test(line)),
    tookMs: Number(after('took')),
    state: JSON.parse(after('state')),
  };
}

/** What is on disk, in the words of the page. */
const onDisk = (path: string) =>
  readAside(path, (journal) => {
    const hashes = new Map([...journal.events({ kinds: ALL })].map(({ seq, hash }) => [seq, hash]));
    const states = [...journal.events({ kinds: ['trading-state'] })].map(({ event }) => event.state);
    return {
      isTold: (line: string) => hashes.get(Number(line.split(' ')[0])) === line.split(' ')[1],
      last: [...journal.events({ kinds: ['stopped'] })].at(-1)?.seq ?? 0,
      head: `${journal.lastSeq()} ${journal.headHash() ?? ''}\n`,
      lastSeq: journal.lastSeq(),
      findings: journal.verify(decide).findings,
      state: {
        positions: journal
          .openLots()
          .map(
            ({ symbol, direction, lots }) =>
              `${symbol} ${direction * lots.reduce((sum, lot) => sum + lot.quantity, 0)}`,
          )
          .sort(),
        orders: journal
          .orders({ openOnly: true })
          .filter((order) => !isTerminal(order))
          .map(({ clientOrderId, life, filled }) => `${clientOrderId} ${life} ${filled}`)
          .sort(),
        trading: states.at(-1) ?? 'active',
      },
    };
  });

describe('a window shell that ends at any moment of its work', () => {
  it(
    'closes its journal, loses nothing the page was told of, and restarts in the state the page showed',
    async () => {
      const root = mkdtempSync(join(scratchRoot(), 'kelly-desk-shell-'));
      onTestFinished(() => rmSync(root, { recursive: true, force: true }));
      const template = await openPositions(root);
      const took: number[] = [];
      for (const seed of seedsOf(LIVES)) {
        const random = generator(seed);
        const ending = ENDINGS[(seed - 1) % ENDINGS.length] ?? 'term';
        const moment = random() < 0.25 ? 'early' : String(Math.floor(random() * 1_200));
        const folder = join(root, 'life');
        cpSync(template.folder, folder, { recursive: true });
        const life = await live([folder, String(template.seed), ending, String(seed), moment]);
        const name = `SEED=${seed}: ${ending} at ${moment}`;
        const path = join(folder, JOURNAL);
        expect([name, life.code]).toEqual([name, ending === 'throw' ? 1 : 0]);
        expect(existsSync(`${path}-wal`), name).toBe(false);
        const disk = onDisk(path);
        expect(readFileSync(`${path}.head`, 'utf8'), name).toBe(disk.head);
        expect(disk.last, `${name}: its last word is that it stopped`).toBe(disk.lastSeq);
        expect(disk.findings, name).toEqual([]);
        expect(
          life.told.filter((line) => !disk.isTold(line)),
          name,
        ).toEqual([]);
        if (life.state !== null) expect([name, life.state]).toEqual([name, disk.state]);
        took.push(life.tookMs);
        rmSync(folder, { recursive: true, force: true });
      }
      // Said, not asserted: a busy machine proves nothing about time.
      if (took.length > LIVES) process.stdout.write(`slowest of ${took.length}: ${Math.max(...took)} ms\n`);
    },
    timeLimit(300_000),
  );
});
