import { toggleWhatIf, usePlanDraft } from '#renderer/src/store/plan-draft.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Button } from '#renderer/src/ui/button.tsx';

/** Opens and closes the what-if drawer. */
export function WhatIfButton() {
  const isReachable = useStatus((s) => s.link === 'live');
  const isOpen = usePlanDraft((s) => s.isDrawerOpen);
  return (
    <Button
      keys={['W']}
      aria-keyshortcuts="w"
      aria-expanded={isOpen}
      aria-disabled={!isReachable}
      onClick={toggleWhatIf}
    >
      What if
    </Button>
  );
}
