import type { Verdict } from '#shared/domain/performance.ts';
import { signedText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { basisPoints, basisPointText } from './conditions.ts';
import { intervalDomain } from './interval-domain.ts';
import { linearScale, niceStep, niceTicks, stepDecimals } from './scale.ts';
import { useBoxSize } from './use-box-size.ts';
import { intervalText } from './verdict-words.ts';
import css from './interval.module.css';

const cls = styler(css);

const HEIGHT = 66;
const AXIS = 38;
const EDGE = 20;
const MOST_TICKS = 6;

type Drawn = { readonly lower: number; readonly upper: number; readonly mean: number };

const drawnOf = ({ lower, upper, meanDifference }: Verdict): Drawn | null =>
  lower === null || upper === null || meanDifference === null
    ? null
    : { lower: basisPoints(lower), upper: basisPoints(upper), mean: basisPoints(meanDifference) };

function Axis({ drawn, width }: { readonly drawn: Drawn | null; readonly width: number }) {
  const domain = intervalDomain(drawn === null ? [] : [drawn.lower, drawn.upper]);
  const x = linearScale(domain, EDGE, width - EDGE);
  const digits = stepDecimals(niceStep(domain.max - domain.min, MOST_TICKS));
  return (
    <svg width={width} height={HEIGHT} className={cls('graphic')} aria-hidden="true">
      <path className={cls('axis')} d={`M${EDGE} ${AXIS}H${width - EDGE}`} />
      {(drawn === null ? [] : niceTicks(domain, MOST_TICKS)).map((tick) => (
        <g key={tick}>
          <path className={cls('axis')} d={`M${x(tick)} ${AXIS - 3}v6`} />
          <text className={cls('tick')} x={x(tick)} y={AXIS + 22} textAnchor="middle">
            {signedText(tick, digits)}
          </text>
        </g>
      ))}
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

const spoken = (verdict: Verdict): string =>
  drawnOf(verdict) === null
    ? 'Log growth of Kelly less fixed sizing: no interval yet.'
    : `Log growth of Kelly less fixed sizing, basis points a day: ${basisPointText(verdict.meanDifference)}, 90 % interval ${intervalText(verdict)}.`;

/** How much more Kelly sizing grew a day, with its interval, against zero. Grey while it is no verdict. */
export function IntervalGraphic({ verdict }: { readonly verdict: Verdict }) {
  const { ref, size } = useBoxSize();
  const drawn = drawnOf(verdict);
  return (
    <figure className={cls('figure', verdict.code === 'insufficient' && 'running')}>
      <div ref={ref} className={cls('holder')} role="img" aria-label={spoken(verdict)}>
        {size !== null && size.width > 0 && <Axis drawn={drawn} width={size.width} />}
      </div>
      <figcaption className={cls('caption')}>
        {drawn === null
          ? 'no interval yet: it needs days on which the two books differ'
          : 'log growth difference, basis points a day, 90 % interval'}
      </figcaption>
    </figure>
  );
}
