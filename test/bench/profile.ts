import { Session } from 'node:inspector/promises';
import type { Profiler } from 'node:inspector';

/** Rooms of the desk, by the place of the nearest stack frame that belongs to one. Order matters: first match. */
const ROOMS: readonly (readonly [room: string, place: RegExp])[] = [
  ['model services', /desk\/adapters\/models\/simulated\//],
  [
    'HTTP',
    /desk\/adapters\/models\/|node:_http|node:http|node:net|internal\/deps\/undici|internal\/streams|node:_stream|node:internal\/stream_base/,
  ],
  ['engine', /desk\/engine\//],
  ['journal', /desk\/journal\/|better-sqlite3/],
  ['market and broker', /desk\/adapters\//],
  ['pipeline', /electron\/desk\//],
  ['bench', /test\/bench\//],
];

const UNOWNED: Readonly<Record<string, string>> = {
  '(garbage collector)': 'garbage collector',
  '(idle)': 'waiting',
  '(program)': 'runtime',
};

export type HotSpot = { readonly where: string; readonly share: number };
export type Account = {
  /** Share of the samples by room, largest first. */
  readonly rooms: Readonly<Record<string, number>>;
  /** Functions by the share of samples in which they were on the stack (inside), and at its end (self). */
  readonly inside: readonly HotSpot[];
  readonly self: readonly HotSpot[];
};

/** Runs `work` under the CPU profiler of this process. */
export async function profiled(work: () => Promise<unknown>): Promise<Profiler.Profile> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return profile;
}

const placeOf = ({ callFrame }: Profiler.ProfileNode): string => {
  const file = callFrame.url.replace(/^.*\/(electron|shared|test|node_modules)\//, '$1/');
  return file === ''
    ? callFrame.functionName
    : `${callFrame.functionName || '(anonymous)'} ${file}:${callFrame.lineNumber + 1}`;
};

const sorted = (shares: ReadonlyMap<string, number>): HotSpot[] =>
  [...shares].map(([where, share]) => ({ where, share })).sort((a, b) => b.share - a.share);

function add(shares: Map<string, number>, key: string, value: number): void {
  shares.set(key, (shares.get(key) ?? 0) + value);
}

/** Charges every sample to the room of its nearest owner: a library works for whoever called it. */
export function accountOf(profile: Profiler.Profile): Account {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)),
  );
  const [rooms, inside, self] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const samples = profile.samples ?? [];
  const times = profile.timeDeltas ?? [];
  const total = times.reduce((sum, delta) => sum + delta, 0);
  for (const [i, leaf] of samples.entries()) {
    const share = (times[i] ?? 0) / total;
    const stack: Profiler.ProfileNode[] = [];
    for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) stack.push(nodes.get(id)!);
    const room = stack
      .map((node) => ROOMS.find(([, place]) => place.test(node.callFrame.url))?.[0])
      .find((found) => found !== undefined);
    add(rooms, room ?? UNOWNED[stack[0]?.callFrame.functionName ?? ''] ?? 'other', share);
    if (stack[0] !== undefined) add(self, placeOf(stack[0]), share);
    for (const place of new Set(stack.map(placeOf))) add(inside, place, share);
  }
  const own = sorted(inside).filter(({ where }) => / (electron|shared)\//.test(where));
  return {
    rooms: Object.fromEntries(sorted(rooms).map(({ where, share }) => [where, share])),
    inside: own.slice(0, 40),
    self: sorted(self).slice(0, 25),
  };
}
