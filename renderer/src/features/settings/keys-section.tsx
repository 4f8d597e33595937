import { resetKeys, useBindings } from '#renderer/src/features/keys/bindings.ts';
import { KeyLists } from '#renderer/src/features/keys/key-list.tsx';
import { countText } from '#shared/format/numbers.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './settings.module.css';

const cls = styler(css);

/** Every key, each to be changed by pressing another; one that is taken says by what. */
export function KeysSection() {
  const changed = useBindings((s) => Object.keys(s.chosen).length);
  return (
    <div className={cls('form', 'keys')}>
      <div className={cls('keysHead')}>
        <p className={cls('soft')}>
          Single letters act only outside text fields. F8 halts whatever else is chosen. Kept in this window only.
        </p>
        <Button size="small" aria-disabled={changed === 0} onClick={() => resetKeys()}>
          {changed === 0 ? 'All keys as they came' : `Put ${countText(changed)} back as they came`}
        </Button>
      </div>
      <KeyLists />
    </div>
  );
}
