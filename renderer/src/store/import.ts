import { create } from 'zustand';
import { deskClient } from '#renderer/src/api/client.ts';
import type {
  ImportMapping,
  ImportOptions,
  ImportPreview,
  ImportQuestion,
  ImportReport,
} from '#shared/domain/import.ts';
import { failureText } from './actions.ts';
import { fileRefusal, uploadFile } from './files.ts';
import type { Progress } from './files.ts';
import { accounts, imports, mappings, refreshJournal } from './journal.ts';
import { openDialog } from './ui.ts';

/** An import from the file in the trader's hand to the report. */
export type ImportState = {
  readonly phase: 'choosing' | 'uploading' | 'previewing' | 'ready' | 'importing' | 'done';
  readonly fileName: string | null;
  readonly progress: Progress | null;
  readonly uploadId: string | null;
  readonly options: ImportOptions;
  readonly preview: ImportPreview | null;
  /** Everything the file left open so far: an answered question stays, so that the answer can be changed. */
  readonly asked: readonly ImportQuestion[];
  readonly failure: string | null;
  readonly report: ImportReport | null;
};

const NOTHING: ImportState = {
  phase: 'choosing',
  fileName: null,
  progress: null,
  uploadId: null,
  options: {},
  preview: null,
  asked: [],
  failure: null,
  report: null,
};

export const useImport = create<ImportState>()(() => NOTHING);

let work = new AbortController();
let round = 0;

const nextRound = (): number => {
  round += 1;
  return round;
};

/** Forgets the file in hand; what was imported stays imported. */
export function forgetImport(): void {
  work.abort(new Error('Given up.'));
  nextRound();
  useImport.setState(NOTHING);
}

/** Opens the dialog with no file yet. */
export function startImport(): void {
  forgetImport();
  accounts.refresh();
  openDialog('import');
}

const sameQuestion = (a: ImportQuestion, b: ImportQuestion): boolean => a.field === b.field && a.key === b.key;

/** Questions asked so far with those asked now: the newest wording counts. */
export const mergeQuestions = (
  before: readonly ImportQuestion[],
  now: readonly ImportQuestion[],
): readonly ImportQuestion[] => [
  ...before.map((old) => now.find((question) => sameQuestion(old, question)) ?? old),
  ...now.filter((question) => !before.some((old) => sameQuestion(old, question))),
];

async function preview(): Promise<void> {
  const { uploadId, options } = useImport.getState();
  if (uploadId === null) return;
  const current = nextRound();
  useImport.setState({ phase: 'previewing', failure: null });
  try {
    const found = await deskClient().call('journal.importPreview', { uploadId, options });
    if (current !== round) return;
    useImport.setState(({ asked }) => ({
      phase: 'ready',
      preview: found,
      asked: mergeQuestions(asked, found.questions),
    }));
  } catch (cause) {
    if (current === round) useImport.setState({ phase: 'ready', failure: failureText(cause) });
  }
}

/** Takes a file: hands it to the desk and shows what importing it would do. Nothing is written. */
export async function takeFile(file: File): Promise<void> {
  forgetImport();
  openDialog('import');
  accounts.show('all');
  mappings.show('all');
  const refusal = fileRefusal(file);
  useImport.setState({ fileName: file.name, failure: refusal });
  if (refusal !== null) return;
  work = new AbortController();
  const { signal } = work;
  useImport.setState({ phase: 'uploading', progress: { done: 0, total: file.size } });
  try {
    const uploadId = await uploadFile(file, {
      signal,
      onProgress: (progress) => {
        if (!signal.aborted) useImport.setState({ progress });
      },
    });
    useImport.setState({ uploadId, progress: null });
  } catch (cause) {
    if (!signal.aborted) useImport.setState({ phase: 'choosing', progress: null, failure: failureText(cause) });
    return;
  }
  await preview();
}

/** Changes answers; undefined takes one back. The preview follows. */
export async function answer(change: {
  readonly [K in keyof ImportOptions]?: ImportOptions[K] | undefined;
}): Promise<void> {
  const merged = Object.entries({ ...useImport.getState().options, ...change });
  const options: ImportOptions = Object.fromEntries(merged.filter(([, value]) => value !== undefined));
  useImport.setState({ options });
  await preview();
}

/** Reads the file as another format: answers that belonged to the old one are asked again where they still matter. */
export async function chooseFormat(format: ImportOptions['format']): Promise<void> {
  useImport.setState({ asked: [] });
  await answer({ format });
}

/** Shows the preview once more, after it failed. */
export const previewAgain = (): Promise<void> => preview();

/** Imports what the preview shows. */
export async function runImport(): Promise<void> {
  const { uploadId, options, phase, preview: shown } = useImport.getState();
  if (uploadId === null || phase !== 'ready' || shown?.canImport !== true) return;
  const current = nextRound();
  useImport.setState({ phase: 'importing', failure: null });
  try {
    const report = await deskClient().call('journal.import', { uploadId, options });
    if (current === round) useImport.setState({ phase: 'done', report });
  } catch (cause) {
    if (current === round) useImport.setState({ phase: 'ready', failure: failureText(cause) });
  }
  // Also after a failure: what the desk wrote before it broke off is there.
  refreshJournal();
  imports.refresh();
  accounts.refresh();
}

/** Keeps a column mapping under a name, or forgets the name. Resolves with what went wrong, null when nothing did. */
export async function saveMapping(name: string, mapping: ImportMapping | null): Promise<string | null> {
  try {
    await deskClient().call('journal.saveMapping', { name, mapping });
    mappings.refresh();
    return null;
  } catch (cause) {
    return failureText(cause);
  }
}
