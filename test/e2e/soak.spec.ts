import { describe, expect, it } from 'vitest';
import { hasBrowser } from '#test/support/browser.ts';
import { soakPage } from '#test/soak/page-soak.ts';

describe.skipIf(!hasBrowser())('a short soak of a page', () => {
  it('takes samples of heap, nodes and tasks while the desk changes', async () => {
    const found = await soakPage({ minutes: 0.1, rate: 20 });
    expect(found.updates).toBeGreaterThan(0);
    expect(found.nodes).toHaveLength(1);
    expect(found.nodes[0]).toBeGreaterThan(100);
    expect(found.heap[0]?.dataMb).toBeGreaterThan(1);
    expect(found.heap[0]?.codeMb).toBeGreaterThan(0);
  });
});
