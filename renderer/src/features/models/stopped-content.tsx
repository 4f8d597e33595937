import type { ModelsReport, StoppedSignals } from '#shared/domain/models.ts';
import { countText, DASH, percentText, rText, signedMoneyText } from '#shared/format/numbers.ts';
import { Empty } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import table from '#renderer/src/features/performance/table.module.css';
import css from './models.module.css';
import { statusWord } from '#renderer/src/features/journal/filter-words.ts';

const cls = styler({ ...table, ...css });

const KINDS = { veto: 'veto', block: 'blocked', zero: 'size 0' } as const;

function Means({ row }: { readonly row: StoppedSignals }) {
  if (row.resolved === 0) {
    return (
      <td colSpan={4} className={cls('quiet')}>
        no direction to follow
      </td>
    );
  }
  const { meanR, value } = row;
  const isKnown = meanR !== null && value !== null;
  return (
    <>
      <td className={cls('number')}>{percentText(row.wins / row.resolved, 1)}</td>
      <td className={cls('number', !isKnown && 'quiet')}>{isKnown ? rText(meanR.mean) : DASH}</td>
      <td className={cls('number', 'quiet')}>
        {isKnown ? `${rText(meanR.lower)} to ${rText(meanR.upper)}` : 'needs 30 resolved'}
      </td>
      <td
        className={cls('number', isKnown && value > 0 && 'gain', isKnown && value < 0 && 'loss', !isKnown && 'quiet')}
      >
        {isKnown ? signedMoneyText(value, 0) : DASH}
      </td>
    </>
  );
}

/** What the signals that were stopped would have made, by what stopped them, at one contract each. */
export function StoppedContent({ stopped }: { readonly stopped: ModelsReport['stopped'] }) {
  if (stopped.length === 0)
    return <Empty title="Nothing was stopped yet">Vetoes, blocks and sizes of zero are counted here.</Empty>;
  return (
    <table className={cls('table')}>
      <caption className={cls('spoken')}>
        Signals that were stopped, and what one contract of each would have made
      </caption>
      <thead>
        <tr>
          <th scope="col">Stopped by</th>
          <th scope="col">Kind</th>
          <th scope="col" className={cls('number')}>
            Signals
          </th>
          <th scope="col" className={cls('number')}>
            Followed
          </th>
          <th scope="col" className={cls('number')}>
            Won
          </th>
          <th scope="col" className={cls('number')}>
            Mean R
          </th>
          <th scope="col" className={cls('number')}>
            90 % interval
          </th>
          <th scope="col" className={cls('number')}>
            One contract each
          </th>
        </tr>
      </thead>
      <tbody>
        {stopped.map((row) => (
          <tr key={row.status}>
            <th scope="row" className={cls('plain')}>
              {statusWord(row.status)}
            </th>
            <td className={cls('quiet')}>{KINDS[row.kind]}</td>
            <td className={cls('number')}>{countText(row.count)}</td>
            <td className={cls('number')}>{countText(row.resolved)}</td>
            <Means row={row} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
