import { percentText, usdText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { BOOKS } from './books.ts';
import { BookSwatch } from './book-swatch.tsx';
import type { Box } from './scene.ts';
import { pointTime } from './time-ticks.ts';
import type { Moment } from './timeline.ts';
import css from './charts.module.css';

const cls = styler(css);

type At = { readonly plot: Box; readonly x: number };

/** The line through both charts at the point looked at. */
export function Crosshair({ plot, x }: At) {
  return (
    <span
      className={cls('crosshair')}
      style={{ left: x, top: plot.top, height: plot.bottom - plot.top }}
      aria-hidden="true"
    />
  );
}

/** The figures of the point looked at, on the side of the line with more room. */
export function Readout({ moment, plot, x }: At & { readonly moment: Moment }) {
  const isRight = x < (plot.left + plot.right) / 2;
  return (
    <div
      className={cls('readout', isRight ? 'onRight' : 'onLeft')}
      style={{ left: x, top: plot.top }}
      aria-hidden="true"
    >
      <p>{pointTime(moment.at)}</p>
      <table>
        <tbody>
          {BOOKS.map((style) => (
            <tr key={style.book}>
              <th scope="row">
                <BookSwatch style={style} /> {style.name}
              </th>
              <td>{usdText(moment.equity[style.book])}</td>
              <td className={cls('depth')}>{percentText(moment.depth[style.book])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
