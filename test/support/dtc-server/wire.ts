/**
 * The wire of DTC in JSON as a server sees it, written from protocols.md section 1 alone: framing, the binary encoding
 * exchange, and the compact arrays of the messages that have them.
 */

export type Message = { readonly Type: number } & Readonly<Record<string, unknown>>;
export type WireEncoding = 2 | 3;

/** Field orders of the compact form: the struct without size and type. */
const COMPACT: Readonly<Record<number, readonly string[]>> = {
  3: ['NumDroppedMessages', 'CurrentDateTime'],
  104: [
    ...['SymbolID', 'SessionSettlementPrice', 'SessionOpenPrice', 'SessionHighPrice', 'SessionLowPrice'],
    ...['SessionVolume', 'SessionNumTrades', 'OpenInterest', 'BidPrice', 'AskPrice', 'AskQuantity', 'BidQuantity'],
    ...['LastTradePrice', 'LastTradeVolume', 'LastTradeDateTime', 'BidAskDateTime', 'SessionSettlementDateTime'],
    ...['TradingSessionDate', 'TradingStatus', 'MarketDepthUpdateDateTime'],
  ],
  107: ['SymbolID', 'AtBidOrAsk', 'Price', 'Volume', 'DateTime'],
  112: ['Price', 'Volume', 'DateTime', 'SymbolID', 'AtBidOrAsk'],
  134: ['SymbolID', 'LastTradePrice', 'LastTradeVolume', 'LastTradeDateTime'],
  108: ['SymbolID', 'BidPrice', 'BidQuantity', 'AskPrice', 'AskQuantity', 'DateTime'],
  117: ['BidPrice', 'BidQuantity', 'AskPrice', 'AskQuantity', 'DateTime', 'SymbolID'],
  803: [
    ...['RequestID', 'StartDateTime', 'OpenPrice', 'HighPrice', 'LowPrice', 'LastPrice', 'Volume', 'OpenInterest'],
    ...['NumTrades', 'BidVolume', 'AskVolume', 'IsFinalRecord'],
  ],
  804: ['RequestID', 'DateTime', 'AtBidOrAsk', 'Price', 'Volume', 'IsFinalRecord'],
};

export function writeMessage(message: Message, encoding: WireEncoding): Buffer {
  const order = encoding === 3 ? COMPACT[message.Type] : undefined;
  const form = order === undefined ? message : { Type: message.Type, F: order.map((name) => message[name] ?? null) };
  return Buffer.from(`${JSON.stringify(form)}\0`, 'latin1');
}

/** What a client may do wrong on the wire, in words. */
export class WireFault extends Error {}

/** Reads messages out of a stream: each ends with a zero byte, its type comes first, compact ones are arrays. */
export function createReader(encoding: () => WireEncoding) {
  let held = Buffer.alloc(0);
  return (chunk: Buffer): readonly Message[] => {
    held = Buffer.concat([held, chunk]);
    const messages: Message[] = [];
    for (let end = held.indexOf(0); end !== -1; end = held.indexOf(0)) {
      const text = held.subarray(0, end).toString('latin1');
      held = held.subarray(end + 1);
      if (!text.startsWith('{"Type":')) throw new WireFault(`Missing 'Type' field: ${text.slice(0, 40)}`);
      const message = JSON.parse(text) as Message;
      const order = COMPACT[message.Type];
      const { F } = message;
      if (encoding() === 3 && order !== undefined && !Array.isArray(F))
        throw new WireFault(`type ${message.Type} must be compact`);
      if (Array.isArray(F) && (encoding() !== 3 || order === undefined))
        throw new WireFault(`type ${message.Type} must not be compact`);
      messages.push(
        Array.isArray(F)
          ? { Type: message.Type, ...Object.fromEntries((order ?? []).map((name, index) => [name, F[index]])) }
          : message,
      );
    }
    return messages;
  };
}

/** The 16 bytes of an encoding request, taken apart; null when these are none. */
export function readEncodingRequest(bytes: Buffer): { readonly version: number; readonly encoding: number } | null {
  if (bytes.readUInt16LE(0) !== 16 || bytes.readUInt16LE(2) !== 6) return null;
  if (bytes.subarray(12, 16).toString('latin1') !== 'DTC\0') return null;
  return { version: bytes.readInt32LE(4), encoding: bytes.readInt32LE(8) };
}

export function encodingResponse(encoding: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(16, 0);
  bytes.writeUInt16LE(7, 2);
  bytes.writeInt32LE(8, 4);
  bytes.writeInt32LE(encoding, 8);
  bytes.write('DTC\0', 12, 'latin1');
  return bytes;
}
