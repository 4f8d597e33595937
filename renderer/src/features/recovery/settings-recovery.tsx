import { useEffect } from 'react';
import { loadRecovery, recoveryTarget, restoreSettings, useRecovery } from '#renderer/src/store/recovery.ts';
import { useNotices } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Strip } from '#renderer/src/ui/panel.tsx';
import { clockTime, dayDate } from '#renderer/src/ui/times.ts';
import type { SettingsCopy } from '#shared/contract/recovery-operations.ts';

function RestoreButton({ copy }: { readonly copy: SettingsCopy }) {
  const target = recoveryTarget(copy.name);
  const isBusy = useUi((s) => s.busy[target] === true);
  return (
    <Button size="small" aria-disabled={isBusy} onClick={() => void restoreSettings(copy.name)}>
      {isBusy ? 'Restoring' : `Restore those of ${dayDate(copy.at)}, ${clockTime(copy.at)}`}
    </Button>
  );
}

function Offer() {
  const state = useRecovery((s) => s.state);
  useEffect(() => void loadRecovery(), []);
  const settings = state?.settings ?? null;
  if (settings === null) return null;
  const [newest] = settings.copies;
  return (
    <Strip
      tone="loss"
      title="The settings file has an error; entries are blocked."
      action={newest === undefined ? undefined : <RestoreButton copy={newest} />}
    >
      {settings.problem}{' '}
      {newest === undefined
        ? 'There is no earlier version to restore: correct the file and start the desk again.'
        : 'Restoring starts the desk again with that version; the file with the error is kept beside it.'}
    </Strip>
  );
}

/** Stands while the settings file cannot be read: the trader can put the last version that could in its place. */
export function SettingsRecovery() {
  const isBroken = useNotices((s) => s.byId['settings'] !== undefined);
  return isBroken ? <Offer /> : null;
}
