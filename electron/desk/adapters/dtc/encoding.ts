import { decodeFrame, type Encoding, readFrame } from './codec.ts';
import { ENCODING } from './messages/enums.ts';
import { ENCODING_RESPONSE } from './messages/session.ts';

/** Bytes of the one message that is binary whatever the encoding: size, type, version, encoding, "DTC". */
const SIZE = 16;
const VERSION = 8;
const OPEN_BRACE = 0x7b;
const CODES: Readonly<Record<Encoding, number>> = {
  json: ENCODING.JSON_ENCODING,
  'json-compact': ENCODING.JSON_COMPACT_ENCODING,
};
const NAMES: Readonly<Record<number, string>> = {
  [ENCODING.BINARY_ENCODING]: 'binary',
  [ENCODING.BINARY_WITH_VARIABLE_LENGTH_STRINGS]: 'binary with variable length strings',
  [ENCODING.PROTOCOL_BUFFERS]: 'protocol buffers',
};

/** What a server made of the request; `rest` is what came after its answer. */
export type EncodingAnswer =
  | { readonly kind: 'agreed'; readonly encoding: Encoding; readonly rest: Buffer }
  | { readonly kind: 'refused'; readonly why: string };

/** Returns the bytes that ask for an encoding. They must be the first on a connection. */
export function encodingRequest(encoding: Encoding): Buffer {
  const bytes = Buffer.alloc(SIZE);
  bytes.writeUInt16LE(SIZE, 0);
  bytes.writeUInt16LE(6, 2);
  bytes.writeInt32LE(VERSION, 4);
  bytes.writeInt32LE(CODES[encoding], 8);
  bytes.write('DTC\0', 12, 'latin1');
  return bytes;
}

function answerOf(code: number | undefined, rest: Buffer): EncodingAnswer {
  const found = (['json', 'json-compact'] as const).find((encoding) => CODES[encoding] === code);
  if (found !== undefined) return { kind: 'agreed', encoding: found, rest };
  const name = code === undefined ? 'none' : (NAMES[code] ?? `number ${code}`);
  return { kind: 'refused', why: `the server speaks no JSON: it answered with the encoding "${name}"` };
}

/** A server that writes its answer in JSON, or goes on as if no question had been asked. */
function fromJson(bytes: Buffer, wanted: Encoding): EncodingAnswer | null {
  const end = bytes.indexOf(0);
  if (end === -1) return bytes.length > 65_536 ? { kind: 'refused', why: 'its answer has no end' } : null;
  const decoded = decodeFrame(bytes.subarray(0, end));
  if (!decoded.ok || decoded.value === null) return { kind: 'refused', why: 'its answer is no DTC' };
  if (decoded.value.type !== ENCODING_RESPONSE.type) return { kind: 'agreed', encoding: wanted, rest: bytes };
  return answerOf(readFrame(ENCODING_RESPONSE, decoded.value).Encoding, bytes.subarray(end + 1));
}

/** Reads the answer to an encoding request; null while it is not whole yet. The encoding in it is the one in force. */
export function readEncodingAnswer(received: Buffer, wanted: Encoding): EncodingAnswer | null {
  const start = received.findIndex((byte) => byte > 0x20 || byte === SIZE);
  if (start === -1) return received.length > SIZE ? { kind: 'refused', why: 'its answer is no DTC' } : null;
  const bytes = received.subarray(start);
  if (bytes[0] === OPEN_BRACE) return fromJson(bytes, wanted);
  if (bytes[0] !== SIZE) return { kind: 'refused', why: 'what answers there is no DTC server' };
  if (bytes.length < SIZE) return null;
  if (bytes.readUInt16LE(0) !== SIZE || bytes.readUInt16LE(2) !== ENCODING_RESPONSE.type)
    return { kind: 'refused', why: 'it did not answer the question for an encoding' };
  return answerOf(bytes.readInt32LE(8), bytes.subarray(SIZE));
}
