import { useEffect, useRef } from 'react';
import type { SyntheticEvent } from 'react';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { useIsMoved } from '#renderer/src/store/plan-draft.ts';
import { clearDraft, useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { pickReason, REASONS, requestApprove, sendReject } from './approval.ts';
import css from './reason-picker.module.css';

const cls = styler(css);

function Reasons() {
  const reason = useUi((s) => s.reason);
  return (
    <div className={cls('reasons')} role="radiogroup" aria-label="Reason">
      {REASONS.map(({ code, label }, i) => (
        <button
          key={code}
          type="button"
          role="radio"
          aria-checked={reason === code}
          aria-keyshortcuts={String(i + 1)}
          className={cls('reason', reason === code && 'chosen')}
          onClick={() => pickReason(i)}
        >
          <kbd aria-hidden="true">{i + 1}</kbd> {label}
        </button>
      ))}
    </div>
  );
}

/** Why the trader changes or rejects: six reasons by key, then words where they like. Floats, so nothing below moves. */
export function ReasonPicker({ recommendation }: { readonly recommendation: Recommendation }) {
  const picker = useUi((s) => s.picker);
  const reason = useUi((s) => s.reason);
  const contracts = useUi((s) => s.draft?.contracts ?? recommendation.decision.contracts);
  const isMoved = useIsMoved(recommendation.id);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (reason === 'other') field.current?.focus();
  }, [reason]);
  if (picker === null) return null;
  const isReject = picker.kind === 'reject';
  const wantsWords = reason === 'other' && picker.text.trim() === '';
  const send = () => (isReject ? sendReject() : requestApprove());
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (reason !== null && !wantsWords) send();
  };
  return (
    <form className={cls('picker')} onSubmit={submit} aria-label={isReject ? 'Why reject' : 'Why another size'}>
      <p className={cls('title')}>
        {isReject
          ? 'Why reject? A reason sends it.'
          : isMoved
            ? `Why ${contracts} with other lines than recommended?`
            : `Why ${contracts} and not ${recommendation.decision.contracts}?${contracts > recommendation.decision.contracts ? ' It is more than recommended.' : ''}`}
      </p>
      <Reasons />
      <div className={cls('row')}>
        <input
          ref={field}
          className={cls('text')}
          value={picker.text}
          maxLength={500}
          placeholder={reason === 'other' ? 'in a few words' : 'words, if you like'}
          aria-label="Reason in words"
          onChange={(event) => useUi.setState({ picker: { ...picker, text: event.target.value } })}
        />
        {isReject && (
          <Button aria-disabled={reason === null || wantsWords} onClick={sendReject}>
            Reject
          </Button>
        )}
        <Button keys={['Esc']} onClick={clearDraft}>
          {isReject ? 'Keep' : `Back to ${recommendation.decision.contracts}`}
        </Button>
      </div>
    </form>
  );
}
