import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '#shared/contract/client.ts';
import { DeskError } from '#shared/contract/errors.ts';
import { contract } from '#shared/contract/index.ts';
import type { Handlers } from '#shared/contract/index.ts';
import type { DeskClient, LinkState } from '#shared/contract/wire.ts';
import type { Door, Incident } from '#desk/serve.ts';
import { epochMs } from '#shared/units.ts';
import { createTestDesk } from '#test/support/test-desk.ts';
import type { TestDesk } from '#test/support/test-desk.ts';
import { inProcessWire, messagePortWire, webSocketWire } from '#test/support/wires.ts';
import type { TestWire } from '#test/support/wires.ts';

const WIRES = [
  ['in process', inProcessWire],
  ['message port', messagePortWire],
  ['WebSocket', webSocketWire],
] as const;

const RING = 64;

async function failure(call: Promise<unknown>): Promise<DeskError['data']> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DeskError)) throw new Error(`expected a DeskError, got ${String(error)}`);
  return error.data;
}

/** Resolves once the link is live. */
const live = (client: DeskClient): Promise<void> =>
  new Promise((resolve) => {
    const stop = client.onLink((state) => {
      if (state === 'live') {
        queueMicrotask(() => stop());
        resolve();
      }
    });
  });

/** Waits for one round trip, so that everything sent before it has arrived. */
const settled = (client: DeskClient) => client.call('risk.metrics', {});

describe.each(WIRES)('the contract over the %s wire', (_name, open) => {
  let desk: TestDesk;
  let door: { -readonly [K in keyof Door]: Door[K] };
  let line: TestWire;
  let client: DeskClient;
  let incidents: Incident[];
  let faults: string[];

  const start = async (change: (handlers: Handlers) => Partial<Handlers> = () => ({})): Promise<void> => {
    desk = createTestDesk({ ringCapacity: RING });
    incidents = [];
    faults = [];
    door = {
      stream: desk.stream,
      handlers: { ...desk.handlers, ...change(desk.handlers) },
      onIncident: (incident) => incidents.push(incident),
    };
    line = await open(door);
    client = createClient(line.wire, { onFault: (what) => faults.push(what) });
    await live(client);
  };
  const stop = async (): Promise<void> => {
    client.close();
    await line.close();
    desk.close();
  };
  const restart = async (change: (handlers: Handlers) => Partial<Handlers>): Promise<void> => {
    await stop();
    await start(change);
  };
  const publishNotice = (id: number): void =>
    desk.stream.publish('notice.raised', {
      id: String(id),
      level: 'info',
      at: epochMs(1_700_000_000_000 + id),
      title: 'A notice',
      detail: '',
      remedy: null,
    });

  beforeEach(() => start());
  afterEach(stop);

  it('answers a query with what the handler said', async () => {
    const snapshot = await client.call('desk.snapshot', {});
    const direct = await desk.handlers['desk.snapshot']({});
    expect({ ...snapshot, now: 0, quotes: [] }).toEqual({ ...direct, now: 0, quotes: [] });
    expect(snapshot.recommendations).toHaveLength(6);
  });

  it('carries a command through to the desk and its event back', async () => {
    const heard: string[] = [];
    client.on('recommendation.changed', (r) => heard.push(`${r.root} ${r.state}`));
    const { recommendations } = await client.call('desk.snapshot', {});
    const nq = recommendations.find((r) => r.root === 'NQ');
    const answer = await client.call('recommendation.approve', { id: nq?.id ?? '', contracts: 5 });
    expect(answer.recommendation.state).toBe('approved');
    expect(answer.clientOrderId).toMatch(/^D1-/);
    await settled(client);
    expect(heard).toEqual(['NQ approved']);
  });

  it('passes a typed error on with every field', async () => {
    expect(await failure(client.call('recommendation.get', { id: 'nobody' }))).toEqual({
      code: 'not-found',
      message: 'There is no such id.',
      field: 'id',
      value: 'nobody',
      remedy: 'Reload the list.',
      incident: null,
    });
  });

  it('names the field, the value and the remedy of a bad input', async () => {
    const error = await failure(client.call('recommendation.approve', { id: 'x', contracts: 0 }));
    expect(error).toMatchObject({ code: 'invalid-input', field: 'contracts', value: '0', remedy: 'Give at least 1.' });
  });

  it('refuses a field it does not know', async () => {
    const error = await failure(client.call('risk.metrics', { all: true } as never));
    expect(error).toMatchObject({ code: 'invalid-input', field: 'all' });
  });

  it.each(['nope', '__proto__', 'constructor', 'toString', 'desk.pulse', ''])(
    'answers unknown-operation for %j',
    async (name) => {
      expect(await failure(client.call(name as never, {} as never))).toMatchObject({ code: 'unknown-operation' });
    },
  );

  it('turns a bug of a handler into an incident that finds its cause', async () => {
    const bug = new Error('secret path /home/trader');
    await restart(() => ({
      'risk.metrics': () => {
        throw bug;
      },
    }));
    const error = await failure(client.call('risk.metrics', {}));
    expect(error.code).toBe('internal');
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(incidents).toEqual([{ id: error.incident, operation: 'risk.metrics', cause: bug }]);
  });

  it('does not let an answer out that breaks the contract', async () => {
    await restart((handlers) => ({
      'risk.metrics': async () => {
        const answer = await handlers['risk.metrics']({});
        return { ...answer, risk: { ...answer.risk, heat: Number.NaN } };
      },
    }));
    expect(await failure(client.call('risk.metrics', {}))).toMatchObject({ code: 'internal' });
    expect(incidents).toHaveLength(1);
  });

  it('delivers events in order, each once', async () => {
    const seqs: number[] = [];
    client.on('notice.raised', (_notice, seq) => seqs.push(seq));
    for (let i = 0; i < 50; i += 1) publishNotice(i);
    await settled(client);
    expect(seqs).toHaveLength(50);
    expect(seqs.every((seq, i) => i === 0 || seq === (seqs[i - 1] ?? 0) + 1)).toBe(true);
  });

  it('asks for a snapshot once at the first connection', async () => {
    let resyncs = 0;
    client.onResync(() => (resyncs += 1));
    await settled(client);
    expect(resyncs).toBe(1);
  });

  it('misses nothing over a short disconnection', async () => {
    const heard: string[] = [];
    let resyncs = 0;
    client.on('notice.raised', (notice) => heard.push(notice.id));
    client.onResync(() => (resyncs += 1));
    publishNotice(0);
    await settled(client);
    await line.drop();
    for (let i = 1; i <= RING; i += 1) publishNotice(i);
    await line.rejoin();
    await live(client);
    await settled(client);
    expect(heard).toEqual(Array.from({ length: RING + 1 }, (_, i) => String(i)));
    expect(resyncs).toBe(1);
  });

  it('asks for a new snapshot when the desk no longer has what was missed', async () => {
    const heard: string[] = [];
    let resyncs = 0;
    client.on('notice.raised', (notice) => heard.push(notice.id));
    client.onResync(() => (resyncs += 1));
    await line.drop();
    for (let i = 0; i <= RING; i += 1) publishNotice(i);
    await line.rejoin();
    await live(client);
    publishNotice(1000);
    await settled(client);
    expect(resyncs).toBe(2);
    expect(heard).toEqual(['1000']);
  });

  it('rejects calls under way when the wire goes down, and calls made while it is down', async () => {
    await restart(() => ({ 'risk.metrics': () => new Promise(() => undefined) }));
    const states: LinkState[] = [];
    client.onLink((state) => states.push(state));
    const underWay = failure(client.call('risk.metrics', {}));
    await line.drop();
    expect(await underWay).toMatchObject({ code: 'disconnected' });
    expect(await failure(client.call('desk.snapshot', {}))).toMatchObject({ code: 'disconnected' });
    await line.rejoin();
    await live(client);
    expect(states).toEqual(['live', 'disconnected', 'connecting', 'live']);
    expect((await client.call('desk.snapshot', {})).recommendations).toHaveLength(6);
  });

  it('stays alive under a thousand frames of garbage', async () => {
    const name = fc.oneof(
      fc.constantFrom(...Object.keys(contract), '__proto__', 'constructor', 'hasOwnProperty'),
      fc.string(),
    );
    // Numbers the client does not use itself, so that it cannot take an answer to garbage for its own.
    const foreignId = fc.nat().map((id) => id + 1_000_000);
    const frame = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true, withTypedArray: true }),
      fc.record({ kind: fc.constant('call'), id: fc.oneof(foreignId, fc.anything()), op: name, input: fc.anything() }),
      fc.record({ kind: fc.constant('subscribe'), after: fc.oneof(fc.double(), fc.nat(), fc.anything()) }),
      fc.constant(JSON.parse('{"kind":"call","id":999999,"op":"risk.metrics","input":{"__proto__":{"polluted":1}}}')),
    );
    for (const garbage of fc.sample(frame, { numRuns: 1000, seed: 42 })) line.sendRaw(garbage);
    await settled(client).catch(() => undefined);
    expect((await client.call('desk.snapshot', {})).instruments).toHaveLength(6);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    // A false subscription may move the stream, never break it: the next event still arrives.
    line.sendRaw({ kind: 'subscribe', after: null });
    let heard = 0;
    client.on('notice.raised', () => (heard += 1));
    await settled(client);
    publishNotice(1);
    await settled(client);
    expect(heard).toBe(1);
    expect(incidents.filter((incident) => !(incident.cause instanceof DeskError))).toEqual([]);
  });
});
