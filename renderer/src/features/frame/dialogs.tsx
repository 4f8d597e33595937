import { Suspense } from 'react';
import { ArmDialog } from './arm-dialog.tsx';
import { loadLater } from './load-later.ts';
import { ResumeDialog } from './resume-dialog.tsx';
import { DifferencesDialog } from '#renderer/src/features/execution/differences-dialog.tsx';
import { FlattenAllDialog } from '#renderer/src/features/execution/flatten-all-dialog.tsx';
import { ProtectDialog } from '#renderer/src/features/execution/protect-dialog.tsx';
import { RearmDialog } from '#renderer/src/features/execution/rearm-dialog.tsx';
import { SettleDialog } from '#renderer/src/features/execution/settle-dialog.tsx';
import { KeysDialog } from '#renderer/src/features/keys/keys-dialog.tsx';
import { NoticesDialog } from '#renderer/src/features/notices/notices-dialog.tsx';
import { useUi } from '#renderer/src/store/ui.ts';

const PaletteDialog = loadLater(() =>
  import('#renderer/src/features/commands/palette.tsx').then((module) => ({ default: module.PaletteDialog })),
);
const ImportDialog = loadLater(() =>
  import('#renderer/src/features/journal/import-dialog.tsx').then((module) => ({ default: module.ImportDialog })),
);
const ExportDialog = loadLater(() =>
  import('#renderer/src/features/journal/export-dialog.tsx').then((module) => ({ default: module.ExportDialog })),
);

/** The dialog that is open, if one is. */
export function Dialogs() {
  const dialog = useUi((s) => s.dialog);
  const target = useUi((s) => s.dialogTarget);
  switch (dialog) {
    case null:
      return null;
    case 'palette':
      return (
        <Suspense>
          <PaletteDialog />
        </Suspense>
      );
    case 'keys':
      return <KeysDialog />;
    case 'resume':
      return <ResumeDialog />;
    case 'arm':
      return <ArmDialog />;
    case 'notices':
      return <NoticesDialog />;
    case 'import':
      return (
        <Suspense>
          <ImportDialog />
        </Suspense>
      );
    case 'export':
      return (
        <Suspense>
          <ExportDialog />
        </Suspense>
      );
    case 'differences':
      return <DifferencesDialog />;
    case 'flatten-all':
      return <FlattenAllDialog />;
    case 'rearm':
      return <RearmDialog code={target} />;
    case 'settle':
      return <SettleDialog clientOrderId={target} />;
    case 'protect':
      return <ProtectDialog symbol={target} />;
  }
}
