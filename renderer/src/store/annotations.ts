import { create } from 'zustand';
import { deskClient } from '#renderer/src/api/client.ts';
import type { Annotation, AnnotationBody, Subject } from '#shared/domain/annotation.ts';
import { failureText } from './actions.ts';
import { uploadFile } from './files.ts';
import type { Progress } from './files.ts';
import { labels, tradeList } from './journal.ts';

/** What the trader wrote on one trade or decision, as it is and as it was last saved. */
export type Writing = {
  readonly saved: AnnotationBody;
  /** What is being written; equal to `saved` when nothing waits to be saved. */
  readonly draft: AnnotationBody;
  /** When it was last saved, epoch ms of the desk; null when never. */
  readonly savedAt: number | null;
  readonly state: 'idle' | 'saving' | 'attaching';
  readonly progress: Progress | null;
  readonly failure: string | null;
};

type Reading = { readonly kind: 'reading' } | { readonly kind: 'failed'; readonly message: string };
type AnnotationState = { readonly byKey: Readonly<Record<string, Writing | Reading>> };

export const useAnnotations = create<AnnotationState>()(() => ({ byKey: {} }));

/** Nothing written. */
export const BLANK: AnnotationBody = {
  tags: [],
  setup: null,
  mistakes: [],
  rating: null,
  note: '',
  screenshots: [],
};

export const subjectKey = ({ kind, id }: Subject): string => `${kind}:${id}`;

export const isWriting = (held: Writing | Reading | undefined): held is Writing =>
  held !== undefined && 'draft' in held;

/** True when something waits to be saved. */
export const isUnsaved = ({ draft, saved }: Writing): boolean => JSON.stringify(draft) !== JSON.stringify(saved);

const bodyOf = (annotation: Annotation | null): AnnotationBody => {
  if (annotation === null) return BLANK;
  const { tags, setup, mistakes, rating, note, screenshots } = annotation;
  return { tags, setup, mistakes, rating, note, screenshots };
};

const put = (key: string, next: Writing | Reading): void =>
  useAnnotations.setState((state) => ({ byKey: { ...state.byKey, [key]: next } }));

function change(subject: Subject, edit: (held: Writing) => Partial<Writing>): void {
  const key = subjectKey(subject);
  const held = useAnnotations.getState().byKey[key];
  if (isWriting(held)) put(key, { ...held, ...edit(held) });
}

/** Takes in what the desk holds of a subject. What waits to be saved is never overwritten. */
export function adoptAnnotation(subject: Subject, annotation: Annotation | null): void {
  const key = subjectKey(subject);
  const held = useAnnotations.getState().byKey[key];
  if (isWriting(held) && (isUnsaved(held) || held.state !== 'idle')) return;
  const saved = bodyOf(annotation);
  if (isWriting(held) && JSON.stringify(held.saved) === JSON.stringify(saved)) return;
  put(key, { saved, draft: saved, savedAt: annotation?.at ?? null, state: 'idle', progress: null, failure: null });
}

/** Reads the annotation of a subject, unless it is there or on its way. */
export async function loadAnnotation(subject: Subject): Promise<void> {
  const key = subjectKey(subject);
  const held = useAnnotations.getState().byKey[key];
  if (isWriting(held) || held?.kind === 'reading') return;
  put(key, { kind: 'reading' });
  try {
    adoptAnnotation(subject, await deskClient().call('journal.annotation', { subject }));
  } catch (cause) {
    put(key, { kind: 'failed', message: failureText(cause) });
  }
}

/** Changes what is being written. Nothing is sent before it is saved. */
export const write = (subject: Subject, part: Partial<AnnotationBody>): void =>
  change(subject, ({ draft }) => ({ draft: { ...draft, ...part }, failure: null }));

/** Goes back to what was last saved. */
export const discard = (subject: Subject): void => change(subject, ({ saved }) => ({ draft: saved, failure: null }));

/** Saves what is written. A failure keeps every word; what was typed while saving stays unsaved. */
export async function saveAnnotation(subject: Subject): Promise<void> {
  const held = useAnnotations.getState().byKey[subjectKey(subject)];
  if (!isWriting(held) || held.state !== 'idle' || !isUnsaved(held)) return;
  const body = held.draft;
  change(subject, () => ({ state: 'saving', failure: null }));
  try {
    const annotation = await deskClient().call('journal.annotate', { subject, body });
    const saved = bodyOf(annotation);
    change(subject, ({ draft }) => ({
      saved,
      // The desk trims: what was sent is replaced by what it kept, newer words are not.
      draft: JSON.stringify(draft) === JSON.stringify(body) ? saved : draft,
      savedAt: annotation.at,
      state: 'idle',
    }));
    if (subject.kind === 'trade') {
      tradeList.change(
        (row) => row.id === subject.id,
        (row) => ({ ...row, annotation }),
      );
    }
    labels.refresh();
  } catch (cause) {
    change(subject, () => ({ state: 'idle', failure: failureText(cause) }));
  }
}

const PICTURES = ['image/png', 'image/jpeg', 'image/webp'];
const MOST_PICTURES = 20;

/** Keeps pictures beside the journal and adds them to what is written; they belong to it once it is saved. */
export async function attachPictures(subject: Subject, files: readonly File[]): Promise<void> {
  const held = useAnnotations.getState().byKey[subjectKey(subject)];
  if (!isWriting(held) || held.state !== 'idle' || files.length === 0) return;
  const odd = files.find(({ type }) => !PICTURES.includes(type));
  const room = MOST_PICTURES - held.draft.screenshots.length;
  if (odd !== undefined || files.length > room) {
    const why =
      odd === undefined
        ? `At most ${MOST_PICTURES} pictures belong to one entry.`
        : `${odd.name} is not a picture the journal keeps: PNG, JPEG or WebP.`;
    change(subject, () => ({ failure: why }));
    return;
  }
  change(subject, () => ({ state: 'attaching', failure: null }));
  try {
    for (const file of files) {
      const uploadId = await uploadFile(file, { onProgress: (progress) => change(subject, () => ({ progress })) });
      const { sha256 } = await deskClient().call('journal.attach', { uploadId });
      change(subject, ({ draft }) => ({
        draft: { ...draft, screenshots: [...draft.screenshots.filter((other) => other !== sha256), sha256] },
      }));
    }
    change(subject, () => ({ state: 'idle', progress: null }));
  } catch (cause) {
    change(subject, () => ({ state: 'idle', progress: null, failure: failureText(cause) }));
  }
}

export type Picture =
  | { readonly kind: 'reading' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'ready'; readonly url: string; readonly size: number };
type PictureState = { readonly bySha: Readonly<Record<string, Picture>> };

/** Pictures held as data URLs: the content policy lets images come from nowhere else. */
export const usePictures = create<PictureState>()(() => ({ bySha: {} }));
const PICTURES_HELD = 40;

const putPicture = (sha256: string, picture: Picture): void =>
  usePictures.setState(({ bySha }) => ({
    bySha: Object.fromEntries([
      ...Object.entries(bySha)
        .filter(([other]) => other !== sha256)
        .slice(-(PICTURES_HELD - 1)),
      [sha256, picture],
    ]),
  }));

/** Reads a picture, unless it is there or on its way. */
export async function loadPicture(sha256: string): Promise<void> {
  const held = usePictures.getState().bySha[sha256];
  if (held !== undefined && held.kind !== 'failed') return;
  putPicture(sha256, { kind: 'reading' });
  try {
    const { attachment, base64 } = await deskClient().call('journal.attachment', { sha256 });
    putPicture(sha256, {
      kind: 'ready',
      url: `data:${attachment.mediaType};base64,${base64}`,
      size: attachment.size,
    });
  } catch (cause) {
    putPicture(sha256, { kind: 'failed', message: failureText(cause) });
  }
}
