import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startFaultRelay, type FaultRelay } from '#test/support/fault-relay.ts';
import {
  RELAY_FAULTS,
  type RelayFault,
  faultPlan,
  lengthPrefixed,
  linesOf,
  webSocket,
} from '#test/support/fault-relay-plan.ts';

type Caller = {
  readonly socket: Socket;
  /** Everything that came back. */
  readonly heard: () => string;
  /** How the connection ended; null while it stands. */
  readonly ended: () => 'closed' | 'reset' | null;
};

/** A venue that says every line again, and what it heard. */
async function startEcho(): Promise<{ port: number; heard: () => string; chunks: () => number }> {
  let heard = '';
  let chunks = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      chunks += 1;
      heard += data.toString();
      socket.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, heard: () => heard, chunks: () => chunks };
}

async function startLine(seed: number) {
  const echo = await startEcho();
  const relay = await startFaultRelay({ port: echo.port, seed, frames: linesOf(10) });
  onTestFinished(() => relay.close());
  return { echo, relay };
}

function call({ port }: Pick<FaultRelay, 'port'>): Caller {
  const socket = connect({ port, host: '127.0.0.1' });
  let heard = '';
  let ended: 'closed' | 'reset' | null = null;
  socket.on('data', (data) => (heard += data.toString()));
  socket.on('error', () => (ended = 'reset'));
  socket.on('close', () => (ended ??= 'closed'));
  onTestFinished(() => void socket.destroy());
  return { socket, heard: () => heard, ended: () => ended };
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
};
const LINES = Array.from({ length: 12 }, (_, n) => `line ${String(n)} ${'x'.repeat(40)}\n`);
const say = async ({ socket }: Caller): Promise<void> => {
  for (const line of LINES) {
    socket.write(line);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
const linesIn = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `${line}\n`);
const sorted = (lines: Iterable<string>): readonly string[] => [...lines].sort();

describe('a relay', () => {
  it('that is honest carries everything both ways, and hangs up when either side does', async () => {
    const { relay } = await startLine(1);
    const caller = call(relay);
    await say(caller);
    await until(() => caller.heard() === LINES.join(''));
    caller.socket.end();
    await until(() => caller.ended() === 'closed');
    expect([relay.struck(), relay.connections()]).toEqual([0, 1]);
  });

  it.each<RelayFault>(['latency', 'jitter', 'bandwidth', 'partial-frames'])(
    'under %s loses nothing and keeps the order',
    async (fault) => {
      const { relay, echo } = await startLine(2);
      relay.begin(fault);
      const caller = call(relay);
      await say(caller);
      await until(() => caller.heard() === LINES.join(''));
      expect(relay.struck()).toBeGreaterThan(0);
      if (fault === 'partial-frames') expect(echo.chunks()).toBeGreaterThan(LINES.length);
    },
  );

  it('under duplicate-frames brings whole lines twice', async () => {
    const { relay, echo } = await startLine(3);
    relay.begin('duplicate-frames');
    relay.setPlan({ duplicate: 1 });
    const caller = call(relay);
    await say(caller);
    await until(() => linesIn(echo.heard()).length === 2 * LINES.length);
    expect(sorted(linesIn(echo.heard()))).toEqual(sorted([...LINES, ...LINES]));
    await until(() => linesIn(caller.heard()).length === 4 * LINES.length);
  });

  it('under reorder-frames brings whole lines in another order', async () => {
    const { relay, echo } = await startLine(4);
    relay.begin('reorder-frames');
    const caller = call(relay);
    await say(caller);
    await until(() => linesIn(echo.heard()).length === LINES.length);
    expect(linesIn(echo.heard())).not.toEqual(LINES);
    expect(sorted(linesIn(echo.heard()))).toEqual(sorted(LINES));
  });

  it.each([
    ['half-open-out', false],
    ['half-open-back', true],
    ['black-hole', false],
  ] as const)('under %s stands, and is silent', async (fault, reachesVenue) => {
    const { relay, echo } = await startLine(5);
    relay.begin(fault);
    const caller = call(relay);
    await say(caller);
    await until(() => relay.struck() > 0);
    if (reachesVenue) await until(() => echo.heard() === LINES.join(''));
    else expect(echo.heard().length).toBeLessThan(LINES.join('').length);
    expect(caller.heard().length).toBeLessThan(LINES.join('').length);
    expect(caller.ended()).toBeNull();
    // The next connection is an honest one.
    const second = call(relay);
    await say(second);
    await until(() => second.heard() === LINES.join(''));
  });

  it.each([
    ['reset', 'reset'],
    ['drop-after', 'closed'],
  ] as const)('under %s ends in the middle', async (fault, how) => {
    const { relay } = await startLine(6);
    relay.begin(fault);
    const caller = call(relay);
    await say(caller);
    await until(() => caller.ended() !== null);
    // What is written to a line that is gone may be answered with a reset all the same.
    if (how === 'reset') expect(caller.ended()).toBe('reset');
    expect(linesIn(caller.heard()).length).toBeLessThan(LINES.length);
    expect(relay.struck()).toBe(1);
  });

  it('under slow-close tells a hang-up late, and tells it', async () => {
    const { relay } = await startLine(7);
    relay.begin('slow-close');
    const caller = call(relay);
    await say(caller);
    await until(() => caller.heard() === LINES.join(''));
    caller.socket.end();
    await until(() => caller.ended() === 'closed');
    expect(relay.struck()).toBeGreaterThan(0);
  });

  it('refuses as its venue does: nobody there, nobody answers', async () => {
    const { port } = await startEcho();
    const relay = await startFaultRelay({ port: port === 1 ? 2 : 1, seed: 8 });
    onTestFinished(() => relay.close());
    const caller = call(relay);
    await until(() => caller.ended() !== null);
    expect(caller.ended()).toBe('reset');
  });

  it('has twelve faults, each the same by the same seed and not by every seed', () => {
    expect(RELAY_FAULTS).toHaveLength(12);
    for (const fault of RELAY_FAULTS) {
      expect(faultPlan(fault, 9)).toEqual(faultPlan(fault, 9));
      const plans = Array.from({ length: 20 }, (_, seed) => JSON.stringify(faultPlan(fault, seed)));
      expect(new Set(plans).size, fault).toBeGreaterThan(1);
    }
  });
});

describe('the messages of a protocol', () => {
  it('end with a byte, or stand behind their length, or are the frames of a web socket', () => {
    const line = linesOf(0)();
    expect(line(Buffer.from('ab'))).toBe(0);
    expect(line(Buffer.from('ab\0cd'))).toBe(3);
    const prefixed = lengthPrefixed()();
    expect(prefixed(Buffer.from('API\0\0\0\0\x02v1'))).toBe(4);
    expect(prefixed(Buffer.from('\0\0'))).toBe(0);
    expect(prefixed(Buffer.from('\0\0\0\x02v1rest'))).toBe(6);
    const ws = webSocket();
    expect(ws(Buffer.from('GET / HTTP/1.1\r\n'))).toBe(0);
    expect(ws(Buffer.from('GET / HTTP/1.1\r\n\r\nx'))).toBe(18);
    expect(ws(Buffer.from([0x81, 0x85, 1, 2, 3, 4]))).toBe(11);
    expect(ws(Buffer.from([0x81, 126, 1, 0]))).toBe(260);
    expect(ws(Buffer.from([0x81]))).toBe(0);
  });
});
