import type { Quote } from '#shared/domain/market.ts';
import type { WireEnds, VenueLink } from '#desk/adapters/brokers/paper-wire.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { createTruth, type Truth } from './scripted.ts';
import { instrumentsOf } from './soak-world.ts';
import type { VenueLine } from './venue-line.ts';
import { addRow, type Step, type ToVenue, type VenueRecords } from './venue-wire.ts';

/** The venue as the desk sees it: a line to it, and the steps of time by which both go on together. */
export type FarVenue = {
  readonly link: VenueLink;
  /** Since when the line was tried, and when it was up: from the answer to a logon until it was gone. */
  readonly truth: Truth;
  quote(quote: Quote): void;
  /** Drops the line that stands. */
  drop(): void;
  /** No faults from now on. */
  calm(): void;
  /** Lets the venue come to the desk's time, tells it what the desk did, and the desk what came of all that. */
  meet(): void;
  records(): VenueRecords;
  close(): Promise<unknown>;
};

/** The far end of a line. Both go on by turns, so that the same seed is the same hours. */
export function createFarVenue(
  { due, begin, take, block, close }: VenueLine,
  { symbols, clock }: { readonly symbols: number; readonly clock: Clock },
): FarVenue {
  const truth = createTruth();
  const lines = new Map<number, { readonly ends: WireEnds; isUp: boolean }>();
  const places = new Map(instrumentsOf(symbols).map(({ symbol }, place) => [symbol, place]));
  let ops: ToVenue[] = [];
  /** How much of the block of the next step is used. */
  let used = 0;
  let opened = 0;
  /** Quotes that came before another word go before it, in the message with it. */
  const gather = (): void => {
    if (used > 0) ops.push({ op: 'quotes', rows: block().slice(0, used) });
    used = 0;
  };
  const tell = (op: ToVenue): void => {
    gather();
    ops.push(op);
  };
  const step = (asks: Step['asks']): void => {
    if (ops.length > 0 || asks !== 'news') gather();
    begin({ at: clock.now(), ops, asks }, used);
    [ops, used] = [[], 0];
  };
  const hangUp = (line: number): void => {
    lines.delete(line);
    truth.set(false, clock.now());
  };
  return {
    truth,
    link: {
      open: (ends) => {
        opened += 1;
        const line = opened;
        lines.set(line, { ends, isUp: false });
        truth.tried(clock.now());
        tell({ op: 'open', line });
        return {
          send: (frame) => tell({ op: 'send', line, frame }),
          close: () => {
            tell({ op: 'close', line });
            hangUp(line);
          },
        };
      },
    },
    quote: (quote) => {
      if (used === block().length) gather();
      used = addRow(block(), used, { place: places.get(quote.symbol) ?? -1, quote });
    },
    drop: () => tell({ op: 'drop' }),
    calm: () => tell({ op: 'calm' }),
    meet: () => {
      // A venue that has nothing to do says nothing of prices before its next turn, nor of what is still on the line.
      const isSilent = due() > clock.now() && ops.every(({ op }) => op === 'send' || op === 'quotes');
      if (isSilent && used === 0 && ops.length === 0) return;
      step('news');
      if (isSilent) return;
      for (const news of take().news) {
        const line = lines.get(news.line);
        if (line === undefined) continue;
        if ('down' in news) {
          hangUp(news.line);
          line.ends.onDown(news.down);
          continue;
        }
        if (!line.isUp && news.frame.kind === 'answer' && news.frame.answer.kind === 'alive') {
          line.isUp = true;
          truth.set(true, clock.now());
        }
        line.ends.onFrame(news.frame);
      }
    },
    records: () => {
      due();
      step('records');
      const { records } = take();
      if (records === null) throw new Error('the venue did not give its records');
      return records;
    },
    close,
  };
}
