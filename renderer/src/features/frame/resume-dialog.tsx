import { resume } from '#renderer/src/store/actions.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { closeDialog } from '#renderer/src/store/ui.ts';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { ReasonForm } from './reason-form.tsx';

/** Resuming needs a reason: it is journaled beside the halt. */
export function ResumeDialog() {
  const cause = useStatus((s) => s.risk?.tradingStateReason?.replace(/\.$/, '') ?? null);
  return (
    <Modal
      title="Resume trading"
      description={`${cause === null ? '' : `Stopped by: ${cause}. `}New orders may leave again as soon as you resume. Your reason is kept in the journal.`}
      onClose={closeDialog}
    >
      <ReasonForm
        target="resume"
        label="Why trading may go on"
        confirm="Resume trading"
        cancel="Stay stopped"
        onConfirm={(reason) => void resume(reason)}
      />
    </Modal>
  );
}
