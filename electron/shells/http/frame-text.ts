import type { ServerFrame } from '#shared/contract/frames.ts';

/** Events go on in a further message above this: a page reads a message in one go, and draws nothing meanwhile. */
const MOST_CHARS = 16 * 1024;

/**
 * The messages that carry a frame: one, or several for events that are too many together. An event larger than the limit
 * goes alone.
 */
export function frameTexts(frame: ServerFrame): readonly string[] {
  if (frame.kind !== 'events') return [JSON.stringify(frame)];
  const texts: string[] = [];
  let parts: string[] = [];
  let chars = 0;
  let { seq } = frame;
  const end = (): void => {
    texts.push(`{"kind":"events","seq":${seq},"events":[${parts.join(',')}]}`);
    seq += parts.length;
    [parts, chars] = [[], 0];
  };
  for (const event of frame.events) {
    const part = JSON.stringify(event);
    if (parts.length > 0 && chars + part.length > MOST_CHARS) end();
    parts.push(part);
    chars += part.length;
  }
  end();
  return texts;
}
