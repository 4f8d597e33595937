import { Popover } from 'radix-ui';
import { memo } from 'react';
import { useExecution } from '#renderer/src/store/execution.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Latches } from '#renderer/src/features/execution/latches.tsx';
import floating from '#renderer/src/ui/popover.module.css';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { breakerLimit, type BreakerLine, breakerName, breakerValue } from '#renderer/src/ui/words.ts';
import { breakerLines } from './breaker-lines.ts';
import css from './breakers.module.css';
import { useSizeClass } from './use-size-class.ts';

const cls = styler({ ...floating, ...css });

/** The end of a breaker's line: its halt level, or a little beyond its warn level where it never halts. */
const axisEnd = ({ warn, halt }: BreakerLine): number => halt ?? (warn ?? 1) * 1.15;
const share = (value: number, breaker: BreakerLine): number => Math.min(1, Math.max(0, value / axisEnd(breaker)));

function Line({ breaker }: { readonly breaker: BreakerLine }) {
  const at = (value: number) => `${share(value, breaker) * 100}%`;
  return (
    <span className={cls('line')} aria-hidden="true">
      <span className={cls('bar', breaker.level)} style={{ width: at(breaker.value ?? 0) }} />
      {breaker.warn !== null && <span className={cls('warnTick')} style={{ left: at(breaker.warn) }} />}
      {breaker.halt !== null && <span className={cls('haltTick')} />}
    </span>
  );
}

const WORDS = { clear: '', warn: 'halved', halt: 'halted' } as const;

const BreakerRow = memo(function BreakerRow(breaker: BreakerLine) {
  return (
    <li className={cls('row', breaker.level)}>
      <span className={cls('name')}>{breakerName(breaker)}</span>
      <Line breaker={breaker} />
      <span className={cls('value')}>{breakerValue(breaker)}</span>
      <span className={cls('limit')}>{WORDS[breaker.level] || `/ ${breakerLimit(breaker)}`}</span>
    </li>
  );
});

const summary = (breakers: readonly BreakerLine[]): string => {
  const tripped = breakers.filter((b) => b.level !== 'clear').length;
  return tripped === 0 ? `${breakers.length} clear` : `${tripped} of ${breakers.length} tripped`;
};

const nearest = (breakers: readonly BreakerLine[]): BreakerLine | undefined =>
  [...breakers].filter((b) => b.value !== null).sort((a, b) => share(b.value ?? 0, b) - share(a.value ?? 0, a))[0];

function List({ breakers }: { readonly breakers: readonly BreakerLine[] }) {
  return (
    <ul className={cls('list')}>
      {breakers.map((breaker) => (
        <BreakerRow key={breaker.code} {...breaker} />
      ))}
    </ul>
  );
}

/** Names that fit beside the count in a small window. */
const SHORT: Readonly<Partial<Record<BreakerLine['code'], string>>> = {
  drift: 'Drift',
  'calibration-error': 'Calibration',
  'consecutive-losses': 'Losses',
};

function Folded({ breakers }: { readonly breakers: readonly BreakerLine[] }) {
  const isClear = breakers.every(({ level }) => level === 'clear');
  const next = isClear ? nearest(breakers) : undefined;
  return (
    <Popover.Root>
      <Popover.Trigger className={cls('fold')}>
        <b>Breakers</b> <span className={cls(!isClear && 'tripped')}>{summary(breakers)}</span>
        {next !== undefined && (
          <span className={cls('near')} title="Nearest to its limit">
            next: {SHORT[next.code] ?? breakerName(next)}
          </span>
        )}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={cls('popover')} side="right" align="start" sideOffset={4} aria-label="Breakers">
          <Latches />
          <List breakers={breakers} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Legend() {
  return (
    <>
      <span className={cls('legend')}>
        <i className={cls('warnKey')} /> warn
      </span>
      <span className={cls('legend')}>
        <i className={cls('haltKey')} /> halt
      </span>
    </>
  );
}

const LEGEND = <Legend />;

/** The breakers against their levels; one line with the nearest in a small window. */
export function BreakersPanel() {
  const measured = useStatus((s) => s.risk?.breakers ?? null);
  const view = useExecution((s) => s.view);
  const isCompact = useSizeClass() === 'compact';
  if (measured === null) return null;
  const breakers = breakerLines(measured, view);
  if (isCompact) return <Folded breakers={breakers} />;
  return (
    <Panel id="breakers" title="Breakers" note={summary(breakers)} tools={LEGEND}>
      <Latches />
      <List breakers={breakers} />
    </Panel>
  );
}
