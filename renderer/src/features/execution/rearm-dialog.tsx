import { ReasonForm } from '#renderer/src/features/frame/reason-form.tsx';
import { closeDialog } from '#renderer/src/store/ui.ts';
import { rearm, useExecution } from '#renderer/src/store/execution.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { sentence } from '#renderer/src/ui/words.ts';
import { breakerName, latchText, rearmText } from '#shared/wording/index.ts';

/** Arms a breaker again: what it reads now, and when it would trip the next time. */
export function RearmDialog({ code }: { readonly code: string | null }) {
  const latch = useExecution((s) => s.view?.latches.find((one) => one.code === code) ?? null);
  const reading = useStatus((s) => s.risk?.breakers.find((breaker) => breaker.code === code)?.value ?? null);
  const losses = useExecution((s) => s.view?.consecutiveLosses ?? 0);
  if (latch === null) return <Gone />;
  const now = latch.code === 'consecutive-losses' ? losses : (reading ?? latch.value);
  return (
    <Modal title={`Arm the breaker again: ${breakerName(latch.code)}`} onClose={closeDialog}>
      <p>{sentence(latchText(latch))}.</p>
      <p>{rearmText(latch.code, now, latch.limit)}</p>
      <ReasonForm
        target={`rearm:${latch.code}`}
        label="Why it may be armed again"
        confirm="Arm again"
        cancel="Stay stopped"
        onConfirm={(reason) => void rearm(latch.code, reason)}
      />
    </Modal>
  );
}

function Gone() {
  return (
    <Modal title="The breaker is armed" onClose={closeDialog}>
      <p>Somebody armed it meanwhile, or it has not tripped.</p>
    </Modal>
  );
}
