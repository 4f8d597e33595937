import { useDeferredValue } from 'react';
import { Toast } from 'radix-ui';
import { dropToast, useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import css from '#renderer/src/ui/floating.module.css';
import { styler } from '#renderer/src/ui/styler.ts';

const cls = styler(css);

const SIGNS = { info: '✓', warn: '◷', error: '✕' } as const;
const SHOWN_MS = 4_000;

/** Passing messages, above the status bar and clear of the action buttons. What they say also stands elsewhere. */
export function ToastArea() {
  // What a message is about is drawn first: a message that appears is measured, which holds up a frame.
  const toasts = useDeferredValue(useUi((s) => s.toasts));
  return (
    <Toast.Provider duration={SHOWN_MS} label="Message">
      {toasts.map(({ id, level, text }) => (
        <Toast.Root
          key={id}
          className={cls('toast', level)}
          type="background"
          onOpenChange={(isOpen) => !isOpen && dropToast(id)}
        >
          <span className={cls('toastSign')} aria-hidden="true">
            {SIGNS[level]}
          </span>
          <Toast.Description className={cls('toastText')}>{text}</Toast.Description>
          <Toast.Close asChild>
            <Button variant="quiet" size="small" aria-label="Dismiss">
              ✕
            </Button>
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className={cls('toasts')} />
    </Toast.Provider>
  );
}
