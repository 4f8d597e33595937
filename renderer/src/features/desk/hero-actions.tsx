import { useSyncExternalStore } from 'react';
import { contractCeiling } from '#shared/domain/ceiling.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { useExecution } from '#renderer/src/store/execution.ts';
import { useQuotes } from '#renderer/src/store/market.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { usePlanDraft } from '#renderer/src/store/plan-draft.ts';
import { dismissFailure, useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Countdown } from '#renderer/src/ui/countdown.tsx';
import { Stepper } from '#renderer/src/ui/stepper.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { Tooltip } from '#renderer/src/ui/tooltip.tsx';
import { ceilingText } from '#renderer/src/ui/words.ts';
import { approvalBlock, approvalChanges, approveOn, isOverride, setContracts, startReject } from './approval.ts';
import css from './hero.module.css';
import { ReasonPicker } from './reason-picker.tsx';
import { useOwnPress } from './use-own-press.ts';
import { useSizeClass } from './use-size-class.ts';
import { WhatIfButton } from './what-if-button.tsx';

const cls = styler(css);

function useBlock(recommendation: Recommendation): string | null {
  const look = (): string | null =>
    approvalBlock(recommendation, {
      now: useClock.getState().now,
      quote: useQuotes.getState().bySymbol[recommendation.symbol] ?? null,
      status: useStatus.getState(),
    });
  return useSyncExternalStore(approvalChanges, look);
}

type Label = { readonly text: string; readonly keys: readonly string[] };

const compact = new Intl.NumberFormat('en-US', { notation: 'compact' });
/** No size a desk allows is as long as a button; whatever comes stays on it. */
const sizeText = (contracts: number): string => (contracts > 9_999_999 ? compact.format(contracts) : String(contracts));

/** What the button says, and the keys that press it. A small window has room for the shorter of two ways to say it. */
function useApproveLabel(recommendation: Recommendation, contracts: number, isCompact: boolean): Label {
  const isBusy = useUi((s) => s.busy[recommendation.id] === true);
  const isPending = useUi((s) => s.pending?.kind === 'approve' && s.pending.target === recommendation.id);
  usePlanDraft((s) => s.change);
  const needsReason = useUi((s) => isOverride(recommendation.id, contracts) && s.reason === null);
  if (isBusy) return { text: 'Sending', keys: [] };
  if (isPending) return { text: `${isCompact ? 'Send' : 'Enter to send'} ${sizeText(contracts)} live`, keys: ['⏎'] };
  if (needsReason) return { text: `Reason for ${sizeText(contracts)}`, keys: isCompact ? [] : APPROVE_KEYS };
  return { text: `Approve ${sizeText(contracts)}`, keys: APPROVE_KEYS };
}

const APPROVE_KEYS = ['⇧', '⏎'];

/** Said before an entry is approved: a stop that this desk sends is only as safe as this computer. */
const EMULATED = 'Stop and target are sent by this desk and die with it';

type ActionsProps = { readonly recommendation: Recommendation; readonly isStale: boolean };

function Approve({
  recommendation,
  contracts,
  block,
}: {
  readonly recommendation: Recommendation;
  readonly contracts: number;
  readonly block: string | null;
}) {
  const isCompact = useSizeClass() === 'compact';
  const { text, keys } = useApproveLabel(recommendation, contracts, isCompact);
  const isBusy = useUi((s) => s.busy[recommendation.id] === true);
  const press = useOwnPress(recommendation.id, approveOn);
  return (
    <Tooltip text={block}>
      <Button
        variant="primary"
        size="large"
        isWide
        keys={keys}
        aria-keyshortcuts="Shift+Enter"
        aria-disabled={block !== null || isBusy}
        {...press}
      >
        {text}
      </Button>
    </Tooltip>
  );
}

/** Why the last command did not work; it floats, so nothing below moves. */
function Failure({ id, text }: { readonly id: string; readonly text: string }) {
  return (
    <div className={cls('failure')} role="alert">
      <p>
        <strong>Not done.</strong> {text}
      </p>
      <Button size="small" onClick={() => dismissFailure(id)}>
        Dismiss
      </Button>
    </div>
  );
}

/** Stepper, Approve, time left and Reject. Fixed in place: nothing here moves while a trader aims at it. */
export function HeroActions({ recommendation, isStale }: ActionsProps) {
  const draft = useUi((s) => (s.draft?.id === recommendation.id ? s.draft.contracts : null));
  const isPicking = useUi((s) => s.picker?.id === recommendation.id);
  const failure = useUi((s) => s.failures[recommendation.id]);
  const isReachable = useStatus((s) => s.link === 'live');
  // In a small window the key and the palette are the way: there is no room for another button.
  const isCompact = useSizeClass() === 'compact';
  const block = useBlock(recommendation);
  const isEmulated = useExecution((s) => s.view?.brackets === 'emulated');
  const { decision } = recommendation;
  const contracts = draft ?? decision.contracts;
  return (
    <div className={cls('actions')}>
      <Stepper
        value={contracts}
        max={contractCeiling(decision).contracts}
        wall={`${ceilingText(decision)}.`}
        isDisabled={isStale}
        onChange={(value) => setContracts(recommendation, value)}
      />
      <Approve recommendation={recommendation} contracts={contracts} block={block} />
      <Countdown from={recommendation.createdAt} until={recommendation.expiresAt} label=" left" align="left" />
      <div className={cls('second')}>
        <Button
          keys={['X']}
          aria-keyshortcuts="x"
          aria-expanded={isPicking}
          aria-disabled={!isReachable}
          onClick={startReject}
        >
          Reject
        </Button>
        {!isCompact && <WhatIfButton />}
      </div>
      <p className={cls('words', block === null && isEmulated && 'caution')} role="status">
        {block ?? (isEmulated ? EMULATED : null)}
      </p>
      {failure !== undefined && !isPicking && <Failure id={recommendation.id} text={failure} />}
      {isPicking && <ReasonPicker recommendation={recommendation} />}
    </div>
  );
}
