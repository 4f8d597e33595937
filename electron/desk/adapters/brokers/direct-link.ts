import type { Clock } from '#desk/ports/clock.ts';
import { createLane } from './lane.ts';
import type { PaperExchange } from './paper-exchange.ts';
import type { RequestFrame, VenueFrame, VenueLink } from './paper-wire.ts';

/** Time on the way, in ms of the clock. */
export type Latency = { readonly toVenueMs: number; readonly fromVenueMs: number };

/**
 * Makes a link that loses nothing. Without latency a request is answered inside the call that sends it; with latency
 * somebody must let the clock run while an answer is awaited, so it is for live clocks and for tests that advance one.
 */
export function createDirectLink(parts: {
  readonly exchange: PaperExchange;
  readonly clock: Clock;
  readonly latency: () => Latency;
}): VenueLink {
  const { exchange, clock, latency } = parts;
  return {
    open: ({ onFrame }) => {
      let unsubscribe: (() => void) | null = null;
      const back = createLane<VenueFrame>(clock, onFrame);
      const sendBack = (frame: VenueFrame): void => back.send(frame, { delayMs: latency().fromVenueMs });
      const out = createLane<RequestFrame>(clock, ({ id, request }) => {
        unsubscribe ??= exchange.listen((event) => sendBack({ kind: 'event', event }));
        sendBack({ kind: 'answer', to: id, answer: exchange.handle(request) });
      });
      return {
        send: (frame) => out.send(frame, { delayMs: latency().toVenueMs }),
        close: () => {
          unsubscribe?.();
          back.drain();
          // What was sent before hanging up arrives all the same; nobody hears what became of it.
        },
      };
    },
  };
}
