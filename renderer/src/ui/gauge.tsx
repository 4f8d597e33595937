import css from './gauge.module.css';
import { styler } from './styler.ts';

const cls = styler(css);

/** The axis ends a little beyond the limit, so that the tick can be seen and overrun shown. */
const AXIS_SHARE = 1.15;

type GaugeProps = {
  readonly label: string;
  /** Share of equity now; null when there is nothing to measure. */
  readonly value: number | null;
  /** The same if the selected recommendation is approved; null without one. */
  readonly after: number | null;
  readonly limit: number;
  readonly text: string;
};

/** A limit as a bar: now solid, "if approved" hatched, the limit a tick through the outline. */
export function Gauge({ label, value, after, limit, text }: GaugeProps) {
  const place = (share: number) => `${Math.min(100, Math.max(0, (share / (limit * AXIS_SHARE)) * 100))}%`;
  const now = value ?? 0;
  const within = Math.min(now, limit);
  const then = after === null ? null : Math.max(after, now);
  return (
    <div
      className={cls('gauge')}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={limit}
      aria-valuenow={Math.min(now, limit)}
      aria-valuetext={text}
    >
      {then !== null && then > now && (
        <span className={cls('after')} style={{ left: place(now), right: `calc(100% - ${place(then)})` }} />
      )}
      <span className={cls('now')} style={{ width: place(within) }} />
      {now > limit && (
        <span className={cls('over')} style={{ left: place(limit), right: `calc(100% - ${place(now)})` }} />
      )}
      <span className={cls('limit')} style={{ left: place(limit) }} />
    </div>
  );
}
