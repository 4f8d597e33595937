import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/**
 * Which test shows what each adapter does under each fault of its line. A cell names a test, or the adapter with which
 * it shares the part that meets the fault, or why there can be no such fault. What is named must be there.
 */

const FAULTS = [
  ...(['split frames', 'several frames at once', 'garbage', 'oversize', 'slow-loris'] as const),
  ...(['disconnect at every step', 'half-open', 'clock ahead', 'clock behind'] as const),
  ...(['duplicate fills', 'reordered fills', 'late fills', 'reject without ids'] as const),
  ...(['reconnect storm', 'wrong credentials', 'another version'] as const),
] as const;
type Fault = (typeof FAULTS)[number];

/** Under `test/`, and a title in it: of a test, a case, or a fault of a table. */
type Proof = readonly [spec: string, title: string];
type Cell =
  | { readonly proofs: readonly [Proof, ...Proof[]] }
  /** The same module meets it, which both are made with. */
  | { readonly as: 'dtc' | 'ib' | 'alpaca' }
  | { readonly none: string };
const by = (...proofs: [Proof, ...Proof[]]): Cell => ({ proofs });
const none = (why: string): Cell => ({ none: why });

const DTC = 'adapters/dtc/faults.spec.ts';
const IB = 'adapters/ib-faults.spec.ts';
const ALPACA = 'adapters/alpaca-faults.spec.ts';
const MODELS = 'adapters/model-protocols.spec.ts';
const SOURCE = 'adapters/forecast-source.spec.ts';
const STATES = 'desk/connection-states.spec.ts';
const STORMS = 'adapters/reconnect-storms.spec.ts';
const RELAY = '%s, seed %i: no ghost, no double, no lost fill, a clear state';
const BROKER_STORM: Proof = [STORMS, '%s: one attempt at a time, ever later, and no order twice'];
const PRICE_STORM: Proof = [STORMS, '%s: one attempt at a time, ever later, and one subscription'];
const NO_ORDERS = none('prices have no orders and no fills');
const A_FILE = none('a file on this computer has no connection');
const AN_ANSWER = none('an answer belongs to its own request');

const dtc: Readonly<Record<Fault, Cell>> = {
  'split frames': by(['adapters/dtc/wire.spec.ts', 'reads the same messages wherever the stream is cut']),
  'several frames at once': by(['adapters/dtc/wire.spec.ts', 'reads the same messages wherever the stream is cut']),
  garbage: by([DTC, 'is given up when what comes is no DTC: %.12s'], [STATES, 'garbage']),
  oversize: by([DTC, 'is given up when what comes is no DTC: %.12s']),
  'slow-loris': by(
    [DTC, 'gives up a server that answers %s with a byte now and then, and comes in when the next one does not'],
    [DTC, 'is lost when the server says nothing, or a byte now and then, and what was asked is unknown'],
  ),
  'disconnect at every step': by([DTC, 'at type %i, %s it is acted on: no order twice, no fill lost, no ghost']),
  'half-open': by(
    [DTC, 'is lost when the server says nothing, or a byte now and then, and what was asked is unknown'],
    [STATES, 'half open'],
  ),
  'clock ahead': by(
    [DTC, 'books executions once, and none of the future, from a server whose clock is %i s ahead'],
    [STATES, 'clock-skew'],
  ),
  'clock behind': by([DTC, 'books executions once, and none of the future, from a server whose clock is %i s ahead']),
  'duplicate fills': by([DTC, 'books fills that overtake each other, each once (ids of their own: %s)']),
  'reordered fills': by([DTC, 'books fills that overtake each other, each once (ids of their own: %s)']),
  'late fills': by([DTC, 'fetches an execution that was counted and not told, and only then ends the order']),
  'reject without ids': by([DTC, 'does not guess what a refusal without any id is about']),
  'reconnect storm': by(BROKER_STORM),
  'wrong credentials': by([DTC, 'names the wrong password, sends no secret to the screen, and may try again']),
  'another version': by(
    [DTC, 'with another version, counting anew: old and new are told apart'],
    [STATES, 'gone, and back as another version'],
  ),
};
const ib: Readonly<Record<Fault, Cell>> = {
  'split frames': by([IB, 'a session whose messages come byte by byte is the same session']),
  'several frames at once': by(['adapters/ib-broker.spec.ts', 'API 193, many messages in one piece']),
  garbage: by(
    [IB, '%s in the middle never stops the desk'],
    [IB, '%s instead of a greeting is told, and the desk goes on'],
    [STATES, 'another program under the number'],
  ),
  oversize: by([IB, 'an endless length'], [STATES, 'bytes that are no frame']),
  'slow-loris': by([IB, 'one who takes the connection and sends a byte now and then is given up']),
  'disconnect at every step': by([
    IB,
    'a connection cut at any message can be made again, and no order is there twice or without a word',
  ]),
  'half-open': by(
    [IB, 'a line that stands and says nothing is noticed and given up'],
    ['adapters/ib-relay.spec.ts', RELAY],
  ),
  'clock ahead': by([IB, 'are never of the future, and none is lost, though the clock of TWS is %i s ahead']),
  'clock behind': by([IB, 'are never of the future, and none is lost, though the clock of TWS is %i s ahead']),
  'duplicate fills': by([IB, 'told twice, late and in the wrong order are told to the desk once each']),
  'reordered fills': by([IB, 'told twice, late and in the wrong order are told to the desk once each']),
  'late fills': by([IB, 'that never come are asked for, since TWS says the order is filled']),
  'reject without ids': by([IB, 'a refusal without an id refuses nothing']),
  'reconnect storm': by(BROKER_STORM),
  'wrong credentials': by([
    IB,
    'nobody at the port, another client under the number, another account: each is a sentence',
  ]),
  'another version': by([IB, 'TWS that comes back as another version has the orders of before']),
};
const alpaca: Readonly<Record<Fault, Cell>> = {
  'split frames': by([ALPACA, 'is read when messages come a byte a frame, as text or binary']),
  'several frames at once': by([ALPACA, 'is read when what is due at once comes in one frame (%s)']),
  garbage: by([ALPACA, 'ends at garbage, and is whole after the next connection'], [STATES, 'garbage']),
  oversize: by(
    [ALPACA, '%s: an order is looked for and adopted, a list is not had'],
    [ALPACA, 'a message without end closes the stream'],
  ),
  'slow-loris': by([ALPACA, 'a byte now and then: the request is given up in its time, and nothing is known of it']),
  'disconnect at every step': by([ALPACA, 'at step %i, done: %s: no order twice, no fill lost, no ghost']),
  'half-open': by(['adapters/alpaca-relay.spec.ts', RELAY], ['adapters/relay-line.ts', 'half-open-back']),
  'clock ahead': by([ALPACA, 'tells no execution of the future, and loses none, from a clock %i s ahead']),
  'clock behind': by([ALPACA, 'tells no execution of the future, and loses none, from a clock %i s ahead']),
  'duplicate fills': by([ALPACA, 'is read when every update comes twice']),
  'reordered fills': by([ALPACA, 'is read when updates overtake each other']),
  'late fills': by([ALPACA, 'tells nothing twice when it was mute: REST has the executions, under the same keys']),
  'reject without ids': AN_ANSWER,
  'reconnect storm': by(BROKER_STORM),
  'wrong credentials': by([ALPACA, 'says which keys are wrong'], [STATES, 'the stream refuses the keys']),
  'another version': by([ALPACA, 'comes back to a server that was started anew, as another version']),
};
/** Each test of `MODELS` runs for each protocol. */
const models: Readonly<Record<Fault, Cell>> = {
  'split frames': by([MODELS, 'reads an answer cut at every byte']),
  'several frames at once': AN_ANSWER,
  garbage: by(
    [MODELS, 'bare NaN and Infinity, and numbers that are no probabilities, are invalid'],
    [STATES, 'model:lstm'],
  ),
  oversize: by([MODELS, 'what is too large, plain or compressed, is cut off'], [STATES, 'model:ensemble']),
  'slow-loris': by([MODELS, 'a byte at a time, silence, and a connection that is never closed are late']),
  'disconnect at every step': by(
    [MODELS, 'an answer that breaks off at any byte is unavailable, and the next question is answered'],
    [MODELS, 'a server that breaks at every step leaves no crash behind'],
  ),
  'half-open': by([MODELS, 'a byte at a time, silence, and a connection that is never closed are late']),
  'clock ahead': by([SOURCE, 'a time in the future']),
  'clock behind': by([SOURCE, 'an answer as of an earlier bar than asked is dropped']),
  'duplicate fills': by([SOURCE, 'the first answer for a bar stands when the model changes its mind']),
  'reordered fills': by([SOURCE, 'an older ask after a newer answer is dropped']),
  'late fills': by([SOURCE, 'late, twice: one retry and no more']),
  'reject without ids': AN_ANSWER,
  'reconnect storm': by(
    [SOURCE, 'stops asking a dead service and comes back when it does'],
    [MODELS, 'a server that went away and comes back is asked again'],
  ),
  'wrong credentials': by([MODELS, 'sends its token, and says so when it is refused, without showing it']),
  'another version': by(
    [MODELS, 'a server that restarts with another version is noticed'],
    ['desk/model-versions.spec.ts', 'stays blocked over a restart'],
  ),
};

/** Prices come through the same module as the broker of the venue, which meets what a line can do. */
const pricesOf = (as: 'dtc' | 'ib' | 'alpaca', own: Partial<Record<Fault, Cell>>): Readonly<Record<Fault, Cell>> => ({
  ...{ 'split frames': { as }, 'several frames at once': { as }, garbage: { as }, oversize: { as } },
  ...{ 'slow-loris': { as }, 'disconnect at every step': { as }, 'half-open': { as }, 'another version': { as } },
  ...{ 'clock ahead': { as }, 'clock behind': { as }, 'wrong credentials': { as } },
  ...{ 'duplicate fills': NO_ORDERS, 'reordered fills': NO_ORDERS, 'late fills': NO_ORDERS },
  ...{ 'reject without ids': NO_ORDERS, 'reconnect storm': by(PRICE_STORM) },
  ...own,
});
const MATRIX: Readonly<Record<string, Readonly<Record<Fault, Cell>>>> = {
  ...{ 'DTC in JSON': dtc, 'Interactive Brokers': ib, Alpaca: alpaca, 'models, each protocol': models },
  'DTC in JSON Compact': {
    ...(Object.fromEntries(FAULTS.map((fault) => [fault, { as: 'dtc' }])) as Record<Fault, Cell>),
    'split frames': by(['adapters/dtc/wire.spec.ts', 'read the same, compact or plain']),
    'reconnect storm': by(BROKER_STORM, [STORMS, 'DTC in JSON Compact']),
  },
  'prices of DTC': pricesOf('dtc', {
    'clock ahead': by(['adapters/dtc/market.spec.ts', 'are never younger than the moment they came']),
    'disconnect at every step': by([
      'adapters/dtc/market.spec.ts',
      'end with the line, and begin again with the next start',
    ]),
  }),
  'prices of Interactive Brokers': pricesOf('ib', {
    'clock ahead': none('TWS sends prices without a time: they are as of when they came'),
    'clock behind': none('TWS sends prices without a time: they are as of when they came'),
    'disconnect at every step': by([
      'adapters/ib-market.spec.ts',
      'a lost connection is told, and can be started again on a fresh one',
    ]),
  }),
  'prices of Alpaca': pricesOf('alpaca', {
    'split frames': by([
      'adapters/alpaca-market.spec.ts',
      'takes shares and crypto by two streams, split into single bytes',
    ]),
    'clock ahead': by(['adapters/alpaca-market.spec.ts', 'are as of the moment they came at the latest']),
    'clock behind': by([
      'adapters/alpaca-market.spec.ts',
      'tells a quote once a trade is known, as of the time it was made',
    ]),
    'wrong credentials': by([
      'adapters/alpaca-market.spec.ts',
      'says that keys are wrong, and comes back after a loss',
    ]),
  }),
  'Sierra Chart files': {
    ...(Object.fromEntries(FAULTS.map((fault) => [fault, A_FILE])) as Record<Fault, Cell>),
    'split frames': by(['adapters/scid.spec.ts', 'tells what is written, wherever a record is cut while it is']),
    garbage: by(['adapters/scid.spec.ts', 'are read whole, and only those of a file that is one']),
    'another version': by([
      'adapters/scid.spec.ts',
      'goes on in a file that was cut, or put in its place, and tells nothing twice',
    ]),
  },
};

/**
 * The same seen from the desk: what the screen and `risk-metrics` say of a broker and of a price line, and that no entry
 * gets through. Pieces of messages change nothing there: a whole trade goes by them.
 */
const VENUES = 'desk/venue-faults.spec.ts';
const TRADE = { dtc: 'chunk: 1, duplicateFills: true', ib: 'chunk: 1, twice: true, holdExecutions: true' } as const;
const AT_DESK: Readonly<Record<string, readonly Proof[]>> = {
  'split frames': [
    [VENUES, TRADE.dtc],
    [VENUES, TRADE.ib],
  ],
  garbage: [
    [STATES, 'garbage'],
    [STATES, 'bytes that are no frame'],
    [STATES, 'another program under the number'],
  ],
  oversize: [
    [VENUES, 'DTC: a message without end'],
    [VENUES, 'IB: a message without end'],
  ],
  'slow-loris': [
    [VENUES, 'DTC: a server that does not answer the logon'],
    [VENUES, 'IB: a byte now and then instead of a greeting'],
    [STATES, 'Alpaca: a stream that does not answer the logon'],
  ],
  'half-open': [[STATES, 'half open']],
  'clock ahead and behind': [
    [STATES, 'clock-skew'],
    [VENUES, 'clock-skew'],
  ],
  'duplicate, reordered and late fills': [
    [VENUES, TRADE.dtc],
    [VENUES, TRADE.ib],
    ['desk/alpaca-session.spec.ts', 'a stream that is lost in the middle loses no fill and doubles no order'],
  ],
  'reject without ids': [[VENUES, 'Order rejected - reason:no margin']],
  'reconnect storm': [['desk/reconnect-storm.spec.ts', 'that is dropped right after every logon is not hammered']],
  'wrong credentials': [
    [VENUES, 'DTC: the wrong password'],
    [VENUES, 'IB: back as another version, of another account'],
    [STATES, 'the stream refuses the keys'],
  ],
  'another version': [
    [STATES, 'gone, and back as another version'],
    [STATES, 'Alpaca: gone, and back as another version'],
    [VENUES, 'IB: back as another version, of another account'],
  ],
  'degraded: no entry': [
    [VENUES, 'DTC: the account is restricted'],
    [VENUES, 'IB: TWS is cut off from IB'],
    [STATES, 'the account may not trade'],
  ],
  'a price line': [[VENUES, 'DTC prices: the server is gone']],
};

const textOf = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const adapter = (path: string): string => textOf(`../electron/desk/adapters/${path}`);

describe('every fault has a test for every adapter', () => {
  const cells = Object.entries(MATRIX).flatMap(([name, row]) =>
    FAULTS.map((fault): readonly [string, Fault, Cell | undefined] => [name, fault, row[fault]]),
  );
  it('that is there, by its title', () => {
    const missing = cells.flatMap(([name, fault, cell]) => {
      if (cell === undefined) return [`${name}, ${fault}: no word`];
      if ('none' in cell) return cell.none === '' ? [`${name}, ${fault}: no reason`] : [];
      if ('as' in cell) return [];
      return cell.proofs
        .filter(([spec, title]) => !textOf(spec).includes(`'${title}'`))
        .map(([spec, title]) => `${name}, ${fault}: ${spec} has no '${title}'`);
    });
    expect(missing).toEqual([]);
  });

  it('and one at the desk', () => {
    const missing = Object.entries(AT_DESK).flatMap(([fault, proofs]) =>
      proofs.filter(([spec, title]) => !textOf(spec).includes(title)).map((proof) => [fault, ...proof]),
    );
    expect(missing).toEqual([]);
  });

  it('or the part that meets it is the same', () => {
    const shared = {
      dtc: ['createDtcLink', 'dtc/broker.ts', 'dtc/market.ts'],
      ib: ['createIbSession', 'ib/line.ts', 'ib/market-data.ts'],
      alpaca: ['createSocket', 'alpaca/trade-stream.ts', 'alpaca/market-stream.ts'],
    } as const;
    for (const [module, ...users] of Object.values(shared))
      for (const user of users) expect(adapter(user)).toContain(module);
    // The encodings of DTC differ in how a message is written, and nowhere else.
    for (const file of ['session', 'link', 'frames', 'broker', 'batches', 'intake', 'calls', 'holdings', 'market'])
      expect(adapter(`dtc/${file}.ts`)).not.toMatch(/json-compact|isCompact/u);
  });

  it('and the models are tested protocol by protocol', () => {
    expect(textOf(MODELS)).toMatch(/describe\.each\(PROTOCOL_NAMES\)/u);
  });
});
