import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Door } from '#desk/serve.ts';
import { startHttpShell } from '#shells/http/server.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { recommendationsAt } from '#test/support/desk-fixtures/recommendations.ts';
import { createTestDesk } from '#test/support/test-desk.ts';
import { NOW } from '#test/bench/fixtures.ts';
import { figure, grownWith, interleave, quantile } from '#test/bench/harness.ts';
import type { Bench, Figures, Side } from '#test/bench/harness.ts';

const ROWS = 500;
const CHANGED = 50;
/** Rows that change at once. */
const SIZES = [5, CHANGED, ROWS] as const;

function rowsOf(count: number): readonly Recommendation[] {
  const models = recommendationsAt(NOW);
  return Array.from({ length: count }, (_, i) => {
    const model = models[i % models.length]!;
    return { ...model, id: `${model.id.slice(0, 20)}${String(i).padStart(6, '0')}`, symbol: `${model.symbol}-${i}` };
  });
}

/** A client that parses every message and tells when `count` more have come; a message of events counts as so many. */
type Receiver = { readonly socket: WebSocket; expect(count: number): Promise<void>; bytes(): number };

const countOf = (message: unknown): number =>
  typeof message === 'object' && message !== null && 'events' in message && Array.isArray(message.events)
    ? message.events.length
    : 1;

async function receiver(socket: WebSocket): Promise<Receiver> {
  let [left, bytes] = [0, 0];
  let done: () => void = () => undefined;
  socket.on('message', (data: Buffer) => {
    left -= countOf(JSON.parse(data.toString('utf8')));
    bytes += data.length;
    if (left === 0) done();
  });
  await once(socket, 'open');
  return {
    socket,
    bytes: () => bytes,
    expect: (count) => {
      [left, bytes] = [count, 0];
      return new Promise((resolve) => {
        done = resolve;
      });
    },
  };
}

/** Runs `send` again and again, each until all of it has arrived and been parsed. */
async function trips(
  name: string,
  client: Receiver,
  shape: { count: number; messages: number; send: () => void },
): Promise<Figures> {
  const times: number[] = [];
  for (let i = 0; i < shape.count; i += 1) {
    const arrived = client.expect(shape.messages);
    const start = performance.now();
    shape.send();
    await arrived;
    times.push((performance.now() - start) * 1000);
  }
  return {
    [`${name}, p50`]: figure(quantile(times, 0.5), 'µs'),
    [`${name}, p99`]: figure(quantile(times, 0.99), 'µs'),
    [`${name}, size`]: figure(client.bytes() / 1024, 'KB'),
  };
}

async function bareLine(): Promise<{ client: Receiver; send: (text: string) => void; close: () => Promise<void> }> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(sockets, 'connection');
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    perMessageDeflate: false,
  });
  const client = await receiver(socket);
  const [line] = (await accepted) as [WebSocket];
  return {
    client,
    send: (text) => line.send(text),
    close: async () => {
      socket.terminate();
      sockets.close();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What changed, against everything, over the real shell; and over a socket with nothing around it. */
export const push: Bench = {
  name: 'push',
  title: 'WebSocket: 50 changed recommendations of 500',
  run: async ({ rounds, isQuick, folder }) => {
    const count = isQuick ? 3 : 40;
    const rows = rowsOf(ROWS);
    let round = 0;
    /** Rows with another size, and with another ladder, as a new decision has them. */
    const changed = (many: number = CHANGED): readonly Recommendation[] => {
      round += 1;
      return rows.slice(0, many).map((row) => {
        const { decision } = row;
        const walls = decision.walls.map((wall) => ({ ...wall, atSize: wall.atSize + round }));
        return { ...row, decision: { ...decision, walls, contracts: 1 + (round % 5) } };
      });
    };
    const desk = createTestDesk();
    const still = await desk.handlers['desk.snapshot']({});
    const door: Door = {
      stream: desk.stream,
      handlers: { ...desk.handlers, 'desk.snapshot': () => ({ ...still, recommendations: [...rows] }) },
    };
    const shell = await startHttpShell({ desk: door, staticFolder: folder });
    const socket = new WebSocket(`${shell.origin.replace('http', 'ws')}/ws`, {
      origin: shell.origin,
      headers: { authorization: `Bearer ${shell.token}` },
    });
    const client = await receiver(socket);
    const subscribed = client.expect(1);
    socket.send(JSON.stringify({ kind: 'subscribe', after: null }));
    await subscribed;
    const bare = await bareLine();
    let id = 0;
    const askSnapshot = (): void => {
      id += 1;
      socket.send(JSON.stringify({ kind: 'call', id, op: 'desk.snapshot', input: {} }));
    };
    try {
      const series = await interleave(
        [
          ...SIZES.map(
            (many): Side =>
              () =>
                trips(`desk, ${many} changes`, client, {
                  ...{ count, messages: many },
                  send: () => changed(many).forEach((row) => desk.stream.publish('recommendation.changed', row)),
                }),
          ),
          () => trips('desk, snapshot of 500', client, { count, messages: 1, send: askSnapshot }),
          () =>
            trips('bare, one message of 500', bare.client, {
              count,
              messages: 1,
              send: () => bare.send(JSON.stringify(rows)),
            }),
          () =>
            trips('bare, one message of 50', bare.client, {
              count,
              messages: 1,
              send: () => bare.send(JSON.stringify(changed())),
            }),
        ],
        { rounds },
      );
      const grown = SIZES.map((many) => ({ x: many, of: `desk, ${many} changes, p50` }));
      return {
        series: [...series, grownWith(series, 'growth exponent, changes', grown)],
        notes: [
          'Server and client share one process and one core; a trip ends when the last message has been parsed.',
          'Sizes and walls of a changed recommendation are other ones, the rest is as it was. The desk sends what changed, and what comes in one turn together; the bare side sends the rows whole. A snapshot is asked for, checked against the contract, and sent as one frame.',
        ],
      };
    } finally {
      socket.terminate();
      await bare.close();
      await shell.close();
      desk.close();
    }
  },
};
