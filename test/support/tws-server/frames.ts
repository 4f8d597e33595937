/** The framing of the TWS API: four bytes of length, big-endian, then fields that each end with a zero byte. */

export type Field = string | number | boolean | undefined;

/** One message as bytes. Booleans go as 1 and 0, what is left out as an empty field. */
export function frameOf(fields: readonly Field[]): Buffer {
  const text = fields.map(
    (field) => `${field === undefined ? '' : field === true ? 1 : field === false ? 0 : field}\0`,
  );
  const body = Buffer.from(text.join(''), 'utf8');
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}

/** Reads what a client sends: its greeting (`API\0`, then a framed range of versions), then messages. */
export function createFrameReader(onGreeting: (range: string) => void, onMessage: (fields: string[]) => void) {
  let held = Buffer.alloc(0);
  let isGreeted = false;
  return (chunk: Buffer): void => {
    held = Buffer.concat([held, chunk]);
    if (!isGreeted) {
      if (held.length < 8) return;
      const length = held.readUInt32BE(4);
      if (held.length < 8 + length) return;
      isGreeted = true;
      const range = held.subarray(8, 8 + length).toString('utf8');
      held = held.subarray(8 + length);
      onGreeting(range);
    }
    while (held.length >= 4) {
      const length = held.readUInt32BE(0);
      if (held.length < 4 + length) return;
      const fields = held
        .subarray(4, 4 + length)
        .toString('utf8')
        .split('\0')
        .slice(0, -1);
      held = held.subarray(4 + length);
      onMessage(fields);
    }
  };
}
