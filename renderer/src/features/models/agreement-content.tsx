import type { ModelsReport } from '#shared/domain/models.ts';
import { countText, DASH, percentText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import table from '#renderer/src/features/performance/table.module.css';
import css from './models.module.css';

const cls = styler({ ...table, ...css });

const NAMES = ['▲', 'flat', '▼'] as const;
const SPOKEN = ['long', 'flat', 'short'] as const;

const cell = (matrix: ModelsReport['agreement']['matrix'], row: number, column: number): number =>
  matrix[row]?.[column] ?? 0;

/** How often both models said the same direction, and what became of the others. */
export function AgreementContent({ agreement }: { readonly agreement: ModelsReport['agreement'] }) {
  const { matrix, pairs, unread } = agreement;
  const same = cell(matrix, 0, 0) + cell(matrix, 2, 2);
  const opposed = cell(matrix, 0, 2) + cell(matrix, 2, 0);
  const flat = pairs - same - opposed;
  return (
    <div className={cls('agreement')}>
      <table className={cls('table')}>
        <caption className={cls('spoken')}>Directions of both models; rows LSTM, columns ensemble</caption>
        <thead>
          <tr>
            <td />
            {NAMES.map((name, i) => (
              <th key={name} scope="col" className={cls('number')} aria-label={`Ensemble ${SPOKEN[i] ?? ''}`}>
                {i === 0 ? 'Ensemble ▲' : name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {NAMES.map((name, row) => (
            <tr key={name}>
              <th scope="row" className={cls('plain')} aria-label={`LSTM ${SPOKEN[row] ?? ''}`}>
                LSTM {name}
              </th>
              {NAMES.map((_, column) => {
                const count = cell(matrix, row, column);
                const isSame = row === column && row !== 1;
                return (
                  <td key={column} className={cls('number', isSame && 'same', count === 0 && 'quiet')}>
                    {countText(count)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <div className={cls('agreementWords')}>
        <p>
          <span className={cls('headline', 'own')}>{pairs === 0 ? DASH : percentText(same / pairs, 1)}</span> same
          direction, {countText(same)} of {countText(pairs)}
        </p>
        <p className={cls('soft')}>
          Disagreed {countText(opposed)} times: vetoed.
          <br />
          One or both flat {countText(flat)} times: vetoed.
          {unread > 0 && (
            <>
              <br />
              Not readable {countText(unread)} times: vetoed.
            </>
          )}
        </p>
      </div>
    </div>
  );
}
