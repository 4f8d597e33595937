import { ArmDialog } from './arm-dialog.tsx';
import { ResumeDialog } from './resume-dialog.tsx';
import { KeysDialog } from '#renderer/src/features/keys/keys-dialog.tsx';
import { NoticesDialog } from '#renderer/src/features/notices/notices-dialog.tsx';
import { useUi } from '#renderer/src/store/ui.ts';

/** The dialog that is open, if one is. */
export function Dialogs() {
  const dialog = useUi((s) => s.dialog);
  switch (dialog) {
    case null:
      return null;
    case 'keys':
      return <KeysDialog />;
    case 'resume':
      return <ResumeDialog />;
    case 'arm':
      return <ArmDialog />;
    case 'notices':
      return <NoticesDialog />;
  }
}
