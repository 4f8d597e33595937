import type { ReactNode } from 'react';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './readout.module.css';

const cls = styler(css);

type Span = { readonly left: number; readonly right: number };

type CrosshairProps = { readonly plot: Span & { readonly top: number; readonly bottom: number }; readonly x: number };

/** The line through a chart at the point looked at. */
export function Crosshair({ plot, x }: CrosshairProps) {
  return (
    <span
      className={cls('crosshair')}
      style={{ left: x, top: plot.top, height: plot.bottom - plot.top }}
      aria-hidden="true"
    />
  );
}

type ReadoutProps = {
  readonly plot: Span & { readonly top: number };
  readonly x: number;
  readonly title: ReactNode;
  /** Rows of a table. */
  readonly children: ReactNode;
};

/** The figures of the point looked at, on the side of the line with more room. The slider says them to the ear. */
export function Readout({ plot, x, title, children }: ReadoutProps) {
  return (
    <div className={cls('place')} style={{ left: x, top: plot.top }} aria-hidden="true">
      <div className={cls('readout', x < (plot.left + plot.right) / 2 ? 'onRight' : 'onLeft')}>
        <p>{title}</p>
        <table>
          <tbody>{children}</tbody>
        </table>
      </div>
    </div>
  );
}

/** A figure of a readout: its name, its value, and a lesser one beside it. */
export function ReadoutRow({
  name,
  value,
  rest,
}: {
  readonly name: ReactNode;
  readonly value: string;
  readonly rest?: string;
}) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{value}</td>
      {rest !== undefined && <td className={cls('rest')}>{rest}</td>}
    </tr>
  );
}
