import { useShallow } from 'zustand/react/shallow';
import type { Notice } from '#shared/domain/status.ts';
import { useNotices } from '#renderer/src/store/status.ts';
import { closeDialog } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { CopyButton } from '#renderer/src/ui/copy-button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { clockTime } from '#renderer/src/ui/times.ts';
import { Empty } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { Tag } from '#renderer/src/ui/tag.tsx';
import { AcceptVersion } from './accept-version.tsx';
import css from './notices.module.css';

const cls = styler(css);

const LEVELS = {
  info: { word: 'note', tone: 'plain' },
  warn: { word: 'warning', tone: 'warn' },
  error: { word: 'error', tone: 'loss' },
} as const;

function NoticeRow({ notice }: { readonly notice: Notice }) {
  const { word, tone } = LEVELS[notice.level];
  const details = [notice.title, notice.detail, notice.remedy ?? ''].join('\n');
  return (
    <li className={cls('notice')}>
      <div className={cls('head')}>
        <Tag tone={tone}>{word}</Tag>
        <strong>{notice.title}</strong>
        <span className={cls('time')}>since {clockTime(notice.at)}</span>
      </div>
      <p className={cls('detail')}>{notice.detail}</p>
      {notice.remedy !== null && <p className={cls('detail')}>To clear it: {notice.remedy}</p>}
      <div className={cls('actions')}>
        <AcceptVersion notice={notice} />
        <CopyButton text={details} label="Copy details" otherwise="select the text above" size="small" />
      </div>
    </li>
  );
}

/** What the desk wants known about itself. Notices stand until their cause is gone. */
export function NoticesDialog() {
  const notices = useNotices(useShallow((s) => s.ids.map((id) => s.byId[id])));
  const known = notices.filter((notice) => notice !== undefined);
  return (
    <Modal
      title="Notices"
      width="wide"
      description="Each one goes by itself when its cause is gone."
      onClose={closeDialog}
    >
      {known.length === 0 ? (
        <Empty title="No notices">The desk has nothing to report about itself.</Empty>
      ) : (
        <ul className={cls('list')}>
          {known.map((notice) => (
            <NoticeRow key={notice.id} notice={notice} />
          ))}
        </ul>
      )}
      <div className={cls('end')}>
        <Button keys={['Esc']} onClick={closeDialog}>
          Close
        </Button>
      </div>
    </Modal>
  );
}
