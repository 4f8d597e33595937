import { useSyncExternalStore } from 'react';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { useInstruments, useQuotes } from '#renderer/src/store/market.ts';
import { usePositions } from '#renderer/src/store/orders.ts';
import { useIsMoved, usePlanDraft, useShown } from '#renderer/src/store/plan-draft.ts';
import { isOpen } from '#renderer/src/store/queue.ts';
import { useSelected } from '#renderer/src/store/recommendations.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { priceText, quantityText } from '#shared/format/numbers.ts';
import { clockTime } from '#renderer/src/ui/times.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { Tag } from '#renderer/src/ui/tag.tsx';
import {
  boundText,
  contractName,
  directionSign,
  endText,
  oneMore,
  stateTag,
  verb,
  zeroDetail,
  zeroTitle,
} from '#renderer/src/ui/words.ts';
import { approvalChanges, staleNow } from './approval.ts';
import { requestFlatten } from './exits.ts';
import { HeroActions } from './hero-actions.tsx';
import { HeroCells } from './hero-cells.tsx';
import css from './hero.module.css';
import { useSizeClass } from './use-size-class.ts';
import { showVetoes } from './vetoes.ts';
import { WhatIfButton } from './what-if-button.tsx';

const cls = styler(css);

type HeroState = 'open' | 'stale' | 'expired' | 'zero' | 'closed';

/** State of what came from the desk: lines that are moved do not change it. */
function useHeroState(recommendation: Recommendation): HeroState {
  const isStale = useSyncExternalStore(approvalChanges, () => staleNow(recommendation.symbol) !== null);
  const isPast = useClock((s) => s.now >= recommendation.expiresAt);
  if (recommendation.state === 'expired' || (isOpen(recommendation) && isPast)) return 'expired';
  if (isOpen(recommendation)) return isStale ? 'stale' : 'open';
  return recommendation.decision.contracts === 0 ? 'zero' : 'closed';
}

function Title({ recommendation, state }: { readonly recommendation: Recommendation; readonly state: HeroState }) {
  const { decision, symbol } = recommendation;
  const tag = stateTag(recommendation);
  const isMoved = useIsMoved(recommendation.id);
  if (state === 'zero') return <h2 className={cls('verb')}>{zeroTitle(recommendation)}</h2>;
  const tone = decision.direction === 1 ? 'gain' : 'loss';
  return (
    <h2 className={cls('verb')}>
      <span className={cls(tone)} aria-hidden="true">
        {directionSign(decision.direction)}
      </span>{' '}
      {verb(decision)} {contractName(symbol)}{' '}
      {state === 'expired' && <Tag>Expired {clockTime(recommendation.expiresAt)}</Tag>}
      {state === 'closed' && <Tag>{tag}</Tag>}
      {(state === 'open' || state === 'stale') && decision.held !== undefined && <Tag>adds to {decision.held}</Tag>}
      {isMoved && state === 'open' && <Tag>lines moved</Tag>}
    </h2>
  );
}

function Why({ recommendation, state }: { readonly recommendation: Recommendation; readonly state: HeroState }) {
  const isCompact = useSizeClass() === 'compact';
  const instrument = useInstruments((s) => s.bySymbol[recommendation.symbol]);
  // Asked where it is told: each price would draw the words anew.
  const last = useQuotes((s) => (state === 'expired' ? (s.bySymbol[recommendation.symbol]?.last ?? null) : null));
  const failure = usePlanDraft((s) => (s.id === recommendation.id && s.moved === null ? s.failure : null));
  if (state === 'zero') return <p className={cls('more')}>{zeroDetail(recommendation)}</p>;
  if (state === 'expired' && recommendation.entry !== null && last !== null && instrument !== undefined) {
    const moved = Math.abs(last - recommendation.entry);
    return (
      <p className={cls('more')}>
        Nothing was sent. Price is {moved} ticks from the entry {priceText(instrument, recommendation.entry)}.
      </p>
    );
  }
  if (state === 'closed' || state === 'expired') return <p className={cls('more')}>{endText(recommendation)}</p>;
  if (failure !== null) return <p className={cls('bound')}>{failure}</p>;
  if (recommendation.decision.contracts === 0) return <p className={cls('bound')}>{zeroDetail(recommendation)}</p>;
  return (
    <>
      <p className={cls('bound')}>{boundText(recommendation.decision)}</p>
      <p className={cls('more')}>{oneMore(recommendation.decision, isCompact)}</p>
    </>
  );
}

function Size({ recommendation, state }: { readonly recommendation: Recommendation; readonly state: HeroState }) {
  const shown =
    state === 'stale'
      ? '—'
      : state === 'closed'
        ? (recommendation.approvedContracts ?? recommendation.decision.contracts)
        : recommendation.decision.contracts;
  const isQuiet = state !== 'open';
  return (
    <p className={cls('size', isQuiet && 'quiet', shown === '—' && 'unknown')} aria-label={`Size ${shown} contracts`}>
      {shown}
    </p>
  );
}

/** A signal against what is held proposes to close it: one order never turns a position round. */
function ExitFirst({ symbol }: { readonly symbol: string }) {
  const position = usePositions((s) => s.bySymbol[symbol]);
  const isPending = useUi((s) => s.pending?.kind === 'flatten' && s.pending.target === symbol);
  const isBusy = useUi((s) => s.busy[`flatten:${symbol}`] === true);
  if (position === undefined) return null;
  const quantity = quantityText(position.quantity);
  return (
    <div className={cls('exitFirst')}>
      <Button
        variant={isPending ? 'danger' : 'primary'}
        size="large"
        keys={isPending ? ['⏎'] : []}
        aria-disabled={isBusy}
        onClick={() => requestFlatten(symbol)}
      >
        {isBusy ? 'Sending' : isPending ? `Enter to close ${quantity}` : `Close ${quantity} first`}
      </Button>
    </div>
  );
}

/** Where nothing can be approved: what else can be looked at. */
function Elsewhere({ hasPlan }: { readonly hasPlan: boolean }) {
  return (
    <div className={cls('elsewhere')}>
      {hasPlan && <WhatIfButton />}
      <Button keys={['V']} aria-keyshortcuts="v" onClick={showVetoes}>
        See the vetoes
      </Button>
    </div>
  );
}

function Filled({ recommendation: came }: { readonly recommendation: Recommendation }) {
  const state = useHeroState(came);
  const recommendation = useShown(came);
  return (
    <>
      <Size recommendation={recommendation} state={state} />
      <div className={cls('text', state === 'zero' && 'long')}>
        <Title recommendation={recommendation} state={state} />
        <Why recommendation={recommendation} state={state} />
      </div>
      {state === 'zero' && recommendation.decision.status === 'exit-first' && (
        <ExitFirst symbol={recommendation.symbol} />
      )}
      {state === 'zero' && <Elsewhere hasPlan={recommendation.entry !== null} />}
      {state !== 'zero' && <HeroCells recommendation={recommendation} />}
      {(state === 'open' || state === 'stale') && (
        <HeroActions recommendation={recommendation} isStale={state === 'stale'} />
      )}
    </>
  );
}

/** The answer: size, what binds it, what one more would break, the risk in money, and the buttons. */
export function Hero() {
  const selected = useSelected();
  return (
    <div className={cls('room')}>
      <section className={cls('hero')} aria-label="Selected recommendation">
        {selected === null ? (
          <>
            <div className={cls('text', 'long')}>
              <h2 className={cls('verb')}>Nothing to decide</h2>
              <p className={cls('more')}>
                The next signal comes with the next bar. Positions and orders stay live below.
              </p>
            </div>
            <Elsewhere hasPlan={false} />
          </>
        ) : (
          <Filled recommendation={selected} />
        )}
      </section>
    </div>
  );
}
