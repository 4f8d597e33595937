import type { Notice } from '#shared/domain/status.ts';
import { acceptModelVersion, modelOfNotice } from '#renderer/src/store/model-versions.ts';
import { Button } from '#renderer/src/ui/button.tsx';

/** Accepts the version of a model that a notice tells of; nothing under any other notice. */
export function AcceptVersion({ notice }: { readonly notice: Notice }) {
  const model = modelOfNotice(notice.id);
  if (model === null) return null;
  return (
    <Button
      size="small"
      variant="warn"
      onClick={() => {
        void acceptModelVersion(model, notice.detail);
      }}
    >
      Accept this version
    </Button>
  );
}
