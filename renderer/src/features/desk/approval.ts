import { contractCeiling } from '#shared/domain/ceiling.ts';
import type { Quote } from '#shared/domain/market.ts';
import type { Recommendation, ReasonCode } from '#shared/domain/recommendation.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import { approve, reject } from '#renderer/src/store/actions.ts';
import { changesOf } from '#renderer/src/store/across.ts';
import { deskNow, useClock } from '#renderer/src/store/clock.ts';
import { useQuotes } from '#renderer/src/store/market.ts';
import { clearPlanDraft, movedPlan, shownNow, usePlanDraft } from '#renderer/src/store/plan-draft.ts';
import { useRecommendations } from '#renderer/src/store/recommendations.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import type { StatusState } from '#renderer/src/store/status.ts';
import { ceilingText } from '#renderer/src/ui/words.ts';
import { armSecondKey, clearDraft, toast, useUi } from '#renderer/src/store/ui.ts';

/** The reasons of the picker, in the order of their keys 1 to 6. */
export const REASONS: readonly { readonly code: ReasonCode; readonly label: string }[] = [
  { code: 'news', label: 'News' },
  { code: 'range', label: 'Range' },
  { code: 'size', label: 'Size' },
  { code: 'timing', label: 'Timing' },
  { code: 'correlation', label: 'Correlation' },
  { code: 'other', label: 'Other' },
];

/** A proposal that replaced another under the trader's hand cannot be approved by the click meant for the first. */
const REPLACED_MS = 700;

const JUST_CHANGED = 'The recommendation has just changed. Look again, then approve.';

export type ApprovalContext = {
  readonly now: number;
  readonly quote: Quote | null;
  readonly status: Pick<StatusState, 'link' | 'startup' | 'identity' | 'risk' | 'config'>;
};

/** Age of a quote when it is too old to approve on, in ms; null while fresh. Infinity without any quote. */
export function staleFor(quote: Quote | null, config: SizingConfig | null, now: number): number | null {
  if (quote === null) return Number.POSITIVE_INFINITY;
  const ageMs = now - quote.asOf;
  return config !== null && ageMs > config.maxQuoteAgeMs ? ageMs : null;
}

/** Tells of every change of what an approval hangs on beside the recommendation itself. */
export const approvalChanges = changesOf(useQuotes, useStatus, useClock);

/** The same of the newest quote of a symbol, now. */
export const staleNow = (symbol: string): number | null =>
  staleFor(useQuotes.getState().bySymbol[symbol] ?? null, useStatus.getState().config, useClock.getState().now);

/** Why this cannot be approved now, in words; null when it can. The desk checks all of it again at the click. */
export function approvalBlock(recommendation: Recommendation, context: ApprovalContext): string | null {
  const { now, quote, status } = context;
  if (status.link !== 'live') return 'The desk is out of reach.';
  if (status.startup !== null && status.startup.phase !== 'ready') return 'The desk is still starting.';
  if (recommendation.state !== 'proposed') return 'It is no longer up for approval.';
  if (recommendation.decision.contracts === 0) return 'There is nothing to approve.';
  if (now >= recommendation.expiresAt) return 'It has expired; nothing was sent.';
  if (status.identity?.mode === 'live' && !status.identity.isArmed) return 'Live trading is not armed.';
  if (status.risk !== null && status.risk.tradingState !== 'active') return `Trading is ${status.risk.tradingState}.`;
  if (staleFor(quote, status.config, now) !== null) return 'Returns by itself when prices flow.';
  return null;
}

/** The selected recommendation, with the lines the trader moved and the size that follows from them. */
const selected = (): Recommendation | null => {
  const state = useRecommendations.getState();
  const recommendation = state.selected === null ? undefined : state.bySymbol[state.selected];
  return recommendation === undefined ? null : shownNow(recommendation);
};

/** The number recommended with the lines as they came. */
const recommendedContracts = (id: string): number | null =>
  Object.values(useRecommendations.getState().bySymbol).find((r) => r.id === id)?.decision.contracts ?? null;

/** Another number than recommended, or another plan: both ask why. */
export const isOverride = (id: string, contracts: number): boolean =>
  movedPlan(id) !== null || contracts !== recommendedContracts(id);

/** The number of contracts the trader has set, or the recommended one. */
export function chosenContracts(recommendation: Recommendation): number {
  const { draft } = useUi.getState();
  return draft?.id === recommendation.id ? draft.contracts : recommendation.decision.contracts;
}

/** Sets the number of contracts, between 1 and what the limits other than Kelly allow; another number than recommended asks why. */
export function setContracts(recommendation: Recommendation, contracts: number): void {
  const { decision } = recommendation;
  if (decision.contracts === 0 || recommendation.state !== 'proposed') return;
  const most = contractCeiling(decision).contracts;
  if (contracts > most) toast('warn', `${ceilingText(decision)}.`);
  const value = Math.max(1, Math.min(most, contracts));
  const { picker } = useUi.getState();
  if (value === decision.contracts) {
    clearDraft();
    return;
  }
  useUi.setState({
    draft: { id: recommendation.id, contracts: value },
    picker:
      picker?.id === recommendation.id
        ? { ...picker, kind: 'approve' }
        : { id: recommendation.id, kind: 'approve', text: '' },
  });
}

/** Moves the number of contracts by one. */
export function stepContracts(step: number): void {
  const recommendation = selected();
  if (recommendation !== null) setContracts(recommendation, chosenContracts(recommendation) + step);
}

/** Sets a typed number of contracts. */
export function typeContracts(contracts: number): void {
  const recommendation = selected();
  if (recommendation !== null) setContracts(recommendation, contracts);
}

/** Opens the reason picker to reject the selected recommendation, or closes it. */
export function startReject(): void {
  const recommendation = selected();
  if (recommendation?.state !== 'proposed' || recommendation.decision.contracts === 0) return;
  const { picker } = useUi.getState();
  if (picker?.id === recommendation.id && picker.kind === 'reject') {
    clearDraft();
    return;
  }
  useUi.setState({ draft: null, reason: null, picker: { id: recommendation.id, kind: 'reject', text: '' } });
}

/** Takes reason 1 to 6. A rejection is sent with it, except "other", which wants words first. */
export function pickReason(index: number): void {
  const reason = REASONS[index];
  const recommendation = selected();
  const { picker } = useUi.getState();
  if (reason === undefined || recommendation === null || picker?.id !== recommendation.id) return;
  useUi.setState({ reason: reason.code });
  if (picker.kind === 'reject' && reason.code !== 'other') sendReject();
}

/** Sends the rejection with the chosen reason. */
export function sendReject(): void {
  const recommendation = selected();
  const { picker, reason } = useUi.getState();
  if (recommendation === null || picker?.id !== recommendation.id || reason === null) return;
  void reject(recommendation, { code: reason, text: picker.text.trim() });
}

function blockNow(recommendation: Recommendation): string | null {
  const quote = useQuotes.getState().bySymbol[recommendation.symbol] ?? null;
  return approvalBlock(recommendation, { now: deskNow(), quote, status: useStatus.getState() });
}

/**
 * Approves the selected recommendation at the chosen number. In live the first call arms the second key and only
 * `isConfirmed` sends. Whatever happens in between, the desk re-prices and re-validates.
 */
export function requestApprove(isConfirmed = false): void {
  const recommendation = selected();
  if (recommendation === null) return;
  // A second press after the approval went through says nothing: the row shows it.
  if (recommendation.state === 'approved' || recommendation.state === 'overridden') return;
  const block = blockNow(recommendation);
  if (block !== null) {
    toast('warn', block);
    return;
  }
  if (Date.now() - useRecommendations.getState().replacedAt < REPLACED_MS) {
    toast('warn', JUST_CHANGED);
    return;
  }
  const contracts = chosenContracts(recommendation);
  const { reason, picker } = useUi.getState();
  const plan = movedPlan(recommendation.id);
  const isChanged = isOverride(recommendation.id, contracts);
  if (plan !== null && usePlanDraft.getState().moved === null) {
    toast('warn', usePlanDraft.getState().failure ?? 'The size for the moved lines is on its way.');
    return;
  }
  if (isChanged && (reason === null || picker?.kind !== 'approve')) {
    useUi.setState({ picker: { id: recommendation.id, kind: 'approve', text: picker?.text ?? '' } });
    return;
  }
  if (useStatus.getState().identity?.mode === 'live' && !isConfirmed) {
    armSecondKey('approve', recommendation.id);
    return;
  }
  const why = isChanged && reason !== null ? { code: reason, text: picker?.text.trim() ?? '' } : null;
  void approve(recommendation, { contracts, plan, reason: why }).then((isSent) => {
    if (isSent) clearPlanDraft();
  });
}

/** Approves as asked by a press that began on this proposal: it is none for the one that has taken its place since. */
export function approveOn(id: string): void {
  const now = selected();
  if (now !== null && now.id !== id) toast('warn', JUST_CHANGED);
  else requestApprove();
}

/** Sends an approval that waited for its second key, if it is still for what is selected. */
export function confirmApprove(id: string): void {
  if (selected()?.id === id) requestApprove(true);
}
