import type { ImportedExecution, ImportRowNote } from '#shared/domain/import.ts';
import { countText, moneyText, MINUS } from '#shared/format/numbers.ts';
import { useInstruments } from '#renderer/src/store/market.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { clockTime, dayDate } from '#renderer/src/ui/times.ts';
import css from './import.module.css';
import { accountName, priceOr, priceStyleOf } from './trade-words.ts';

const cls = styler(css);

function More({ shown, total }: { readonly shown: number; readonly total: number }) {
  if (total <= shown) return null;
  return (
    <p className={cls('quiet')}>
      The first {countText(shown)} of {countText(total)}.
    </p>
  );
}

type SampleProps = { readonly rows: readonly ImportedExecution[]; readonly total: number };

/** The first executions that would be added, as the desk reads them. */
export function SampleTable({ rows, total }: SampleProps) {
  const instruments = useInstruments((s) => s.bySymbol);
  if (rows.length === 0) return <p className={cls('quiet')}>Nothing to add so far.</p>;
  return (
    <>
      <div className={cls('tableRoom')} tabIndex={0} role="region" aria-label="Executions to add">
        <table className={cls('table')}>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Executed, New York time</th>
              <th scope="col">Account</th>
              <th scope="col">Contract</th>
              <th scope="col" className={cls('number')}>
                Qty
              </th>
              <th scope="col" className={cls('number')}>
                Price
              </th>
              <th scope="col" className={cls('number')}>
                Fees
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.execKey}>
                <td className={cls('quiet')}>{row.line}</td>
                <td>
                  {dayDate(row.at)} {clockTime(row.at)}
                </td>
                <td>{accountName(row.account)}</td>
                <td className={cls('strong')}>{row.symbol}</td>
                <td className={cls('number')}>{`${row.direction > 0 ? '+' : MINUS}${row.quantity}`}</td>
                <td className={cls('number')}>{priceOr(priceStyleOf(row, instruments), row.price)}</td>
                <td className={cls('number')}>{moneyText(row.fee)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <More shown={rows.length} total={total} />
    </>
  );
}

type NotesProps = { readonly label: string; readonly rows: readonly ImportRowNote[]; readonly total: number };

/** Rows of a file with what is wrong with them, or why they were left out. */
export function NotesTable({ label, rows, total }: NotesProps) {
  return (
    <>
      <div className={cls('tableRoom')} tabIndex={0} role="region" aria-label={label}>
        <table className={cls('table', 'notes')}>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Column</th>
              <th scope="col">Value</th>
              <th scope="col">What is wrong, and what helps</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ line, field, value, message, remedy }, i) => (
              <tr key={`${line} ${field} ${i}`}>
                <td className={cls('quiet')}>{line}</td>
                <td>{field}</td>
                <td className={cls('mono')}>{value === '' ? '(empty)' : value}</td>
                <td className={cls('message')}>
                  {message} {remedy !== null && <span className={cls('quiet')}>{remedy}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <More shown={rows.length} total={total} />
    </>
  );
}
