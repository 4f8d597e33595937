import { useEffect, useMemo, useRef } from 'react';
import type { ClipboardEvent, DragEvent, KeyboardEvent } from 'react';
import type { Annotation, Subject } from '#shared/domain/annotation.ts';
import { labels } from '#renderer/src/store/journal.ts';
import {
  adoptAnnotation,
  attachPictures,
  discard,
  isUnsaved,
  isWriting,
  loadAnnotation,
  saveAnnotation,
  subjectKey,
  useAnnotations,
  write,
} from '#renderer/src/store/annotations.ts';
import type { Writing } from '#renderer/src/store/annotations.ts';
import { useClock } from '#renderer/src/store/clock.ts';
import { Button, Key } from '#renderer/src/ui/button.tsx';
import { Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './editor.module.css';
import { LabelField } from './label-field.tsx';
import { Pictures } from './pictures.tsx';
import { closedText } from './trade-words.ts';

const cls = styler(css);

const STARS = [1, 2, 3, 4, 5] as const;
const WORDS = ['', 'poor', 'weak', 'fair', 'good', 'textbook'] as const;

type PartProps = { readonly subject: Subject; readonly writing: Writing };

function Rating({ subject, writing }: PartProps) {
  const { rating } = writing.draft;
  return (
    <fieldset className={cls('rating')}>
      <legend className={cls('label')}>
        Rating of the execution, not the result <Key>1</Key>…<Key>5</Key>
      </legend>
      <span className={cls('stars')}>
        {STARS.map((stars) => (
          <label key={stars} className={cls('star', rating !== null && stars <= rating && 'lit')}>
            <input
              type="radio"
              name={`rating-${subject.id}`}
              aria-label={`${stars} of 5, ${WORDS[stars]}`}
              checked={rating === stars}
              onChange={() => write(subject, { rating: stars })}
            />
            <span aria-hidden="true">{rating !== null && stars <= rating ? '★' : '☆'}</span>
          </label>
        ))}
        <span className={cls('ratingWord')}>{rating === null ? 'not rated' : `${rating}, ${WORDS[rating] ?? ''}`}</span>
        {rating !== null && (
          <Button size="small" variant="quiet" onClick={() => write(subject, { rating: null })}>
            Clear
          </Button>
        )}
      </span>
    </fieldset>
  );
}

function Labels({ subject, writing }: PartProps) {
  const known = labels.use((s) => s.value);
  const { tags, setup, mistakes } = writing.draft;
  return (
    <>
      <LabelField
        label="Tags"
        values={tags}
        known={known?.tags ?? []}
        most={20}
        placeholder="news, trend…"
        onChange={(next) => write(subject, { tags: [...next] })}
      />
      <div className={cls('pair')}>
        <LabelField
          label="Setup"
          values={setup === null ? [] : [setup]}
          known={known?.setups ?? []}
          most={1}
          placeholder="pull-back, breakout…"
          onChange={([next]) => write(subject, { setup: next ?? null })}
        />
        <LabelField
          label="Mistakes"
          values={mistakes}
          known={known?.mistakes ?? []}
          most={20}
          placeholder="late entry…"
          onChange={(next) => write(subject, { mistakes: [...next] })}
        />
      </div>
    </>
  );
}

function stateWords({ state, savedAt, progress }: Writing, unsaved: boolean, now: number): string {
  if (state === 'saving') return 'Saving…';
  if (state === 'attaching') {
    const share = progress === null || progress.total === 0 ? 0 : Math.floor((progress.done / progress.total) * 100);
    return `Keeping the picture, ${share} %`;
  }
  if (unsaved) return 'Not saved yet';
  return savedAt === null ? 'Nothing written yet' : `Saved ${closedText(savedAt, now)}`;
}

function Foot({ subject, writing }: PartProps) {
  const now = useClock((s) => Math.floor(s.now / 60_000) * 60_000);
  const unsaved = isUnsaved(writing);
  const isOff = !unsaved || writing.state !== 'idle';
  return (
    <div className={cls('foot')}>
      <span className={cls('state', unsaved && 'unsaved')} role="status">
        {stateWords(writing, unsaved, now)}
      </span>
      {unsaved && (
        <Button size="small" variant="quiet" onClick={() => discard(subject)}>
          Discard
        </Button>
      )}
      <Button
        size="small"
        keys={['Ctrl', '⏎']}
        aria-keyshortcuts="Control+Enter"
        aria-disabled={isOff}
        onClick={() => void saveAnnotation(subject)}
      >
        Save
      </Button>
    </div>
  );
}

const picturesOf = (files: FileList | undefined): readonly File[] =>
  [...(files ?? [])].filter(({ type }) => type.startsWith('image/'));

function Editor({ subject, writing }: PartProps) {
  const note = useRef<HTMLTextAreaElement>(null);
  const attach = (files: readonly File[], event: ClipboardEvent | DragEvent) => {
    // Any other file dropped here is one to import, which the screen takes.
    if (files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    void attachPictures(subject, files);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isSave = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
    if (!isSave) return;
    event.preventDefault();
    event.stopPropagation();
    if (document.activeElement instanceof HTMLElement && document.activeElement !== note.current) {
      // A label still being typed is added when its field is left.
      document.activeElement.blur();
    }
    setTimeout(() => void saveAnnotation(subject), 0);
  };
  return (
    <section
      className={cls('editor')}
      aria-label="Your notes"
      onKeyDown={onKeyDown}
      onPaste={(event) => attach(picturesOf(event.clipboardData.files), event)}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes('Files')) event.preventDefault();
      }}
      onDrop={(event) => attach(picturesOf(event.dataTransfer.files), event)}
    >
      <Labels subject={subject} writing={writing} />
      <Rating subject={subject} writing={writing} />
      <div className={cls('field')}>
        <label htmlFor="journal-note" className={cls('label')}>
          Note <Key>N</Key>
        </label>
        <textarea
          id="journal-note"
          ref={note}
          className={cls('note')}
          rows={4}
          maxLength={20_000}
          value={writing.draft.note}
          placeholder="What you saw, what you did, what you would do again"
          onChange={(event) => write(subject, { note: event.target.value })}
        />
      </div>
      <Pictures subject={subject} shown={writing.draft.screenshots} isBusy={writing.state !== 'idle'} />
      {writing.failure !== null && (
        <p className={cls('failure')} role="alert">
          {writing.failure} What you wrote is still here.
        </p>
      )}
      <Foot subject={subject} writing={writing} />
    </section>
  );
}

type EditorProps = {
  readonly kind: Subject['kind'];
  readonly id: string;
  /** What the list already told of it; undefined where it did not, and it is read. */
  readonly known: Annotation | null | undefined;
};

/** The trader's own words on a trade or a decision. Saved when they say so, kept in the window until then. */
export function AnnotationEditor({ kind, id, known }: EditorProps) {
  const subject = useMemo(() => ({ kind, id }), [kind, id]);
  const held = useAnnotations((s) => s.byKey[subjectKey(subject)]);
  useEffect(() => labels.show('all'), []);
  useEffect(() => {
    if (known === undefined) void loadAnnotation(subject);
    else adoptAnnotation(subject, known);
  }, [subject, known]);
  if (held === undefined) return null;
  if (isWriting(held)) return <Editor subject={subject} writing={held} />;
  if (held.kind === 'reading') return <Skeleton rows={3} text="Reading your notes" />;
  return (
    <Strip
      tone="loss"
      title="Your notes could not be read."
      action={
        <Button size="small" onClick={() => void loadAnnotation(subject)}>
          Try again
        </Button>
      }
    >
      {held.message}
    </Strip>
  );
}
