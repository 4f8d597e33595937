import type { Page } from 'playwright-core';

/**
 * Words that stand on other words: pairs of texts whose letters share room, where neither holds the other. What floats
 * over the page (dialogs, tooltips, toasts, sticky bars) covers it on purpose.
 */
export async function overlapsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    type Box = { left: number; right: number; top: number; bottom: number };
    type Word = { readonly box: Box; readonly element: Element; readonly text: string };
    /** Height of letters as a share of the font size: boxes of lines may touch, letters may not. */
    const LETTERS = 0.7;
    /** What may share an edge, px. */
    const EDGE = 2;
    const FLOATING = '[role="dialog"], [role="tooltip"], [role="alertdialog"], [data-sonner-toast], [class*="toast"]';

    const isFloating = (element: Element): boolean => {
      if (element.closest(FLOATING) !== null) return true;
      for (let at: Element | null = element; at !== null && at !== document.body; at = at.parentElement) {
        const style = getComputedStyle(at);
        const { position, zIndex, clipPath } = style;
        if (style.getPropertyValue('clip') !== 'auto' || clipPath !== 'none') return true;
        if (position === 'sticky' || (/fixed|absolute/.test(position) && Number(zIndex) > 0)) return true;
      }
      return false;
    };
    const clipTo = (box: Box, element: Element): Box => {
      const clipped = { ...box };
      for (let at: Element | null = element; at !== null; at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at);
        const bounds = at.getBoundingClientRect();
        if (overflowX !== 'visible') {
          clipped.left = Math.max(clipped.left, bounds.left);
          clipped.right = Math.min(clipped.right, bounds.right);
        }
        if (overflowY !== 'visible') {
          clipped.top = Math.max(clipped.top, bounds.top);
          clipped.bottom = Math.min(clipped.bottom, bounds.bottom);
        }
      }
      return clipped;
    };

    const words: Word[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent?.trim() ?? '';
      const element = node.parentElement;
      if (text === '' || element === null || !element.checkVisibility({ opacityProperty: true })) continue;
      if (isFloating(element)) continue;
      const letters = Number.parseFloat(getComputedStyle(element).fontSize) * LETTERS;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const { left, right, top, bottom } of range.getClientRects()) {
        const middle = (top + bottom) / 2;
        const box = clipTo({ left, right, top: middle - letters / 2, bottom: middle + letters / 2 }, element);
        if (box.right - box.left > EDGE && box.bottom - box.top > EDGE) words.push({ box, element, text });
      }
    }
    const shares = (a: Box, b: Box): boolean =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > EDGE &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > EDGE;
    const faults = new Set<string>();
    words.sort((a, b) => a.box.top - b.box.top);
    words.forEach((word, i) => {
      for (let j = i + 1; j < words.length; j += 1) {
        const other = words[j];
        if (other === undefined || other.box.top >= word.box.bottom) break;
        if (word.element === other.element || !shares(word.box, other.box)) continue;
        faults.add(`“${word.text.slice(0, 40)}” stands on “${other.text.slice(0, 40)}”`);
      }
    });
    return [...faults];
  });
}
