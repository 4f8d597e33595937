import { ModeBadge } from '#renderer/src/ui/tag.tsx';
import { Button } from '#renderer/src/ui/button.tsx';
import { moneyText, percentText, signedMoneyText, signedPercentText } from '#shared/format/numbers.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { halt } from '#renderer/src/store/actions.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Connections } from './connections.tsx';
import css from './top-bar.module.css';

const cls = styler(css);

const STATES = {
  active: { sign: '●', word: 'Active', tone: '' },
  reducing: { sign: '◐', word: 'Reducing', tone: 'warn' },
  halted: { sign: '■', word: 'Halted', tone: 'loss' },
} as const;

function Mark() {
  return (
    <svg className={cls('mark')} viewBox="0 0 20 20" aria-hidden="true">
      <path d="M3 2h2v16H3zM6 3h10v2H6zM6 8h7v2H6zM6 13h4v2H6z" />
    </svg>
  );
}

function Account() {
  const risk = useStatus((s) => s.risk);
  if (risk === null) return <Cell label="Equity" value="—" />;
  const opening = risk.equity - risk.dayPnl;
  const share = opening > 0 ? signedPercentText(risk.dayPnl / opening) : '—';
  const tone = risk.dayPnl > 0 ? 'gain' : risk.dayPnl < 0 ? 'loss' : '';
  const arrow = risk.dayPnl > 0 ? '▲ ' : risk.dayPnl < 0 ? '▼ ' : '';
  const state = STATES[risk.tradingState];
  return (
    <>
      <Cell label="Equity" room="equity" value={moneyText(risk.equity)} />
      <Cell
        label="Day"
        room="day"
        tone={tone}
        value={`${arrow}${signedMoneyText(risk.dayPnl)}`}
        rest={<span className={cls(tone, 'share')}>{share}</span>}
      />
      <Cell
        label="Heat"
        room="heat"
        value={percentText(risk.heat)}
        rest={<span className={cls('limit')}>/ {percentText(risk.heatLimit, 0).replace(/.%$/, '')}</span>}
      />
      <Cell label="Trading" tone={state.tone} sign={state.sign} value={state.word} isState />
    </>
  );
}

type CellProps = {
  readonly label: string;
  readonly value: string;
  readonly tone?: string;
  readonly sign?: string;
  readonly rest?: React.ReactNode;
  readonly isState?: boolean;
  /** The figure that changes its length while it streams: room is made for its longest. */
  readonly room?: 'equity' | 'day' | 'heat';
};

function Cell({ label, value, tone = '', sign, rest, isState = false, room }: CellProps) {
  return (
    <div className={cls('cell')}>
      <dt className={cls('label')}>{label}</dt>
      <dd className={cls('value', isState && 'state')} title={value}>
        <span className={cls(tone, room)}>
          {sign !== undefined && <span className={cls('shape')}>{sign}</span>}
          {value}
        </span>
        {rest !== undefined && <> {rest}</>}
      </dd>
    </div>
  );
}

function HaltButton() {
  const state = useStatus((s) => s.risk?.tradingState ?? 'active');
  const isBusy = useUi((s) => s.busy['halt'] === true);
  const isHalted = state === 'halted';
  return (
    <span className={cls('halt')}>
      <Button
        variant="danger"
        keys={['F8']}
        aria-keyshortcuts="F8"
        aria-disabled={isHalted}
        aria-label={isHalted ? 'Trading is halted' : 'Halt trading at once'}
        onClick={() => void halt()}
      >
        <span className={cls('shape')} aria-hidden="true">
          ■
        </span>
        {isHalted ? 'HALTED' : isBusy ? 'HALTING' : 'HALT'}
      </Button>
    </span>
  );
}

/** Mode, account, trading state, connections and HALT: the same on every screen. */
export function TopBar() {
  const mode = useStatus((s) => s.identity?.mode ?? null);
  return (
    <header className={cls('bar')} aria-label="Account and connections">
      <div className={cls('rest')}>
        <div className={cls('figures')}>
          <Mark />
          {mode !== null && <ModeBadge mode={mode} />}
          <dl className={cls('cells')}>
            <Account />
          </dl>
          <Connections />
        </div>
      </div>
      <HaltButton />
    </header>
  );
}
