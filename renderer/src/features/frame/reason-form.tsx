import { useState } from 'react';
import type { ReactNode, SyntheticEvent } from 'react';
import { closeDialog, useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './form.module.css';

const cls = styler(css);

type ReasonFormProps = {
  /** What the command acts on: its failure and whether it is on its way. */
  readonly target: string;
  readonly label: string;
  readonly confirm: string;
  readonly cancel: string;
  readonly tone?: 'primary' | 'danger';
  /** Why it cannot be done yet, beside the missing reason. */
  readonly hold?: string | null;
  readonly onConfirm: (reason: string) => void;
  readonly children?: ReactNode;
};

/** A command that needs the trader's reason: it is kept in the journal. Escape is the safe way out. */
export function ReasonForm(props: ReasonFormProps) {
  const { target, label, confirm, cancel, tone = 'primary', hold = null, onConfirm, children } = props;
  const [reason, setReason] = useState('');
  const failure = useUi((s) => s.failures[target]);
  const isBusy = useUi((s) => s.busy[target] === true);
  const missing = hold ?? (reason.trim() === '' ? 'Write a reason first' : null);
  const isReady = missing === null && !isBusy;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isReady) onConfirm(reason.trim());
  };
  return (
    <form className={cls('form')} onSubmit={submit}>
      {children}
      <label className={cls('label')}>
        {label}
        <input
          className={cls('input')}
          value={reason}
          maxLength={500}
          autoFocus
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      {failure !== undefined && (
        <p className={cls('failure')} role="alert">
          {failure}
        </p>
      )}
      <div className={cls('row', 'end')}>
        {missing !== null && !isBusy && <span className={cls('hint')}>{missing}</span>}
        <Button variant={tone} aria-disabled={!isReady} onClick={() => onConfirm(reason.trim())}>
          {confirm}
        </Button>
        <Button keys={['Esc']} onClick={closeDialog}>
          {cancel}
        </Button>
      </div>
    </form>
  );
}
