import type { ModelsReport, Uptime } from '#shared/domain/models.ts';
import { percentText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './models.module.css';
import { SUBJECTS } from './names.ts';

const cls = styler(css);

const nameOf = ({ id, name }: Uptime): string =>
  id === 'model:lstm' ? SUBJECTS.lstm : id === 'model:ensemble' ? SUBJECTS.ensemble : name;

const LOOKS: Readonly<Record<string, string>> = { u: 'markUp', d: 'markLost', '-': 'markNone' };

function spokenOf({ marks }: Uptime): string {
  const lost = marks.split('').filter((mark) => mark === 'd').length;
  const watched = marks.split('').filter((mark) => mark !== '-').length;
  return `watched in ${watched} of 72 marks, contact lost in ${lost}`;
}

/** When each connection was there over the last day. Uptime counts from the start of the desk, rounded down. */
export function UptimeContent({ uptime }: { readonly uptime: ModelsReport['uptime'] }) {
  return (
    <ul className={cls('uptime')}>
      {uptime.map((one) => (
        <li key={one.id}>
          <span className={cls('uptimeName')}>{nameOf(one)}</span>
          <span className={cls('uptimeMarks')} role="img" aria-label={spokenOf(one)}>
            {one.marks.split('').map((mark, i) => (
              <span key={i} className={cls('mark', LOOKS[mark])} />
            ))}
          </span>
          <span className={cls('uptimeShare')}>{percentText(one.uptime, 2, 'down')}</span>
        </li>
      ))}
    </ul>
  );
}
