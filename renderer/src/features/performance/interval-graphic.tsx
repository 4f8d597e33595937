import { signedText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { basisPoints, basisPointText } from './conditions.ts';
import { intervalDomain } from './interval-domain.ts';
import { linearScale, niceStep, niceTicks, stepDecimals } from './scale.ts';
import { useBoxSize } from './use-box-size.ts';
import { intervalText } from './verdict-words.ts';
import type { Verdict, Verdicts } from './verdict.ts';
import { pointDay } from './time-ticks.ts';
import css from './interval.module.css';

const cls = styler(css);

const HEIGHT = 68;
const AXIS = 38;
const EDGE = 20;
const MOST_TICKS = 6;

type Drawn = { readonly lower: number; readonly upper: number; readonly mean: number };

/** Beyond this an interval has no place on an axis that holds zero too. */
const WIDEST = 1e300;

function drawnOf({ lower, upper, meanDifference }: Verdict): Drawn | null {
  if (lower === null || upper === null || meanDifference === null) return null;
  const drawn = { lower: basisPoints(lower), upper: basisPoints(upper), mean: basisPoints(meanDifference) };
  return Object.values(drawn).every((value) => Math.abs(value) < WIDEST) ? drawn : null;
}

type AxisProps = { readonly drawn: Drawn | null; readonly running: Drawn | null; readonly width: number };

function Axis({ drawn, running, width }: AxisProps) {
  const all = [drawn, running].flatMap((one) => (one === null ? [] : [one.lower, one.upper]));
  const domain = intervalDomain(all);
  const x = linearScale(domain, EDGE, width - EDGE);
  const digits = stepDecimals(niceStep(domain.max - domain.min, MOST_TICKS));
  return (
    <svg width={width} height={HEIGHT} className={cls('graphic')} aria-hidden="true">
      <path className={cls('axis')} d={`M${EDGE} ${AXIS}H${width - EDGE}`} />
      {(all.length === 0 ? [] : niceTicks(domain, MOST_TICKS)).map((tick) => (
        <g key={tick}>
          <path className={cls('axis')} d={`M${x(tick)} ${AXIS - 3}v6`} />
          <text className={cls('tick')} x={x(tick)} y={AXIS + 27} textAnchor="middle">
            {signedText(tick, digits)}
          </text>
        </g>
      ))}
      {running !== null && (
        <>
          <path className={cls('now')} d={`M${x(running.lower)} ${AXIS + 10}H${x(running.upper)}`} />
          <circle className={cls('nowMean')} cx={x(running.mean)} cy={AXIS + 10} r={3} />
        </>
      )}
      {drawn !== null && (
        <>
          <rect
            className={cls('band')}
            x={x(drawn.lower)}
            y={AXIS - 6}
            width={x(drawn.upper) - x(drawn.lower)}
            height={12}
          />
          <path className={cls('end')} d={`M${x(drawn.lower)} ${AXIS - 8}v16M${x(drawn.upper)} ${AXIS - 8}v16`} />
          <circle className={cls('mean')} cx={x(drawn.mean)} cy={AXIS} r={5} />
        </>
      )}
      <path className={cls('zero')} d={`M${x(0)} 14V${AXIS + 6}`} />
      <text className={cls('side')} x={x(0) - 6} y={11} textAnchor="end">
        ◀ fixed better
      </text>
      <text className={cls('side')} x={x(0) + 6} y={11} textAnchor="start">
        Kelly better ▶
      </text>
    </svg>
  );
}

const said = (verdict: Verdict): string =>
  drawnOf(verdict) === null
    ? 'no interval yet'
    : `${basisPointText(verdict.meanDifference)}, 90 % interval ${intervalText(verdict)}`;

function spoken({ verdict, running, isStanding }: Verdicts): string {
  const now = isStanding ? ` Running, not decided on: ${said(running)}.` : '';
  return `Log growth of Kelly less fixed sizing, basis points a day: ${said(verdict)}.${now}`;
}

function caption({ verdict, running, isStanding }: Verdicts): string {
  if (drawnOf(running) === null) return 'no interval yet: it needs days on which the two books differ';
  const unit = 'log growth difference, bp a day, 90 % interval';
  if (!isStanding || verdict.at === null || running.at === null) return `${unit}; running, no verdict yet`;
  return `${unit} of ${pointDay(verdict.at)}; grey: running, decides nothing`;
}

/**
 * How much more Kelly sizing grew a day, with its interval, against zero: the verdict's of the last month end, and in
 * grey below it today's. Grey alone while there is no verdict.
 */
export function IntervalGraphic({ verdicts }: { readonly verdicts: Verdicts }) {
  const { verdict, running, isStanding } = verdicts;
  const { ref, size } = useBoxSize();
  return (
    <figure className={cls('figure', verdict.code === 'insufficient' && 'running')}>
      <div ref={ref} className={cls('holder')} role="img" aria-label={spoken(verdicts)}>
        {size !== null && size.width > 0 && (
          <Axis drawn={drawnOf(verdict)} running={isStanding ? drawnOf(running) : null} width={size.width} />
        )}
      </div>
      <figcaption className={cls('caption')}>{caption(verdicts)}</figcaption>
    </figure>
  );
}
