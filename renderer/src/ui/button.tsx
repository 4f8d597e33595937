import { ArrowBigUp, CornerDownLeft } from 'lucide-react';
import { memo } from 'react';
import type { ButtonHTMLAttributes, Ref } from 'react';
import css from './button.module.css';
import { styler } from './styler.ts';

const cls = styler(css);

type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'type'> & {
  readonly variant?: 'outline' | 'primary' | 'danger' | 'quiet' | 'banner' | 'warn';
  readonly size?: 'small' | 'normal' | 'large';
  readonly isWide?: boolean;
  readonly keys?: readonly string[];
  readonly ref?: Ref<HTMLButtonElement>;
};

/** Keys that are drawn: their signs are too small to read in most fonts. */
const DRAWN: Readonly<Record<string, typeof CornerDownLeft>> = { '⏎': CornerDownLeft, '⇧': ArrowBigUp };

/** A key cap. Decoration for the eye: the shortcut is spoken through aria-keyshortcuts. */
export const Key = memo(function Key({ children }: { readonly children: string }) {
  const Sign = DRAWN[children];
  return (
    <kbd className={cls('key', Sign !== undefined && 'drawn')} aria-hidden="true">
      {Sign === undefined ? children : <Sign size={11} strokeWidth={2.25} />}
    </kbd>
  );
});

/** The one button. `aria-disabled` keeps it reachable, so that its reason can be read. */
export function Button({
  variant = 'outline',
  size = 'normal',
  isWide = false,
  keys = [],
  children,
  ...rest
}: ButtonProps) {
  const isOff = rest['aria-disabled'] === true || rest['aria-disabled'] === 'true';
  return (
    <button
      type="button"
      {...rest}
      onClick={isOff ? undefined : rest.onClick}
      className={cls('button', variant, size, isWide && 'wide')}
    >
      <span className={cls('label')}>{children}</span>
      {keys.length > 0 && (
        <span className={cls('keys')}>
          {keys.map((key) => (
            <Key key={key}>{key}</Key>
          ))}
        </span>
      )}
    </button>
  );
}
