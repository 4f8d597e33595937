import type { Verdict } from '#shared/domain/performance.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { conditionsOf } from './conditions.ts';
import type { Condition } from './conditions.ts';
import { IntervalGraphic } from './interval-graphic.tsx';
import css from './table.module.css';

const cls = styler(css);

function State({ condition }: { readonly condition: Condition }) {
  if (condition.isMet === null) return <td className={cls('number', 'quiet')}>{condition.reason}</td>;
  return (
    <td className={cls('number', condition.isMet ? 'met' : 'quiet')}>
      <span aria-hidden="true">{condition.isMet ? '✓' : '○'}</span> {condition.isMet ? 'met' : 'not met'}
    </td>
  );
}

/** The growth difference with its interval, and the four conditions that must hold together. */
export function VerdictContent({ verdict }: { readonly verdict: Verdict }) {
  return (
    <>
      <IntervalGraphic verdict={verdict} />
      <table className={cls('table')}>
        <thead>
          <tr>
            <th scope="col">Kelly better needs all four</th>
            <th scope="col" className={cls('number')}>
              Now
            </th>
            <th scope="col" className={cls('number')}>
              Needed
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {conditionsOf(verdict).map((condition) => (
            <tr key={condition.code}>
              <th scope="row" className={cls('plain')}>
                {condition.label}
              </th>
              <td className={cls('number', 'strong')}>{condition.now}</td>
              <td className={cls('number', 'quiet')}>{condition.needed}</td>
              <State condition={condition} />
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
