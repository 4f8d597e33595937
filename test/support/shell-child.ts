import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { z } from 'zod';
import { createDeltaReader } from '#shared/contract/deltas.ts';
import { serverFrameSchema } from '#shared/contract/frames.ts';
import type { PayloadOf, TopicName } from '#shared/contract/index.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import { CHANNEL } from '#shells/electron/trusted-ipc.ts';
import { ElectronRecord, electronDouble } from './electron-double.ts';
import { generator } from './random.ts';

/**
 * A process that is the desk's whole window shell over a double of Electron: main script, IPC and a simulation desk
 * are the real ones. A trader at its page is never still. It ends as it is told, at a random moment of that work.
 * Arguments: data folder; seed of the desk; one of `ENDINGS`; seed of the trader; moment in ms after the desk is ready,
 * or `early`: while it starts. On stdout: `seq hash` of every event that the page was told of, `took` and the ms from
 * the ending to the end, and last `state {…}`: what the page showed then, or null before the desk was ready.
 */
const [folder = '', deskSeed = '1', ending = '', seed = '1', moment = 'early'] = process.argv.slice(2);
const random = generator(Number(seed));
const say = (text: string): void => void writeSync(1, `${text}\n`);

const record = new ElectronRecord();
// Whatever is open: yes, quit.
record.dialogAnswer = 1;
const double = electronDouble(record);
double.app.exit = (code?: number) => process.exit(code ?? 0);
record.app.on('double:quit', () => process.exit(0));
Object.assign(globalThis, { electronDouble: double });
const names = Object.keys(double).join(', ');
const url = `data:text/javascript,${encodeURIComponent(`export const { ${names} } = globalThis.electronDouble;`)}`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url, shortCircuit: true } : next(specifier, context),
});
process.argv.push(`--data=${folder}`, '--profile=simulation', `--seed=${deskSeed}`);
await import('#shells/electron/main.ts');
const window = await record.window();
const page = () => ({ sender: { id: window.webContents.id }, senderFrame: { parent: null, url: 'app://desk/' } });

const shown = {
  positions: [] as PayloadOf<'positions.changed'>,
  orders: new Map<string, PayloadOf<'order.changed'>>(),
  trading: '',
};
const isTopic = <N extends TopicName>(
  event: { readonly topic: string; readonly payload: unknown },
  topic: N,
): event is { readonly topic: N; readonly payload: PayloadOf<N> } => event.topic === topic;
const snapshotPart = z.looseObject({
  positions: z.custom<PayloadOf<'positions.changed'>>(Array.isArray),
  orders: z.array(z.custom<PayloadOf<'order.changed'>>()),
  risk: z.looseObject({ tradingState: z.string() }),
  startup: z.looseObject({ phase: z.string() }),
});

let nextId = 0;
const answers = new Map<number, (output: unknown) => void>();
/** Asks as the page does; the answer, or null when it was refused. */
function ask(op: string, input: unknown): Promise<unknown> {
  nextId += 1;
  const id = nextId;
  return new Promise((resolve) => {
    answers.set(id, resolve);
    record.ipcMain.emit(CHANNEL, page(), { kind: 'call', id, op, input });
  });
}
const proposals: { readonly id: string; readonly contracts: number }[] = [];
let isReady = false;
let isShown = false;
function take(event: { readonly topic: string; readonly payload: unknown }): void {
  if (isTopic(event, 'journal.changed')) say(`${event.payload.events} ${event.payload.headHash ?? ''}`);
  if (isTopic(event, 'positions.changed')) shown.positions = event.payload;
  if (isTopic(event, 'order.changed')) shown.orders.set(event.payload.clientOrderId, event.payload);
  if (isTopic(event, 'desk.pulse')) shown.trading = event.payload.risk.tradingState;
  if (isTopic(event, 'desk.startup') && event.payload.phase === 'ready') isReady = true;
  if (isTopic(event, 'recommendation.changed') && event.payload.state === 'proposed')
    proposals.push({ id: event.payload.id, contracts: event.payload.decision.contracts });
}
const deltas = createDeltaReader();

/** What the desk sent to the page since the last time. */
function read(): void {
  for (const [channel, raw] of window.webContents.sent.splice(0)) {
    if (channel !== CHANNEL) continue;
    const frame = serverFrameSchema.parse(raw);
    if (frame.kind === 'subscribed') deltas.clear();
    if (frame.kind === 'events') {
      for (const [i, event] of frame.events.entries()) {
        const payload = deltas.read(frame.seq + i, event);
        if (payload.ok) take({ topic: event.topic, payload: payload.value });
      }
    }
    if (frame.kind === 'reply') answers.get(frame.id)?.(frame.ok ? frame.output : null);
  }
}
window.webContents.on('double:sent', read);

/** The page comes up, and comes up again: it subscribes and fetches everything. */
async function load(): Promise<void> {
  record.ipcMain.emit(CHANNEL, page(), { kind: 'subscribe', after: null });
  const snapshot = snapshotPart.parse(await ask('desk.snapshot', {}));
  shown.positions = snapshot.positions;
  for (const order of snapshot.orders) shown.orders.set(order.clientOrderId, order);
  shown.trading = snapshot.risk.tradingState;
  if (snapshot.startup.phase === 'ready') isReady = true;
}
await load();

const pick = <T>(of: readonly T[]): T | undefined => of[Math.floor(random() * of.length)];
/** One act of a trader, chosen by seed. */
async function act(): Promise<void> {
  const proposal = proposals.shift();
  if (proposal !== undefined) {
    await ask('recommendation.approve', proposal);
    return;
  }
  const draw = random();
  const held = pick(shown.positions);
  const order = pick([...shown.orders.values()].filter(({ role }) => role === 'entry'));
  if (draw < 0.01 && held !== undefined) await ask('position.flatten', { symbol: held.symbol });
  else if (draw < 0.1 && order !== undefined) await ask('order.cancel', { clientOrderId: order.clientOrderId });
  else if (draw < 0.2) await ask('reconciliation.run', {});
  else if (draw < 0.5) await tell(await ask('trading.halt', { reason: `halt ${draw}` }));
  else await tell(await ask('trading.resume', { reason: `resume ${draw}` }));
}
const risk = z.looseObject({ tradingState: z.string() });
async function tell(answer: unknown): Promise<void> {
  if (answer !== null) shown.trading = risk.parse(answer).tradingState;
  await new Promise((resolve) => setImmediate(resolve));
}
/** While history is made nothing is told step by step: the page fetches it whole when the desk is ready. */
async function live(): Promise<void> {
  while (!isReady) await new Promise((resolve) => setTimeout(resolve, 5));
  await load();
  isShown = true;
  void (async () => {
    for (;;) await act();
  })();
}

function crashPage(): void {
  window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 139 });
  window.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
  answers.clear();
  void load();
}
const closeWindow = (): void => {
  window.emit('close');
  window.emit('closed');
  record.app.emit('window-all-closed');
};
const ENDINGS: Readonly<Record<string, () => void>> = {
  /** The trader closes the window. */
  window: closeWindow,
  /** The page's process dies, once or twice, and soon after the window is closed. */
  page: () => {
    crashPage();
    if (random() < 0.5) setTimeout(crashPage, 40 * random());
    setTimeout(closeWindow, 120 * random());
  },
  /** A helper process of the shell dies; the trader quits. */
  helper: () => {
    record.app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed', exitCode: 9 });
    setTimeout(() => double.app.quit(), 20 * random());
  },
  /** The service manager, or the system that shuts down, ends it. */
  term: () => void process.kill(process.pid, 'SIGTERM'),
  throw: () => {
    throw new Error('nobody catches this');
  },
};

let endedAt = 0;
process.on('exit', () => {
  read();
  const open = [...shown.orders.values()].filter((order) => !isTerminal(order));
  const state = {
    positions: shown.positions.map(({ symbol, quantity }) => `${symbol} ${quantity}`).sort(),
    orders: open.map(({ clientOrderId, life, filled }) => `${clientOrderId} ${life} ${filled}`).sort(),
    trading: shown.trading,
  };
  say(`took ${Math.round(performance.now() - endedAt)}`);
  say(`state ${JSON.stringify(isShown ? state : null)}`);
});
const end = (): void => {
  endedAt = performance.now();
  ENDINGS[ending]?.();
};
const trading = live();
if (moment === 'early') setTimeout(end, 200 * random());
else void trading.then(() => setTimeout(end, Number(moment)));
