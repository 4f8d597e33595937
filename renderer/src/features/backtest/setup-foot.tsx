import type { ReactNode } from 'react';
import type { OutputOf } from '#shared/contract/index.ts';
import { InputField } from '#renderer/src/features/journal/fields.tsx';
import { activeJob, draftRequest, START, startBacktest, useBacktest } from '#renderer/src/store/backtest.ts';
import { useBacktestDraft } from '#renderer/src/store/backtest-draft.ts';
import { useMonteCarloDraft, useWalkForwardDraft } from '#renderer/src/store/simulation-draft.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { FIRST_FIELD } from './backtest-keys.ts';
import { rangeText } from './backtest-words.ts';
import css from './setup.module.css';

const cls = styler(css);

export type Offer = OutputOf<'backtest.offer'>;

/** What every kind of run is given: range, seed and workers. */
export function CommonSettings({ offer, children }: { readonly offer: Offer; readonly children?: ReactNode }) {
  const draft = useBacktestDraft();
  return (
    <div className={cls('settings')}>
      {children}
      <InputField
        {...{ label: 'From day', type: 'date', name: FIRST_FIELD }}
        value={draft.fromDay}
        onText={(fromDay) => useBacktestDraft.setState({ fromDay })}
      />
      <InputField
        {...{ label: 'To day', type: 'date' }}
        value={draft.toDay}
        onText={(toDay) => useBacktestDraft.setState({ toDay })}
      />
      <InputField
        {...{ label: 'Seed', inputMode: 'numeric', placeholder: '2024' }}
        value={draft.seed}
        onText={(seed) => useBacktestDraft.setState({ seed })}
      />
      <InputField
        {...{ label: 'Workers', inputMode: 'numeric', placeholder: String(offer.workers) }}
        value={draft.workers}
        onText={(workers) => useBacktestDraft.setState({ workers })}
      />
    </div>
  );
}

/** Why nothing can be run now; null when it can. */
function useRefusal(offer: Offer): string | null {
  // Each draft is watched: what it asks for is read from all of them.
  useBacktestDraft();
  useMonteCarloDraft();
  useWalkForwardDraft();
  const kind = useBacktest((s) => s.kind);
  const isLive = useStatus((s) => s.link === 'live');
  const request = draftRequest(kind, offer.policies);
  if (!isLive) return 'Waits for the desk to answer.';
  if (offer.decisions === 0) return 'The journal has no decision to run over yet.';
  return request.ok ? null : request.error;
}

/** Runs what is set up, or says what keeps it from running. */
export function RunFoot({ offer }: { readonly offer: Offer }) {
  const refusal = useRefusal(offer);
  const isBusy = useUi((s) => s.busy[START] === true);
  const isActive = useBacktest((s) => activeJob(s.jobs) !== null);
  const failure = useUi((s) => s.failures[START]);
  const waits = isActive ? 'Waits its turn behind the one that runs.' : `Over ${rangeText(offer)}.`;
  return (
    <div className={cls('foot')}>
      <p className={cls(refusal === null && failure === undefined ? 'quiet' : 'wrong')} role="status">
        {failure ?? refusal ?? waits}
      </p>
      <Button
        variant="primary"
        size="large"
        keys={['R']}
        aria-keyshortcuts="R"
        aria-disabled={refusal !== null || isBusy}
        onClick={() => void startBacktest()}
      >
        Run
      </Button>
    </div>
  );
}
