import { useUi } from '#renderer/src/store/ui.ts';
import { moveOrder, movePosition } from './exits.ts';

/** Makes a list the one that J, K and the single letters act on, with something selected in it. */
export function focusList(list: 'queue' | 'positions' | 'orders'): void {
  useUi.setState(list === 'queue' ? { list } : { list, bottomTab: list });
  if (list === 'positions') movePosition(0);
  if (list === 'orders') moveOrder(0);
}
