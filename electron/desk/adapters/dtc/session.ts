import type { Clock } from '#desk/ports/clock.ts';
import { decodeFrame, encodeFrame, type Encoding, type Frame, readFrame } from './codec.ts';
import { encodingRequest, readEncodingAnswer } from './encoding.ts';
import type { Body, Fields, MessageDef, MessageOf } from './fields.ts';
import { createFrameReader } from './frames.ts';
import { type Address, type Line, openLine } from './line.ts';
import { LOGON_STATUS } from './messages/enums.ts';
import { HEARTBEAT, LOGOFF, LOGON_REQUEST, LOGON_RESPONSE } from './messages/session.ts';
import { secondsOf } from './times.ts';

const CONNECT_MS = 10_000;
const ENCODING_MS = 20_000;
const LOGON_MS = 20_000;
/** A server that sends a heartbeat each second is not lost after two. */
const SHORTEST_LOSS_MS = 10_000;
const MAX_REASON = 95;
const NOT_TAKEN = 'a message of the server could not be taken in';
/** Characters that cannot be sent. */
const UNSENDABLE = /[^\x20-\x7e]/gu;

export type Login = {
  readonly username: string;
  readonly password: string;
  readonly clientName: string;
  readonly tradeAccount: string;
  readonly heartbeatSeconds: number;
  /** Flags of LOGON_REQUEST.Integer_1. */
  readonly flags: number;
};

export type Speech = {
  /** Asked of the server; what it answers counts. */
  readonly encoding: Encoding;
  /** The server has a fixed encoding and is not asked. */
  readonly isFixed: boolean;
};

export type SessionParts = {
  readonly clock: Clock;
  readonly onFrame: (frame: Frame) => void;
  /** Told once, when a session that was logged on is over without the desk having ended it. */
  readonly onDown: (why: string, mayReturn: boolean) => void;
  /** Every message is a sign of life. */
  readonly onHeard: () => void;
  readonly onWarning: (text: string) => void;
};

export type Logon = MessageOf<typeof LOGON_RESPONSE>;
/** A server that is elsewhere names its address. */
export type LogonOutcome =
  | { readonly kind: 'in'; readonly logon: Logon; readonly encoding: Encoding; readonly logonMs: number }
  | { readonly kind: 'elsewhere'; readonly address: string };

/** The server said that coming back is of no use. */
export class LogonRefused extends Error {
  readonly mayReturn: boolean;
  constructor(message: string, mayReturn: boolean) {
    super(message);
    this.mayReturn = mayReturn;
  }
}

/** One connection: from the first byte to the first silence, drop or hang-up. It is never opened again. */
export interface Session {
  /** Connects, agrees on an encoding and logs on. Rejects with a sentence. */
  readonly logOn: (address: Address, login: Login, signal: AbortSignal) => Promise<LogonOutcome>;
  /** Hands over what came right behind the answer to the logon, in its order; what comes later is not kept back. */
  readonly release: () => void;
  readonly isOpen: () => boolean;
  /** Writes a message that follows; throws RangeError when a field does not fit. */
  readonly encode: <F extends Fields>(def: MessageDef<F>, values: Partial<Body<F>>) => Buffer;
  /** Hands messages to the socket in one piece; false when no byte has left. */
  readonly write: (...messages: readonly Buffer[]) => boolean;
  /** Ends the session from this side, with a word of farewell where it is logged on. */
  readonly close: (why: string) => void;
}

type Phase = 'new' | 'connecting' | 'encoding' | 'logon' | 'open' | 'over';

/** Makes a session that is not connected yet. */
export function createSession(speech: Speech, parts: SessionParts): Session {
  const { clock } = parts;
  const reader = createFrameReader();
  const abort = new AbortController();
  let phase: Phase = 'new';
  let encoding = speech.encoding;
  let line: Line | null = null;
  let unread: Buffer = Buffer.alloc(0);
  let heardAt = clock.monotonic();
  let cancelTimers: () => void = () => undefined;
  /** What the server says from the logon on until somebody listens; null when somebody does. */
  let early: Frame[] | null = [];
  /** Why the session is over; null while it is not. */
  let ending: Error | null = null;
  let waiting: { readonly answer: (logon: Logon | null) => void; readonly fail: (error: Error) => void } | null = null;

  const end = (error: Error, lastWord?: Buffer): void => {
    if (phase === 'over') return;
    const wasOpen = phase === 'open';
    phase = 'over';
    ending = error;
    early = null;
    cancelTimers();
    abort.abort();
    line?.close(lastWord);
    waiting?.fail(error);
    waiting = null;
    if (wasOpen && lastWord === undefined)
      parts.onDown(error.message, !(error instanceof LogonRefused) || error.mayReturn);
  };
  const fail = (why: string): void => end(new Error(why));

  const encode: Session['encode'] = (def, values) => encodeFrame(def, values, encoding);
  const write: Session['write'] = (...messages) => line?.write(Buffer.concat(messages)) ?? false;

  const onAnswer = (logon: Logon): void => {
    waiting?.answer(logon);
    waiting = null;
  };
  const onLogoff = (frame: Frame): void => {
    const { Reason, DoNotReconnect } = readFrame(LOGOFF, frame);
    const why = `the server ended the session${Reason === '' ? '' : `: ${Reason}`}`;
    end(new LogonRefused(why, (DoNotReconnect ?? 0) === 0));
  };
  const hand = (frame: Frame): void => {
    if (early === null) parts.onFrame(frame);
    else early.push(frame);
  };
  const release = (): void => {
    const kept = early ?? [];
    early = null;
    try {
      for (const frame of kept) if (phase === 'open') parts.onFrame(frame);
    } catch (cause) {
      end(new Error(NOT_TAKEN, { cause }));
    }
  };
  const onFrame = (frame: Frame): void => {
    heardAt = clock.monotonic();
    parts.onHeard();
    if (frame.type === LOGOFF.type) onLogoff(frame);
    else if (phase === 'logon' && frame.type === LOGON_RESPONSE.type) onAnswer(readFrame(LOGON_RESPONSE, frame));
    else if (frame.type === HEARTBEAT.type) {
      const { NumDroppedMessages: dropped } = readFrame(HEARTBEAT, frame);
      if (dropped !== undefined && dropped > 0)
        parts.onWarning(`the server left out ${dropped} messages: this connection is too slow`);
      hand(frame);
    } else if (phase === 'open' || waiting === null) hand(frame);
  };
  const take = (chunk: Buffer): void => {
    const { frames, isTooLong } = reader.push(chunk);
    for (const bytes of frames) {
      // What follows the end of a session is not of it.
      if (phase !== 'logon' && phase !== 'open') return;
      const frame = decodeFrame(bytes);
      if (!frame.ok) fail(`the server is not understood: ${frame.error}`);
      else if (frame.value !== null) onFrame(frame.value);
    }
    if (isTooLong) fail('the server is not understood: a message has no end');
  };
  const takeEncoding = (chunk: Buffer): void => {
    unread = Buffer.concat([unread, chunk]);
    const answer = readEncodingAnswer(unread, speech.encoding);
    if (answer === null) return;
    if (answer.kind === 'refused') {
      fail(answer.why);
      return;
    }
    encoding = answer.encoding;
    unread = answer.rest;
    waiting?.answer(null);
  };
  const onData = (chunk: Buffer): void => {
    try {
      if (phase === 'encoding') takeEncoding(chunk);
      else take(chunk);
    } catch (cause) {
      // A message nobody could take in: the next session asks for everything again, so that nothing is lost by it.
      end(new Error(NOT_TAKEN, { cause }));
      throw cause;
    }
  };

  /** Waits for the answer of a phase, but not for ever. */
  const answered = async (ms: number, what: string): Promise<Logon | null> => {
    const cancel = clock.after(ms, () => fail(`no ${what} within ${ms / 1_000} s`));
    cancelTimers = cancel;
    try {
      return await new Promise<Logon | null>((answer, reject) => {
        waiting = { answer, fail: reject };
      });
    } finally {
      cancel();
      waiting = null;
    }
  };
  const agreeOnEncoding = async (): Promise<void> => {
    if (speech.isFixed) return;
    phase = 'encoding';
    const asked = answered(
      ENCODING_MS,
      'answer to the request for JSON (if the encoding of the server is fixed, say so)',
    );
    write(encodingRequest(speech.encoding));
    await asked;
  };
  const beat = (lossMs: number): void => {
    const silentMs = clock.monotonic() - heardAt;
    if (silentMs >= lossMs) {
      fail(`nothing was heard from the server for ${Math.round(silentMs / 1_000)} s`);
      return;
    }
    write(encode(HEARTBEAT, { NumDroppedMessages: 0, CurrentDateTime: secondsOf(clock.now()) }));
  };
  const goOpen = (heartbeatSeconds: number): void => {
    phase = 'open';
    const period = heartbeatSeconds * 1_000;
    // Half a period before it is due, so that a late timer is not a missed heartbeat.
    cancelTimers = clock.every(period / 2, () => beat(Math.max(SHORTEST_LOSS_MS, 2 * period)));
  };
  const sayWho = async (login: Login): Promise<Logon> => {
    phase = 'logon';
    const asked = answered(LOGON_MS, 'answer to the logon');
    const { username, password, clientName, tradeAccount, heartbeatSeconds, flags } = login;
    write(
      encode(LOGON_REQUEST, {
        ...{ ProtocolVersion: 8, HeartbeatIntervalInSeconds: heartbeatSeconds, ClientName: clientName },
        ...(username === '' ? {} : { Username: username, Password: password }),
        ...(tradeAccount === '' ? {} : { TradeAccount: tradeAccount }),
        Integer_1: flags,
      }),
    );
    const rest = unread;
    unread = Buffer.alloc(0);
    take(rest);
    const logon = await asked;
    if (logon === null) throw new Error('the logon has no answer');
    return logon;
  };
  const judge = (logon: Logon, heartbeatSeconds: number): string | null => {
    const said = logon.ResultText === '' ? '' : `: ${logon.ResultText}`;
    switch (logon.Result) {
      case LOGON_STATUS.LOGON_SUCCESS:
        // It may be over already, by what came in the same packet.
        if (ending !== null) throw ending;
        goOpen(heartbeatSeconds);
        return null;
      case LOGON_STATUS.LOGON_RECONNECT_NEW_ADDRESS:
        end(new Error('the server is elsewhere'));
        return logon.ReconnectAddress;
      case LOGON_STATUS.LOGON_ERROR_NO_RECONNECT:
        throw new LogonRefused(`the server refused the logon, and asks not to try again${said}`, false);
      default:
        throw new LogonRefused(`the server refused the logon${said}`, true);
    }
  };

  const logOn: Session['logOn'] = async (address, login, signal) => {
    const giveUp = (): void => fail('the attempt to connect was given up');
    signal.addEventListener('abort', giveUp, { once: true });
    phase = 'connecting';
    const cancelConnect = clock.after(CONNECT_MS, () => abort.abort());
    try {
      if (signal.aborted) throw new Error('the attempt to connect was given up');
      line = await openLine(address, { onData, onDown: fail }, abort.signal);
      cancelConnect();
      await agreeOnEncoding();
      const startedAt = clock.monotonic();
      const logon = await sayWho(login);
      const elsewhere = judge(logon, login.heartbeatSeconds);
      if (elsewhere !== null) return { kind: 'elsewhere', address: elsewhere };
      return { kind: 'in', logon, encoding, logonMs: clock.monotonic() - startedAt };
    } catch (error) {
      end(error instanceof Error ? error : new Error('the connection failed'));
      throw error;
    } finally {
      cancelConnect();
      signal.removeEventListener('abort', giveUp);
    }
  };

  return {
    logOn,
    release,
    isOpen: () => phase === 'open',
    encode,
    write,
    close: (why) => {
      if (phase === 'over') return;
      const farewell =
        phase === 'open'
          ? encode(LOGOFF, { Reason: why.slice(0, MAX_REASON).replace(UNSENDABLE, '?') })
          : Buffer.alloc(0);
      end(new Error(why), farewell);
    },
  };
}
