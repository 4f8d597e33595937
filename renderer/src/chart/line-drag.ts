import type { PlanLine } from './plan-primitive.ts';

/** How near a pointer must come to a line to take it, in px. */
const REACH = 6;

export type DragTarget = {
  /** Height of each line that may be moved, in px of the container. */
  readonly lines: () => readonly { readonly kind: PlanLine['kind']; readonly y: number }[];
  /** The chart keeps still while a line is held. */
  readonly hold: (isHeld: boolean) => void;
  readonly moveTo: (kind: PlanLine['kind'], y: number) => void;
};

/** Lets lines be dragged by pointer. Returns what takes the listeners away. */
export function dragLines(container: HTMLElement, target: DragTarget): () => void {
  let held: PlanLine['kind'] | null = null;
  const heightOf = (event: PointerEvent): number => event.clientY - container.getBoundingClientRect().top;
  const nearest = (y: number): PlanLine['kind'] | null => {
    const near = target
      .lines()
      .map((line) => ({ kind: line.kind, distance: Math.abs(line.y - y) }))
      .filter(({ distance }) => distance <= REACH)
      .sort((a, b) => a.distance - b.distance);
    return near[0]?.kind ?? null;
  };
  const onDown = (event: PointerEvent): void => {
    held = event.button === 0 ? nearest(heightOf(event)) : null;
    if (held === null) return;
    target.hold(true);
    container.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent): void => {
    const y = heightOf(event);
    if (held === null) container.classList.toggle('canDrag', nearest(y) !== null);
    else target.moveTo(held, y);
  };
  const onUp = (): void => {
    if (held !== null) target.hold(false);
    held = null;
  };
  // Before the chart's own listeners: it must know that it is held when the mouse goes down.
  const options = { capture: true };
  container.addEventListener('pointerdown', onDown, options);
  container.addEventListener('pointermove', onMove, options);
  container.addEventListener('pointerup', onUp, options);
  container.addEventListener('pointercancel', onUp, options);
  return () => {
    container.removeEventListener('pointerdown', onDown, options);
    container.removeEventListener('pointermove', onMove, options);
    container.removeEventListener('pointerup', onUp, options);
    container.removeEventListener('pointercancel', onUp, options);
  };
}
