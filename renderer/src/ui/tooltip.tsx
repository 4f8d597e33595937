import { Tooltip as RadixTooltip } from 'radix-ui';
import type { ReactNode } from 'react';
import css from './floating.module.css';
import { styler } from './styler.ts';

const cls = styler(css);

/**
 * Adds words to something focusable. Nothing is only in a tooltip that the screen must say. Without words the element
 * stays the same one: a button that gets a reason under the trader's hand must not lose the focus.
 */
export function Tooltip({ text, children }: { readonly text: ReactNode; readonly children: ReactNode }) {
  return (
    <RadixTooltip.Root>
      <RadixTooltip.Trigger asChild>{children}</RadixTooltip.Trigger>
      {text !== null && (
        <RadixTooltip.Portal>
          <RadixTooltip.Content className={cls('tooltip')} sideOffset={6} collisionPadding={8}>
            {text}
          </RadixTooltip.Content>
        </RadixTooltip.Portal>
      )}
    </RadixTooltip.Root>
  );
}

export const TooltipProvider = RadixTooltip.Provider;
