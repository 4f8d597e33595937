import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import css from './floating.module.css';
import { showFocused } from './show-focused.ts';
import { styler } from './styler.ts';

const cls = styler(css);

/** A field that asked for the focus keeps it; otherwise the dialog itself has it, and no control by accident. */
function focusItself(event: Event): void {
  const content = event.currentTarget;
  if (!(content instanceof HTMLElement) || content.contains(document.activeElement)) return;
  event.preventDefault();
  content.focus();
}

type ModalProps = {
  readonly title: ReactNode;
  readonly description?: string;
  readonly tone?: 'plain' | 'live';
  readonly width?: 'narrow' | 'wide' | 'huge';
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/**
 * A dialog over everything but HALT: F8 is heard in it too. The veil is a plain element and not the library's overlay,
 * which would add an inline style sheet that the content policy refuses.
 */
export function Modal({ title, description, tone = 'plain', width = 'narrow', onClose, children }: ModalProps) {
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <div className={cls('veil')} aria-hidden="true" />
        <Dialog.Content
          className={cls('dialog', tone, width)}
          onOpenAutoFocus={focusItself}
          onFocus={showFocused}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <Dialog.Title className={cls('dialogTitle')}>{title}</Dialog.Title>
          {description !== undefined && (
            <Dialog.Description className={cls('description')}>{description}</Dialog.Description>
          )}
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
