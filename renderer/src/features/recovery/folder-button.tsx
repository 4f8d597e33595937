import { useState } from 'react';
import { Button } from '#renderer/src/ui/button.tsx';

const COPY_LABELS = {
  idle: 'Copy the folder’s path',
  copied: 'Copied',
  refused: 'Copying is not allowed here: select the path above',
} as const;

/** The way to the files: the file manager where the shell has one, else the path to paste into one. */
export function FolderButton({ folder }: { readonly folder: string }) {
  const [state, setState] = useState<keyof typeof COPY_LABELS>('idle');
  const openFolder = window.desk?.openFolder;
  if (openFolder !== undefined) {
    return (
      <Button size="small" onClick={() => openFolder()}>
        Open folder
      </Button>
    );
  }
  const copy = (): void =>
    void navigator.clipboard.writeText(folder).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  return (
    <Button size="small" onClick={copy}>
      <span aria-live="polite">{COPY_LABELS[state]}</span>
    </Button>
  );
}
