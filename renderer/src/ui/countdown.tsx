import { memo } from 'react';
import { countdown, timeLeft } from '#renderer/src/ui/times.ts';
import css from './countdown.module.css';
import { styler } from './styler.ts';
import { useClock } from '#renderer/src/store/clock.ts';

const cls = styler(css);

type CountdownProps = {
  readonly from: number;
  readonly until: number;
  readonly label?: string;
  readonly align?: 'left' | 'right';
};

/** Under this the time is told in warn, with a word. */
const SOON_MS = 15_000;

/** Steps of the bar, which is 60 px wide: it is painted anew only where a trader could see it. */
const STEPS = 120;

type FaceProps = Required<Pick<CountdownProps, 'label' | 'align'>> & {
  readonly text: string;
  readonly share: number;
  readonly isSoon: boolean;
};

/** What a countdown shows. In a stream another proposal takes the place of one, and shows the same. */
const Face = memo(function Face({ text, share, isSoon, label, align }: FaceProps) {
  return (
    <span className={cls('countdown', align, isSoon && 'soon')}>
      <span className={cls('time')}>
        <span className={cls('text')}>
          <strong>{text}</strong>
          {isSoon ? ' soon' : label}
          {label === '' && !isSoon && <span className={cls('spoken')}> left</span>}
        </span>
      </span>
      <span className={cls('track')} style={{ backgroundSize: `${share * 100}% 100%, 100% 100%` }} aria-hidden="true" />
    </span>
  );
});

/** Time left with a bar that steps once a second. Not announced: it would talk without end. */
export function Countdown({ from, until, label = '', align = 'right' }: CountdownProps) {
  const now = useClock((s) => s.now);
  const leftMs = timeLeft({ from, until }, now);
  const share = until <= from ? 0 : Math.ceil(Math.min(1, leftMs / (until - from)) * STEPS) / STEPS;
  return <Face text={countdown(leftMs)} share={share} isSoon={leftMs < SOON_MS} label={label} align={align} />;
}
