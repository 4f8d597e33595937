import type { Connection, ConnectionState } from '#shared/domain/status.ts';
import { type ConnectionLog, createConnectionLog } from '#desk/adapters/connection-log.ts';
import type { ConnectionParts } from '#desk/adapters/connection-parts.ts';
import { type Batch, type Batches, createBatches, type Question } from './batches.ts';
import type { Encoding, Frame } from './codec.ts';
import { type DtcConnectionConfig, loginOf, speechOf } from './config.ts';
import type { Body, Fields, MessageDef } from './fields.ts';
import type { Address } from './line.ts';
import { createSession, type Logon, LogonRefused, type Session } from './session.ts';

/** Servers that send on to another address do so once or twice, not for ever. */
const MAX_HOPS = 3;

export type LinkParts = Pick<ConnectionParts, 'id' | 'name' | 'clock' | 'secrets'> & {
  readonly kind: Connection['kind'];
  readonly clientName: string;
  readonly tradeAccount: string;
  readonly onFrame: (frame: Frame) => void;
  /** What has to be known before the connection counts as live. A rejection ends the attempt. */
  readonly onLogon: (logon: Logon) => Promise<void>;
  readonly onDown: (why: string) => void;
  /** What keeps a connection that stands from being as good as it should be; null when nothing does. */
  readonly flaw: () => string | null;
  /** What is said of a good connection as long as nothing else is; null or left out: nothing. */
  readonly caution?: string | null;
};

/** The connection to a DTC server, session after session, each of them new. */
export interface DtcLink {
  readonly connect: (signal: AbortSignal) => Promise<void>;
  readonly isUp: () => boolean;
  /** The last answer to a logon; null before the first. */
  readonly logon: () => Logon | null;
  readonly encoding: () => Encoding | null;
  readonly ask: <D extends MessageDef, F extends Fields>(question: Question<D, F>) => Promise<Batch<D>>;
  readonly takeAnswer: (frame: Frame) => boolean;
  readonly encode: Session['encode'];
  readonly write: Session['write'];
  /** Shows anew what `flaw` says. */
  readonly refresh: () => void;
  readonly log: ConnectionLog;
  readonly close: () => Promise<void>;
}

function addressOf(text: string, { port }: Address): Address {
  const [, host, given] = /^\[?([^\]]+?)\]?(?::(\d+))?$/.exec(text.trim()) ?? [];
  if (host === undefined) throw new Error('the server is elsewhere and does not say where');
  return { host, port: given === undefined ? port : Number(given) };
}

/** Makes a link that is not connected. */
export function createDtcLink(config: DtcConnectionConfig, parts: LinkParts): DtcLink {
  const { clock, secrets } = parts;
  const log = createConnectionLog({ id: parts.id, kind: parts.kind, name: parts.name });
  let session: Session | null = null;
  let batches: Batches | null = null;
  let logon: Logon | null = null;
  let encoding: Encoding | null = null;
  let warning: string | null = null;
  /** Why it is of no use to come back; only closing the link forgets it. */
  let barred: string | null = null;

  const isUp = (): boolean => session?.isOpen() === true;
  const stateNow = (): { readonly state: ConnectionState; readonly detail: string | null } => {
    const flaw = parts.flaw();
    return flaw === null ? { state: 'live', detail: warning } : { state: 'degraded', detail: flaw };
  };
  const refresh = (): void => {
    const { state } = log.current();
    if (!isUp() || (state !== 'live' && state !== 'degraded')) return;
    const next = stateNow();
    log.set(next.state, next.detail);
  };
  const bar = (why: string): string => {
    barred = `${why}. The desk does not try again by itself: correct it, then start the desk again`;
    return barred;
  };
  const down = (why: string, mayReturn: boolean): void => {
    batches?.failAll(why);
    parts.onDown(why);
    log.set('disconnected', mayReturn ? why : bar(why));
  };
  const newSession = (): Session => {
    const made = createSession(speechOf(config), {
      clock,
      onFrame: parts.onFrame,
      onDown: (why, mayReturn) => {
        if (session === made) down(why, mayReturn);
      },
      onHeard: () => log.heard(clock.now(), null),
      onWarning: (text) => {
        warning = text;
        refresh();
      },
    });
    session = made;
    batches = createBatches({
      clock,
      send: (def, values) => made.isOpen() && made.write(made.encode(def, values)),
      onLatency: (ms) => log.heard(clock.now(), ms),
    });
    return made;
  };
  const logOn = async (signal: AbortSignal): Promise<Logon> => {
    const { clientName, tradeAccount } = parts;
    const login = await loginOf(config, secrets, { clientName, tradeAccount });
    let address: Address = { host: config.host, port: config.port };
    for (let hop = 0; hop < MAX_HOPS; hop += 1) {
      const outcome = await newSession().logOn(address, login, signal);
      if (outcome.kind === 'in') {
        encoding = outcome.encoding;
        log.heard(clock.now(), outcome.logonMs);
        return outcome.logon;
      }
      address = addressOf(outcome.address, address);
    }
    throw new Error('the server sends from one address to the next');
  };

  return {
    connect: async (signal) => {
      if (barred !== null) throw new Error(barred);
      if (isUp()) return;
      warning = parts.caution ?? null;
      log.set('connecting', null);
      try {
        const answer = await logOn(signal);
        logon = answer;
        log.set('syncing', null);
        const ready = parts.onLogon(answer);
        session?.release();
        await ready;
        if (!isUp()) throw new Error('the connection was lost while the account was read');
        const { state, detail } = stateNow();
        log.set(state, detail);
      } catch (error) {
        const why = error instanceof Error ? error.message : 'the connection failed';
        session?.close(why);
        batches?.failAll(why);
        if (error instanceof LogonRefused && !error.mayReturn) log.set('disconnected', bar(why));
        else log.set('disconnected', why);
        throw error;
      }
    },
    isUp,
    logon: () => logon,
    encoding: () => encoding,
    ask: async (question) => {
      if (!isUp() || batches === null) throw new Error('the server is not connected');
      return batches.ask(question);
    },
    takeAnswer: (frame) => batches?.take(frame) ?? false,
    encode: <F extends Fields>(def: MessageDef<F>, values: Partial<Body<F>>) => {
      if (session === null) throw new Error('the server is not connected');
      return session.encode(def, values);
    },
    write: (...messages) => isUp() && session?.write(...messages) === true,
    refresh,
    log,
    close: () => {
      barred = null;
      session?.close('Closed by the desk.');
      batches?.failAll('the connection was closed');
      log.set('disconnected', 'Closed by the desk.');
      return Promise.resolve();
    },
  };
}
