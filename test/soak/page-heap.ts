import type { CDPSession } from 'playwright-core';
import { z } from 'zod';

/** What of a heap snapshot is read: numbers in rows, `node_fields` to a row. @source V8 heap-snapshot-generator.cc */
const snapshotSchema = z.object({
  snapshot: z.object({
    meta: z.object({ node_fields: z.array(z.string()), node_types: z.array(z.unknown()) }),
  }),
  nodes: z.array(z.number()),
});

export type PageHeap = {
  /** What the page holds: objects, texts, DOM nodes. */
  readonly dataMb: number;
  /** What V8 compiled and learned of the page's code: it grows while code gets warm, and old code is thrown away. */
  readonly codeMb: number;
};

const MEBIBYTE = 1_048_576;

/**
 * Measures what a page keeps alive, by a heap snapshot: unlike the heap's size after a collection, which wavers by half
 * a megabyte with what the collector has not come to yet, nothing is in it that can be collected.
 */
export async function heapOf(devtools: CDPSession): Promise<PageHeap> {
  const chunks: string[] = [];
  const take = ({ chunk }: { readonly chunk: string }): void => void chunks.push(chunk);
  devtools.on('HeapProfiler.addHeapSnapshotChunk', take);
  await devtools.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  devtools.off('HeapProfiler.addHeapSnapshotChunk', take);
  const { snapshot, nodes } = snapshotSchema.parse(JSON.parse(chunks.join('')));
  const { node_fields: fields, node_types: kinds } = snapshot.meta;
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
  const code = z.array(z.string()).parse(kinds[type]).indexOf('code');
  let [data, compiled] = [0, 0];
  for (let at = 0; at < nodes.length; at += fields.length) {
    const bytes = nodes[at + size] ?? 0;
    if (nodes[at + type] === code) compiled += bytes;
    else data += bytes;
  }
  return { dataMb: data / MEBIBYTE, codeMb: compiled / MEBIBYTE };
}
