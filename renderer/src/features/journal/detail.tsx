import { useEffect } from 'react';
import type { ReactNode } from 'react';
import type { TradeRow } from '#shared/contract/journal-views.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import {
  countText,
  DASH,
  durationText,
  moneyText,
  percentText,
  ratioText,
  rText,
  signedMoneyText,
} from '#shared/format/numbers.ts';
import { Ladder } from '#renderer/src/features/ladder/ladder.tsx';
import {
  closeDetail,
  openDecision,
  recommendation as decisionReading,
  useJournal,
} from '#renderer/src/store/journal.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { useInstruments } from '#renderer/src/store/market.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { showFocused } from '#renderer/src/ui/show-focused.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { Tag } from '#renderer/src/ui/tag.tsx';
import {
  contractName,
  directionSign,
  directionWord,
  endText,
  sentence,
  signalDirection,
  stateTag,
} from '#renderer/src/ui/words.ts';
import { statusText } from '#shared/wording/index.ts';
import { AnnotationEditor } from './annotation-editor.tsx';
import css from './detail.module.css';
import { TradeChart } from './trade-chart.tsx';
import {
  accountName,
  closedText,
  excursionDetail,
  excursionText,
  heldText,
  isGross,
  noR,
  priceOr,
  priceStyleOf,
  spanText,
  toneOf,
  tradeName,
} from './trade-words.ts';

const cls = styler(css);

type FigureProps = { readonly name: string; readonly value: ReactNode; readonly why?: string | null };

/** A named figure; `why` says what an em dash stands for. */
function Figure({ name, value, why = null }: FigureProps) {
  return (
    <div title={why ?? undefined}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      {why !== null && <dd className={cls('spoken')}>{why}</dd>}
    </div>
  );
}

type HeadProps = { readonly title: string; readonly when: string; readonly children?: ReactNode };

function Head({ title, when, children }: HeadProps) {
  return (
    <header className={cls('head')}>
      <h2 id="detail-title" className={cls('title')}>
        {title}
      </h2>
      {children}
      <span className={cls('close')}>
        <Button size="small" variant="quiet" keys={['Esc']} aria-label="Close the detail" onClick={closeDetail}>
          Close
        </Button>
      </span>
      {when !== '' && <p className={cls('when')}>{when}</p>}
    </header>
  );
}

/** The decision a detail is about, once it was read; null meanwhile and where there is none. */
function useDecision(id: string | null): Recommendation | null {
  const value = decisionReading.use((s) => s.value);
  useEffect(() => {
    if (id !== null) decisionReading.show(id);
  }, [id]);
  return value !== null && value.id === id ? value : null;
}

function TradeFigures({ trade, decision }: { readonly trade: TradeRow; readonly decision: Recommendation | null }) {
  const instruments = useInstruments((s) => s.bySymbol);
  const style = priceStyleOf(trade, instruments);
  const { plannedRisk, fees, gross, mae, mfe } = trade;
  return (
    <dl className={cls('figures')}>
      <Figure name="Entry" value={priceOr(style, trade.entryPrice)} />
      <Figure name="Exit" value={priceOr(style, trade.exitPrice)} />
      <Figure name="Gross" value={signedMoneyText(gross)} />
      <Figure
        name="Fees"
        value={isGross(trade) ? DASH : moneyText(fees)}
        why={isGross(trade) ? 'The file names no fees: net is gross.' : null}
      />
      <Figure name="Planned risk" value={moneyText(plannedRisk)} why={plannedRisk === null ? noR : null} />
      <Figure name="MAE" value={excursionText(mae)} why={excursionDetail(mae, plannedRisk)} />
      <Figure name="MFE" value={excursionText(mfe)} why={excursionDetail(mfe, plannedRisk)} />
      <Figure name="Held" value={heldText(trade)} />
      {decision !== null && (
        <>
          <Figure name="p said" value={percentText(decision.decision.winProbability, 1)} />
          <Figure name="b used" value={ratioText(decision.decision.winLossRatio)} />
          <Figure name="Desk size" value={countText(decision.decision.contracts)} />
          <Figure name="You took" value={countText(decision.approvedContracts)} />
        </>
      )}
    </dl>
  );
}

function Origin({ trade }: { readonly trade: TradeRow }) {
  return (
    <p className={cls('origin')}>
      {trade.isImported ? <Tag tone="accent">imported</Tag> : <Tag>own</Tag>}
      {isGross(trade) && <Tag tone="warn">gross</Tag>}
      <span>Account {accountName(trade.account)}</span>
      <span>Session day {trade.sessionDay}</span>
    </p>
  );
}

/** What became of the recommendation behind a trade, in a sentence, and the way to its record. */
function Behind({ trade, decision }: { readonly trade: TradeRow; readonly decision: Recommendation | null }) {
  const { recommendationId } = trade;
  const failure = decisionReading.use((s) => s.failure);
  if (recommendationId === null) {
    return (
      <p className={cls('behind')}>
        {trade.isImported ? 'Imported: the desk did not size it.' : 'Entered without a recommendation of the desk.'}
      </p>
    );
  }
  if (decision === null) {
    return (
      <p className={cls('behind')}>{failure === null ? 'Reading its decision…' : `No decision record. ${failure}`}</p>
    );
  }
  return (
    <p className={cls('behind')}>
      <span>{endText(decision)}</span>
      <Button size="small" onClick={() => openDecision(recommendationId)}>
        Decision record
      </Button>
    </p>
  );
}

function TradeDetail({ trade }: { readonly trade: TradeRow }) {
  const decision = useDecision(trade.recommendationId);
  const now = useClock((s) => Math.floor(s.now / 60_000) * 60_000);
  return (
    <>
      <Head
        title={`${directionSign(trade.direction)} ${tradeName(trade)}`}
        when={spanText(trade.entryAt, trade.exitAt, now)}
      >
        <strong className={cls('result', toneOf(trade.net))}>{signedMoneyText(trade.net)}</strong>
        <span className={cls(toneOf(trade.r))} title={trade.r === null ? noR : undefined}>
          {rText(trade.r)}
        </span>
      </Head>
      <div className={cls('scroll')} onFocus={showFocused}>
        <TradeChart trade={trade} decision={decision} />
        <TradeFigures trade={trade} decision={decision} />
        <Origin trade={trade} />
        <Behind trade={trade} decision={decision} />
        <AnnotationEditor kind="trade" id={trade.id} known={trade.annotation} />
      </div>
    </>
  );
}

const endedAfter = ({ createdAt, closedAt }: Recommendation): string => {
  if (closedAt === null) return DASH;
  return closedAt - createdAt < 1_000 ? 'at once' : durationText(closedAt - createdAt);
};

function Record({ decision }: { readonly decision: Recommendation }) {
  const now = useClock((s) => Math.floor(s.now / 60_000) * 60_000);
  const instruments = useInstruments((s) => s.bySymbol);
  const style = priceStyleOf(decision, instruments);
  const direction = signalDirection(decision);
  const price = (ticks: number | null) => (ticks === null ? DASH : priceOr(style, ticks));
  const side = direction === 0 ? '' : ` ${directionWord(direction).toLowerCase()}`;
  return (
    <>
      <Head
        title={`${direction === 0 ? '' : `${directionSign(direction)} `}${contractName(decision.symbol)}${side}`}
        when={`Decided ${closedText(decision.createdAt, now)}`}
      >
        <Tag tone={decision.state === 'overridden' ? 'warn' : 'plain'}>{stateTag(decision)}</Tag>
      </Head>
      <div className={cls('scroll')} onFocus={showFocused}>
        <p className={cls('behind')}>
          <span>
            {sentence(statusText(decision.decision))}.{' '}
            {decision.state === 'proposed' ? 'It waits for you on the Desk.' : endText(decision)}
          </span>
        </p>
        <dl className={cls('figures')}>
          <Figure name="Entry limit" value={price(decision.entry)} />
          <Figure name="Stop" value={price(decision.stop)} />
          <Figure name="Target" value={price(decision.target)} />
          <Figure
            name="Risk at stop"
            value={decision.decision.contracts === 0 ? DASH : moneyText(decision.decision.risk)}
            why={decision.decision.contracts === 0 ? 'Nothing was sized.' : null}
          />
          <Figure name="Desk size" value={countText(decision.decision.contracts)} />
          <Figure
            name="You took"
            value={countText(decision.approvedContracts)}
            why={decision.approvedContracts === null ? 'Nothing was sent.' : null}
          />
          <Figure name="Heat after" value={percentText(decision.decision.heatAfter)} />
          <Figure
            name="Decided after"
            value={endedAfter(decision)}
            why={decision.closedAt === null ? 'It is still open.' : null}
          />
        </dl>
        <section className={cls('ladder')} aria-label={`Why ${decision.decision.contracts}, as recorded`}>
          <h3 className={cls('heading')}>Why {decision.decision.contracts}, as recorded</h3>
          <Ladder recommendation={decision} isCompact equity={null} isInline />
        </section>
        <AnnotationEditor kind="recommendation" id={decision.id} known={undefined} />
        <p className={cls('id')}>Record {decision.id}</p>
      </div>
    </>
  );
}

function DecisionDetail({ id }: { readonly id: string }) {
  const decision = useDecision(id);
  const failure = decisionReading.use((s) => s.failure);
  if (decision !== null) return <Record decision={decision} />;
  return (
    <>
      <Head title="Decision record" when="" />
      {failure === null ? (
        <Skeleton rows={8} text="Reading the decision" />
      ) : (
        <Strip
          tone="loss"
          title="The decision could not be read."
          action={
            <Button size="small" onClick={() => decisionReading.refresh()}>
              Try again
            </Button>
          }
        >
          {failure}
        </Strip>
      )}
    </>
  );
}

/** One trade or decision in full, beside the list. */
export function Detail() {
  const open = useJournal((s) => s.open);
  if (open === null) return null;
  return (
    <aside className={cls('drawer')} aria-labelledby="detail-title">
      {open.kind === 'trade' ? (
        <TradeDetail key={open.trade.id} trade={open.trade} />
      ) : (
        <DecisionDetail key={open.id} id={open.id} />
      )}
    </aside>
  );
}
