import type { Page } from 'playwright-core';

/** What must never be read on a screen: what a program says where it has nothing to say, and sentences put together wrongly. */
const CODES = /\b(?:NaN|undefined|Infinity|null)\b|\[object|could not be drawn|(?<![.…])\.[.;,](?!\.)/;

/**
 * What is wrong with the words on the page as it stands: bare codes, a part that broke, contents beyond the window,
 * words that stand out of their button, and words cut off where neither an ellipsis nor a title says so.
 */
export async function textFaultsOf(page: Page): Promise<readonly string[]> {
  const text = await page.locator('body').innerText();
  const codes = CODES.exec(text);
  const cut = await page.evaluate(() => {
    const faults: string[] = [];
    const { scrollWidth, scrollHeight } = document.documentElement;
    if (scrollWidth > window.innerWidth) faults.push(`${scrollWidth - window.innerWidth} px too wide`);
    if (scrollHeight > window.innerHeight) faults.push(`${scrollHeight - window.innerHeight} px too high`);
    const isTold = (element: Element): boolean =>
      element.closest(
        '[title], [aria-label]:not(section, main, nav, ul, ol, table, [role="grid"], [role="listbox"])',
      ) !== null;
    const clipping = (element: Element): Element | null => {
      for (let at: Element | null = element; at !== null && at !== document.body; at = at.parentElement) {
        const style = getComputedStyle(at);
        const { overflowX, clipPath, textOverflow } = style;
        // Words for the ear alone.
        if (style.getPropertyValue('clip') !== 'auto' || clipPath !== 'none' || textOverflow === 'ellipsis')
          return null;
        if (overflowX === 'auto' || overflowX === 'scroll') return null;
        if (overflowX !== 'visible') return at;
      }
      return document.body;
    };
    const isHidden = (element: Element): boolean => {
      const { clipPath, overflow, textOverflow, width } = getComputedStyle(element);
      // What is only heard is clipped, or a box of one px.
      return clipPath !== 'none' || (overflow === 'hidden' && width === '1px') || textOverflow === 'ellipsis';
    };
    /** Words that stand out of the control they are written on. */
    const standsOut = (range: Range, element: Element): boolean => {
      const control = element.closest('button, [role="button"], [role="tab"], [role="radio"], label');
      if (control === null || isHidden(element)) return false;
      const [words, box] = [range.getBoundingClientRect(), control.getBoundingClientRect()];
      if (words.width === 0 || box.width === 0) return false;
      return words.right > box.right + 1 || words.left < box.left - 1 || words.bottom > box.bottom + 3;
    };
    // A list that scrolls down only, and what of it stands beyond its edge: no ellipsis says so there.
    for (const cell of document.querySelectorAll('[role="gridcell"], [role="columnheader"]')) {
      const list = cell.closest('[role="grid"], [role="table"]');
      if (list === null || !cell.checkVisibility()) continue;
      if (cell.getBoundingClientRect().right > list.getBoundingClientRect().right + 1) {
        faults.push(`“${cell.textContent.slice(0, 60)}” stands beyond its list`);
      }
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const words = node.textContent?.trim() ?? '';
      const element = node.parentElement;
      if (words === '' || element === null || !element.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      if (standsOut(range, element)) faults.push(`“${words.slice(0, 60)}” stands out of its button`);
      const box = isTold(element) ? null : clipping(element);
      if (box === null) continue;
      const limit = box === document.body ? { left: 0, right: window.innerWidth } : box.getBoundingClientRect();
      const { left, right, width } = range.getBoundingClientRect();
      if (width > 0 && (right > limit.right + 1 || left < limit.left - 1)) {
        faults.push(
          `“${words.slice(0, 60)}” is cut in ${element.closest('section, dl, table, header')?.className ?? ''}`,
        );
      }
    }
    return [...new Set(faults)];
  });
  return [
    ...(codes === null
      ? []
      : [
          `the text holds ${codes[0]}: ${text.slice(Math.max(0, codes.index - 60), codes.index + 40).replaceAll('\n', ' ')}`,
        ]),
    ...cut,
  ];
}

/** Panels whose contents stand beyond their side: what is there is found only by scrolling sideways. */
export async function sidewaysOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter((box) => /auto|scroll/.test(getComputedStyle(box).overflowX) && box.scrollWidth > box.clientWidth + 1)
      .map((box) => `${box.scrollWidth - box.clientWidth} px beyond ${box.textContent.slice(0, 40)}`),
  );
}
