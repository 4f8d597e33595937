import { useEffect, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { Group, Panel as Pane, Separator, usePanelRef } from 'react-resizable-panels';
import { rememberedSize, rememberSize } from './split-sizes.ts';
import css from './split.module.css';
import { styler } from './styler.ts';

const cls = styler(css);

const STEP = 8;
const KEYS = {
  horizontal: { ArrowLeft: -STEP, ArrowRight: STEP },
  vertical: { ArrowUp: -STEP, ArrowDown: STEP },
} as const;

export type SplitProps = {
  /** Sizes are remembered under it: one for each screen and size class. */
  readonly id: string;
  /** `horizontal`: side by side. */
  readonly orientation: 'horizontal' | 'vertical';
  /** What the splitter moves: "Width of the left column". */
  readonly label: string;
  /** The side whose size is set; the other takes the rest. */
  readonly sized: 'first' | 'second';
  /** Px, or any CSS length. */
  readonly size: number | string;
  /** Px or CSS lengths between which the sized side stays. */
  readonly least: number | string;
  readonly most?: number | string;
  /** Least size of the other side. */
  readonly leastRest: number | string;
  readonly first: ReactNode;
  /** Null: the first stands alone. */
  readonly second: ReactNode;
};

/**
 * Two parts with a splitter between them: one drawn pixel, seven to grab. The arrow keys move it by 8 px, Home and End
 * to its ends; a double click or Enter gives the first size back. What the trader sets is remembered.
 */
export function Split({ id, orientation, label, sized, size, least, most, leastRest, first, second }: SplitProps) {
  const pane = usePanelRef();
  const group = useRef<HTMLDivElement>(null);
  const shownAs = useRef(id);
  useEffect(() => {
    // Another size class has sizes of its own; what stands in the panels stays.
    if (shownAs.current !== id) pane.current?.resize(rememberedSize(id) ?? size);
    shownAs.current = id;
  }, [id, pane, size]);
  // From the layout, which is ahead of what is drawn: keys can come faster than frames.
  const heldPx = (): number => {
    const room = [...(group.current?.children ?? [])]
      .filter((child): child is HTMLElement => child instanceof HTMLElement && 'panel' in child.dataset)
      .reduce(
        (sum, { offsetWidth, offsetHeight }) => sum + (orientation === 'horizontal' ? offsetWidth : offsetHeight),
        0,
      );
    return ((pane.current?.getSize().asPercentage ?? 0) / 100) * room;
  };
  const keep = () => {
    const size = heldPx();
    if (size > 0) rememberSize(id, size);
  };
  const reset = () => {
    pane.current?.resize(size);
    rememberSize(id, null);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = Object.entries(KEYS[orientation]).find(([key]) => key === event.key)?.[1];
    if (step === undefined && event.key !== 'Enter') return;
    // Before the library moves it by a twentieth of the window.
    event.preventDefault();
    if (step === undefined) {
      reset();
      return;
    }
    pane.current?.resize(Math.max(1, heldPx() + (sized === 'first' ? step : -step)));
    keep();
  };
  const sizes = {
    ...{ panelRef: pane, defaultSize: rememberedSize(id) ?? size, minSize: least },
    ...{ groupResizeBehavior: 'preserve-pixel-size' as const, ...(most === undefined ? {} : { maxSize: most }) },
  };
  const side = (which: 'first' | 'second', children: ReactNode) => (
    <Pane id={which} {...(which === sized && second !== null ? sizes : { minSize: leastRest })}>
      <div className={cls('side')}>{children}</div>
    </Pane>
  );
  return (
    <Group
      orientation={orientation}
      className={cls('group')}
      elementRef={group}
      onLayoutChanged={(_, { isUserInteraction }) => {
        if (isUserInteraction) keep();
      }}
    >
      {side('first', first)}
      {second !== null && (
        <Separator
          className={cls('splitter')}
          aria-label={label}
          title="Drag, or move with the arrow keys; double click for the first size"
          disableDoubleClick
          onDoubleClick={reset}
          onKeyDownCapture={onKey}
        />
      )}
      {second !== null && side('second', second)}
    </Group>
  );
}
