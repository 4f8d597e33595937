import { styler } from '#renderer/src/ui/styler.ts';
import { conditionsOf } from './conditions.ts';
import type { Condition } from './conditions.ts';
import { IntervalGraphic } from './interval-graphic.tsx';
import type { Verdicts } from './verdict.ts';
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
export function VerdictContent({ verdicts }: { readonly verdicts: Verdicts }) {
  return (
    <>
      <IntervalGraphic verdicts={verdicts} />
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
          {conditionsOf(verdicts.verdict).map((condition) => (
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
