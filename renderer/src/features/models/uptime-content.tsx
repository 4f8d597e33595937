import type { ModelsReport, Uptime } from '#shared/domain/models.ts';
import { percentText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './models.module.css';
import { connectionTitle } from './names.ts';
import { UPTIME_NOTE, UptimePicture } from './strip-tools.tsx';

const cls = styler(css);

const LOOKS: Readonly<Record<string, string>> = { u: 'markUp', d: 'markLost', '-': 'markNone' };
const WORDS: Readonly<Record<string, string>> = { u: 'there', d: 'contact lost', '-': 'the desk did not run' };
const MARK_MINUTES = 20;

/** What a mark tells under the pointer: how long ago it began, and what was there. */
function markTitle(mark: string, fromEnd: number): string {
  const minutes = (fromEnd + 1) * MARK_MINUTES;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `${hours === 0 ? `${rest} m` : `${hours} h ${String(rest).padStart(2, '0')}`} ago: ${WORDS[mark] ?? ''}`;
}

function spokenOf({ marks }: Uptime): string {
  const lost = marks.split('').filter((mark) => mark === 'd').length;
  const watched = marks.split('').filter((mark) => mark !== '-').length;
  return `watched in ${watched} of 72 marks, contact lost in ${lost}`;
}

type Props = { readonly uptime: ModelsReport['uptime']; readonly isTab?: boolean };

/** When each connection was there over the last day. Uptime counts from the start of the desk, rounded down. */
export function UptimeContent({ uptime, isTab = false }: Props) {
  return (
    <>
      <ul className={cls('uptime')}>
        {uptime.map((one) => (
          <li key={one.id}>
            <span className={cls('uptimeName')}>{connectionTitle(one)}</span>
            <span className={cls('uptimeMarks')} role="img" aria-label={spokenOf(one)}>
              {one.marks.split('').map((mark, i) => (
                <span key={i} className={cls('mark', LOOKS[mark])} title={markTitle(mark, one.marks.length - 1 - i)} />
              ))}
            </span>
            <span className={cls('uptimeShare')}>{percentText(one.uptime, 2, 'down')}</span>
          </li>
        ))}
      </ul>
      {isTab && (
        <p className={cls('under')}>
          {UPTIME_NOTE} <UptimePicture uptime={uptime} />
        </p>
      )}
    </>
  );
}
