import type { Page } from 'playwright-core';

/**
 * Figures on the page that say nothing to who hears them. A figure is named by words of its own, by the header of its
 * column or row, by the term before it, or by words or a label around it, a few elements up; a picture names what it
 * draws.
 */
export async function namelessFiguresOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const LEVELS = 4;
    const WORD = /\p{L}{2,}/u;
    const isHeard = (element: Element): boolean =>
      element.closest('[aria-hidden="true"], [role="img"], svg, script, style') === null;
    const heard = (element: Element): string => {
      const parts = [element.getAttribute('aria-label') ?? '', element.getAttribute('aria-valuetext') ?? ''];
      for (const inner of element.querySelectorAll('[aria-label]')) parts.push(inner.getAttribute('aria-label') ?? '');
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        if (node.parentElement !== null && isHeard(node.parentElement)) parts.push(node.textContent ?? '');
      }
      const label = element.getAttribute('aria-labelledby') ?? '';
      for (const id of label.split(' ')) parts.push(document.getElementById(id)?.textContent ?? '');
      return parts.join(' ');
    };
    const headersOf = (cell: Element): string => {
      const row = cell.closest('tr, [role="row"]');
      const table = cell.closest('table, [role="grid"], [role="table"]');
      if (row === null || table === null) return '';
      const at = [...row.children].indexOf(cell);
      const names = [...row.querySelectorAll('th, [role="rowheader"]')].map(heard);
      for (const head of table.querySelectorAll('thead tr, [role="row"]:has([role="columnheader"])')) {
        const column = head.children[at];
        if (column !== undefined) names.push(heard(column));
      }
      const caption = table.querySelector('caption');
      return [...names, caption === null ? '' : heard(caption)].join(' ');
    };
    const isNamed = (element: Element): boolean => {
      const cell = element.closest('td, [role="gridcell"]');
      if (cell !== null) return WORD.test(`${heard(cell)} ${headersOf(cell)}`);
      const term = element.closest('dd')?.parentElement?.querySelector('dt');
      if (term !== null && term !== undefined && WORD.test(heard(term))) return true;
      // A choice is heard with the name of its group, everything else of this kind as one.
      const group = element.closest('label')?.closest('fieldset, [role="radiogroup"], [role="group"]') ?? null;
      const legend = group?.querySelector('legend') ?? null;
      if (
        group !== null &&
        WORD.test(`${group.getAttribute('aria-label') ?? ''} ${legend === null ? '' : heard(legend)}`)
      ) {
        return true;
      }
      const spokenWhole = element.closest('[role="option"], button, a, li, label, legend, h1, h2, h3, p');
      if (spokenWhole !== null) return WORD.test(heard(spokenWhole));
      let at: Element | null = element;
      for (let level = 0; level < LEVELS && at !== null && !at.matches('main, body, [role="dialog"]'); level += 1) {
        if (WORD.test(heard(at))) return true;
        at = at.parentElement;
      }
      return false;
    };
    const faults: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent?.trim() ?? '';
      const element = node.parentElement;
      if (element === null || !/\d/.test(text) || WORD.test(text)) continue;
      if (!isHeard(element) || !element.checkVisibility() || isNamed(element)) continue;
      faults.push(`“${text}” has no name in ${element.closest('section, dialog, header, div')?.className ?? ''}`);
    }
    for (const control of document.querySelectorAll('[role="meter"], [role="slider"], input[type="range"]')) {
      if (!WORD.test(heard(control)) && control.closest('label') === null)
        faults.push(`a ${control.tagName} has no name`);
    }
    return [...new Set(faults)];
  });
}
