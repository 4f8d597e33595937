import { useState } from 'react';
import type { SyntheticEvent } from 'react';
import { resume } from '#renderer/src/store/actions.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { closeDialog, useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './form.module.css';

const cls = styler(css);

/** Resuming needs a reason: it is journaled beside the halt. */
export function ResumeDialog() {
  const [reason, setReason] = useState('');
  const cause = useStatus((s) => s.risk?.tradingStateReason ?? null);
  const failure = useUi((s) => s.failures['resume']);
  const isBusy = useUi((s) => s.busy['resume'] === true);
  const isReady = reason.trim() !== '' && !isBusy;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isReady) void resume(reason.trim());
  };
  return (
    <Modal
      title="Resume trading"
      description={`${cause === null ? '' : `Stopped by: ${cause}. `}New orders may leave again as soon as you resume. Your reason is kept in the journal.`}
      onClose={closeDialog}
    >
      <form className={cls('form')} onSubmit={submit}>
        <label className={cls('label')}>
          Why trading may go on
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
          {!isReady && !isBusy && <span className={cls('hint')}>Write a reason first</span>}
          <Button variant="primary" aria-disabled={!isReady} onClick={() => void resume(reason.trim())}>
            Resume trading
          </Button>
          <Button keys={['Esc']} onClick={closeDialog}>
            Stay stopped
          </Button>
        </div>
      </form>
    </Modal>
  );
}
