import { useId } from 'react';
import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import { countText, signedMoneyText } from '#shared/format/numbers.ts';
import { shownMoney } from '#renderer/src/ui/shown-money.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { RULE } from './conditions.ts';
import { Hatch } from './hatch.tsx';
import { meanIntervalText, overrideRows } from './overrides.ts';
import type { OverrideRow } from './overrides.ts';
import bars from './bars.module.css';
import table from './table.module.css';

const cls = styler({ ...bars, ...table });

const WIDTH = 64;
const HEIGHT = 12;
const MIDDLE = WIDTH / 2;

/** A bar from zero: what was gained to the right, solid; what was given up to the left, hatched. */
function ValueBar({ value, most, hatch }: { readonly value: number; readonly most: number; readonly hatch: string }) {
  const length = most === 0 ? 0 : (Math.abs(value) / most) * (MIDDLE - 2);
  return (
    <svg width={WIDTH} height={HEIGHT + 2} aria-hidden="true">
      {value !== 0 && (
        <rect
          className={cls('bar', value > 0 ? 'up' : 'down')}
          x={value > 0 ? MIDDLE : MIDDLE - length}
          y={2}
          width={length}
          height={HEIGHT - 2}
          {...(value < 0 ? { fill: `url(#${hatch})` } : {})}
        />
      )}
      <path className={cls('baseline')} d={`M${MIDDLE} 0V${HEIGHT + 2}`} />
    </svg>
  );
}

type RowProps = {
  readonly row: OverrideRow;
  readonly most: number;
  readonly hatch: string;
  readonly isTotal?: boolean;
};

function Row({ row, most, hatch, isTotal = false }: RowProps) {
  const { label, count, value, interval } = row;
  return (
    <tr>
      <th scope="row" className={cls(!isTotal && 'plain')}>
        {label}
      </th>
      <td className={cls('number', count === 0 && 'quiet')}>{countText(count)}</td>
      <td className={cls('bars')}>
        {value !== null && !isTotal && <ValueBar value={value} most={most} hatch={hatch} />}
      </td>
      <td className={cls('number', 'quiet', 'interval')}>{interval !== null && meanIntervalText(interval)}</td>
      {value === null ? (
        <td className={cls('number', 'quiet')}>needs {RULE.overrides}</td>
      ) : (
        <td className={cls('number', 'strong', value > 0 && 'gain', value < 0 && 'loss')}>{signedMoneyText(value)}</td>
      )}
    </tr>
  );
}

const signedTone = (value: number) => cls(value > 0 && 'gain', value < 0 && 'loss');

/** Actual less recommended, taken apart exactly; and the orders whose lines were moved, which have no size effect. */
function Effects({ overrides }: { readonly overrides: PerformanceHistory['overrides'] }) {
  const { sizeEffect, exitEffect, moved, actualPnl, modelPnl, opportunities } = overrides;
  return (
    <p className={cls('foot')}>
      Actual less recommended, {countText(opportunities)} decisions:{' '}
      <b className={signedTone(actualPnl - modelPnl)}>{signedMoneyText(shownMoney(actualPnl - modelPnl))}</b> = size{' '}
      <b className={signedTone(sizeEffect)}>{signedMoneyText(sizeEffect)}</b> + exit{' '}
      <b className={signedTone(exitEffect)}>{signedMoneyText(exitEffect)}</b>
      {moved.count > 0 &&
        `. Lines moved on ${countText(moved.count)}: ${signedMoneyText(moved.exitEffect)} of the exit effect`}
    </p>
  );
}

/** What the trader's changes were worth against the recommendation, by kind. Too few say nothing, and show no value. */
export function OverridesContent({ overrides }: { readonly overrides: PerformanceHistory['overrides'] }) {
  const hatch = useId();
  const { rows, total } = overrideRows(overrides);
  const most = Math.max(0, ...rows.map(({ value }) => Math.abs(value ?? 0)));
  return (
    <>
      <Hatch id={hatch} />
      <table className={cls('table')}>
        <thead>
          <tr>
            <th scope="col">What you changed</th>
            <th scope="col" className={cls('number')}>
              Decisions
            </th>
            <td />
            <th scope="col" className={cls('number')}>
              Mean, 90 %
            </th>
            <th scope="col" className={cls('number')}>
              Value
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.label} row={row} most={most} hatch={hatch} />
          ))}
        </tbody>
        <tfoot>
          <Row row={total} most={most} hatch={hatch} isTotal />
        </tfoot>
      </table>
      <Effects overrides={overrides} />
    </>
  );
}
