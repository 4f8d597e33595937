import { describe, expect, it } from 'vitest';
import { serverFrameSchema } from '#shared/contract/frames.ts';
import type { WireEvent } from '#shared/contract/frames.ts';
import { frameTexts } from '#shells/http/frame-text.ts';

const event = (chars: number): WireEvent => ({ as: 'whole', topic: 'notice.raised', payload: 'x'.repeat(chars) });

describe('the messages of a frame', () => {
  it('are one for an answer, however long', () => {
    const frame = { kind: 'reply', id: 1, ok: true, output: 'x'.repeat(200_000) } as const;
    expect(frameTexts(frame)).toEqual([JSON.stringify(frame)]);
  });

  it('are one for events that fit together, and number the first of each where they do not', () => {
    const events = [event(10), event(7_000), event(7_000), event(100_000), event(10)];
    const texts = frameTexts({ kind: 'events', seq: 7, events });
    const frames = texts.map((text) => serverFrameSchema.parse(JSON.parse(text)));
    expect(frames).toEqual([
      { kind: 'events', seq: 7, events: events.slice(0, 3) },
      { kind: 'events', seq: 10, events: events.slice(3, 4) },
      { kind: 'events', seq: 11, events: events.slice(4) },
    ]);
  });
});
