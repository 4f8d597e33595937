import { useEffect, useRef, useState } from 'react';
import type { Subject } from '#shared/domain/annotation.ts';
import {
  attachPictures,
  loadPicture,
  usePictures,
  useAnnotations,
  write,
  isWriting,
  subjectKey,
} from '#renderer/src/store/annotations.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './editor.module.css';

const cls = styler(css);

function Thumb({
  sha256,
  index,
  onOpen,
  onRemove,
}: {
  readonly sha256: string;
  readonly index: number;
  readonly onOpen: () => void;
  readonly onRemove: () => void;
}) {
  const picture = usePictures((s) => s.bySha[sha256]);
  const isAbsent = picture === undefined;
  useEffect(() => {
    if (isAbsent) void loadPicture(sha256);
  }, [isAbsent, sha256]);
  const name = `Picture ${index + 1}`;
  return (
    <li className={cls('thumb')}>
      {picture?.kind === 'ready' && (
        <button type="button" className={cls('thumbOpen')} aria-label={`${name}, open`} onClick={onOpen}>
          <img src={picture.url} alt="" />
        </button>
      )}
      {picture?.kind === 'failed' && (
        <button
          type="button"
          className={cls('thumbOpen')}
          title={picture.message}
          onClick={() => void loadPicture(sha256)}
        >
          Not read, try again
        </button>
      )}
      <button
        type="button"
        className={cls('thumbRemove')}
        aria-label={`Remove ${name.toLowerCase()}`}
        onClick={onRemove}
      >
        <span aria-hidden="true">✕</span>
      </button>
    </li>
  );
}

/** Pictures kept beside the journal: pasted, dropped or chosen. */
export function Pictures({
  subject,
  shown,
  isBusy,
}: {
  readonly subject: Subject;
  readonly shown: readonly string[];
  readonly isBusy: boolean;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState<string | null>(null);
  const picture = usePictures((s) => (open === null ? undefined : s.bySha[open]));
  const remove = (sha256: string) => {
    const held = useAnnotations.getState().byKey[subjectKey(subject)];
    if (!isWriting(held)) return;
    write(subject, { screenshots: held.draft.screenshots.filter((other) => other !== sha256) });
  };
  return (
    <div className={cls('field')}>
      <span className={cls('label')}>Pictures</span>
      <ul className={cls('thumbs')}>
        {shown.map((sha256, index) => (
          <Thumb
            key={sha256}
            sha256={sha256}
            index={index}
            onOpen={() => setOpen(sha256)}
            onRemove={() => remove(sha256)}
          />
        ))}
        <li className={cls('addPicture')}>
          <Button size="small" aria-disabled={isBusy} onClick={() => field.current?.click()}>
            Add a picture
          </Button>
          <span className={cls('hint')}>or paste or drop it here</span>
          <input
            ref={field}
            type="file"
            className={cls('file')}
            tabIndex={-1}
            aria-hidden="true"
            accept="image/png,image/jpeg,image/webp"
            multiple
            onChange={(event) => {
              void attachPictures(subject, [...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
        </li>
      </ul>
      {picture?.kind === 'ready' && (
        <Modal title="Picture" width="huge" onClose={() => setOpen(null)}>
          <img className={cls('picture')} src={picture.url} alt="As kept in the journal" />
          <div className={cls('foot')}>
            <Button keys={['Esc']} onClick={() => setOpen(null)}>
              Close
            </Button>
          </div>
        </Modal>
      )}
    </div>
  );
}
