import { Readout, ReadoutRow } from '#renderer/src/chart/readout.tsx';
import { percentText, usdText } from '#shared/format/numbers.ts';
import { BOOKS } from './books.ts';
import { BookSwatch } from './book-swatch.tsx';
import type { Box } from './scene.ts';
import { pointTime } from './time-ticks.ts';
import type { Moment } from './timeline.ts';

type Props = { readonly moment: Moment; readonly plot: Box; readonly x: number };

/** The three books at the point looked at: equity, and how far below the highest so far. */
export function MomentReadout({ moment, plot, x }: Props) {
  return (
    <Readout plot={plot} x={x} title={pointTime(moment.at)}>
      {BOOKS.map((style) => (
        <ReadoutRow
          key={style.book}
          name={
            <>
              <BookSwatch style={style} /> {style.name}
            </>
          }
          value={usdText(moment.equity[style.book])}
          rest={percentText(moment.depth[style.book])}
        />
      ))}
    </Readout>
  );
}
