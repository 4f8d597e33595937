import { useState } from 'react';
import { Button } from './button.tsx';

type CopyButtonProps = {
  /** What is put on the clipboard. */
  readonly text: string;
  readonly label: string;
  /** Where the text can be read instead, should the window not be allowed to copy it. */
  readonly otherwise: string;
  readonly size?: 'small' | 'normal';
};

/** Copies a text, and says whether it could. */
export function CopyButton({ text, label, otherwise, size = 'normal' }: CopyButtonProps) {
  const [said, setSaid] = useState<string | null>(null);
  const copy = (): void =>
    void navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid(`Copying is not allowed here: ${otherwise}`),
    );
  return (
    <Button size={size} onClick={copy}>
      <span aria-live="polite">{said ?? label}</span>
    </Button>
  );
}
