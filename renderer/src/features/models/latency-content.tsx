import type { Latency, ModelsReport } from '#shared/domain/models.ts';
import { countText, numberText } from '#shared/format/numbers.ts';
import { linearScale } from '#renderer/src/features/performance/scale.ts';
import { useBoxSize } from '#renderer/src/features/performance/use-box-size.ts';
import { Empty } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './models.module.css';
import { SUBJECTS } from './names.ts';
import { latencyAxis, tickText } from './strip-pictures.ts';
import { LatencyPicture } from './strip-tools.tsx';

const cls = styler(css);

const ROW = 30;
const MARK = 14;

type Scaled = { readonly x: (ms: number) => number; readonly top: number };

/** Each answer as a thin mark; the percentiles as long ones. */
function Marks({ latency, x, top }: Scaled & { readonly latency: Latency }) {
  const percentiles = [latency.p50, latency.p95, latency.p99].filter((ms) => ms !== null);
  return (
    <>
      {latency.samples.map((ms, i) => (
        <path key={i} className={cls('sample')} d={`M${x(ms)} ${top + 2}v${MARK - 4}`} />
      ))}
      {percentiles.map((ms, i) => (
        <path key={`p${i}`} className={cls('percentile')} d={`M${x(ms)} ${top - 2}v${MARK + 4}`} />
      ))}
    </>
  );
}

const millis = (ms: number | null): string => (ms === null ? numberText(ms, 0) : numberText(ms, ms < 10 ? 1 : 0));

type Props = { readonly latency: ModelsReport['latency']; readonly isTab?: boolean };

/** How long the models took to answer over the last hour. */
export function LatencyContent({ latency, isTab = false }: Props) {
  const { ref, size } = useBoxSize();
  const width = size?.width ?? 0;
  const { ceiling, ticks } = latencyAxis(latency);
  const x = linearScale({ min: 0, max: ceiling }, 4, Math.max(5, width - 36));
  if (latency.every(({ count }) => count === 0)) {
    return <Empty title="No answer in the last hour">The next closed bar asks both models.</Empty>;
  }
  return (
    <div className={cls('latency')}>
      <table className={cls('latencyTable')}>
        <caption className={cls('spoken')}>Time from request to answer, milliseconds</caption>
        <thead>
          <tr>
            <td />
            <td />
            {['p50', 'p95', 'p99'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">answers</th>
          </tr>
        </thead>
        <tbody>
          {latency.map((one, row) => (
            <tr key={one.model}>
              <th scope="row">{SUBJECTS[one.model]}</th>
              {row === 0 && (
                <td className={cls('marks')} rowSpan={latency.length} aria-hidden="true">
                  <div ref={ref} className={cls('marksBox')}>
                    {width > 0 && (
                      <svg width={width} height={ROW * latency.length + 16}>
                        {latency.map((each, i) => (
                          <Marks key={each.model} latency={each} x={x} top={i * ROW + (ROW - MARK) / 2} />
                        ))}
                        {ticks.map((ms) => (
                          <text
                            key={ms}
                            className={cls('tick')}
                            x={x(ms)}
                            y={ROW * latency.length + 12}
                            textAnchor="middle"
                          >
                            {tickText(ms)}
                          </text>
                        ))}
                      </svg>
                    )}
                  </div>
                </td>
              )}
              <td>{millis(one.p50)}</td>
              <td>{millis(one.p95)}</td>
              <td>{millis(one.p99)}</td>
              <td className={cls('soft')}>{countText(one.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {isTab && (
        <p className={cls('under')}>
          <LatencyPicture latency={latency} />
        </p>
      )}
    </div>
  );
}
