import { Button } from '#renderer/src/ui/button.tsx';
import { CopyButton } from '#renderer/src/ui/copy-button.tsx';

/** The way to the files: the file manager where the shell has one, else the path to paste into one. */
export function FolderButton({ folder }: { readonly folder: string }) {
  const openFolder = window.desk?.openFolder;
  if (openFolder === undefined)
    return <CopyButton text={folder} label="Copy the folder’s path" otherwise="select the path above" size="small" />;
  return (
    <Button size="small" onClick={() => openFolder()}>
      Open folder
    </Button>
  );
}
