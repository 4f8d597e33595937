import { useShallow } from 'zustand/react/shallow';
import { modelOfNotice } from '#renderer/src/store/model-versions.ts';
import { useNotices } from '#renderer/src/store/status.ts';
import { AcceptVersion } from '#renderer/src/features/notices/accept-version.tsx';
import { Strip } from '#renderer/src/ui/panel.tsx';

/** The models that run another version than the accepted one: blocked until the trader accepts it, here or in the notices. */
export function VersionStrips() {
  const ids = useNotices(useShallow((s) => s.ids.filter((id) => modelOfNotice(id) !== null)));
  return ids.map((id) => <VersionStrip key={id} id={id} />);
}

function VersionStrip({ id }: { readonly id: string }) {
  const notice = useNotices((s) => s.byId[id]);
  if (notice === undefined) return null;
  return (
    <Strip tone="warn" title={`${notice.title}.`} action={<AcceptVersion notice={notice} />}>
      {notice.detail} {notice.remedy}
    </Strip>
  );
}
