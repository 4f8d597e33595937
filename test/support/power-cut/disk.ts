import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { DiskCall } from './recording.ts';

/**
 * A disk with a cache that forgets. What was synced is kept. Of every write since, each sector is kept or not by
 * itself, in any mixture; of the names made, changed and removed in a folder since that folder was last synced, the
 * first few are kept. This is the least that POSIX grants; real file systems keep more.
 */
const SECTOR = 512;

type Pending =
  | { readonly type: 'write'; readonly offset: number; readonly bytes: Buffer }
  | { readonly type: 'truncate'; readonly size: number };

/** The content of a file, apart from its names. */
type Content = { durable: Buffer; pending: Pending[] };
type Folder = { readonly isFolder: true };
type Node = Content | Folder;
const FOLDER: Folder = { isFolder: true };
const isFolder = (node: Node): node is Folder => 'isFolder' in node;

type Naming =
  | { readonly type: 'add'; readonly path: string; readonly node: Node }
  | { readonly type: 'remove'; readonly path: string }
  | { readonly type: 'move'; readonly from: string; readonly to: string };

function write(content: Buffer, offset: number, bytes: Buffer): Buffer {
  const end = offset + bytes.length;
  const grown = end > content.length ? resize(content, end) : content;
  bytes.copy(grown, offset);
  return grown;
}

/** Contents own their memory, with room to grow: a log of thousands of frames is not copied for each of them. */
function resize(content: Buffer, size: number): Buffer {
  if (size <= content.length) return content.subarray(0, size);
  const room = content.buffer.byteLength - content.byteOffset;
  const owner = room >= size ? content.buffer : Buffer.alloc(Math.max(size, content.length * 2, 65_536)).buffer;
  const grown = Buffer.from(owner, 0, size);
  if (owner !== content.buffer) content.copy(grown);
  return grown.fill(0, content.length);
}

function applyNaming(names: Map<string, Node>, naming: Naming): void {
  if (naming.type === 'add') names.set(naming.path, naming.node);
  else if (naming.type === 'remove') names.delete(naming.path);
  else {
    const node = names.get(naming.from);
    if (node === undefined) throw new Error(`${naming.from} was renamed, and is not there`);
    names.delete(naming.from);
    names.set(naming.to, node);
  }
}

/** Survivors of one write: whole sectors of the file, each by its own coin. */
function tear(content: Buffer, { offset, bytes }: { offset: number; bytes: Buffer }, survives: () => boolean): Buffer {
  let result = content;
  for (let start = 0; start < bytes.length;) {
    const end = Math.min(bytes.length, start + SECTOR - ((offset + start) % SECTOR));
    if (survives()) result = write(result, offset + start, bytes.subarray(start, end));
    start = end;
  }
  return result;
}

export class ForgetfulDisk {
  /** Folders that were there before, and are there after. */
  readonly #root: string;
  readonly #names = new Map<string, Node>();
  readonly #durableNames = new Map<string, Node>();
  readonly #unsyncedNames = new Map<string, Naming[]>();
  readonly #open = new Map<number, Node | null>();
  readonly #openPaths = new Map<number, string>();
  #told = '';

  constructor(root: string) {
    this.#root = root;
  }

  /** Lines that were told to the world so far. */
  told(): readonly string[] {
    return this.#told.split('\n').slice(0, -1);
  }

  apply(call: DiskCall): void {
    if (call.type === 'told') this.#told += call.text;
    else if (call.type === 'open') this.#openFile(call);
    else if (call.type === 'mkdir') this.#name({ type: 'add', path: call.path, node: FOLDER });
    else if (call.type === 'unlink') this.#name({ type: 'remove', path: call.path });
    else if (call.type === 'rename') this.#name({ type: 'move', from: call.from, to: call.to });
    else if (call.type === 'sync') this.#sync(call.descriptor);
    else this.#contentOf(call.descriptor).pending.push(call);
  }

  /** Rebuilds what is found after the power comes back below `target`. */
  rebuild(target: string, random: () => number, survival = 0.5): void {
    const names = new Map(this.#durableNames);
    for (const namings of this.#unsyncedNames.values()) {
      const kept = survival === 1 ? namings.length : Math.floor(random() * (namings.length + 1));
      for (const naming of namings.slice(0, kept)) applyNaming(names, naming);
    }
    const survives = (): boolean => survival === 1 || random() < survival;
    for (const [path, node] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!this.#isReachable(names, path)) continue;
      const place = join(target, relative(this.#root, path));
      if (isFolder(node)) mkdirSync(place, { mode: 0o700 });
      else writeFileSync(place, this.#survivors(node, survives), { mode: 0o600 });
    }
  }

  #isReachable(names: ReadonlyMap<string, Node>, path: string): boolean {
    const parent = dirname(path);
    return parent === this.#root || (names.has(parent) && this.#isReachable(names, parent));
  }

  #survivors({ durable, pending }: Content, survives: () => boolean): Buffer {
    let content = write(Buffer.alloc(0), 0, durable);
    for (const change of pending) {
      if (change.type === 'write') content = tear(content, change, survives);
      else if (survives()) content = resize(content, change.size);
    }
    return content;
  }

  #name(naming: Naming): void {
    const folder = dirname(naming.type === 'move' ? naming.to : naming.path);
    if (naming.type === 'move' && dirname(naming.from) !== folder) throw new Error('a rename between folders');
    applyNaming(this.#names, naming);
    this.#unsyncedNames.set(folder, [...(this.#unsyncedNames.get(folder) ?? []), naming]);
  }

  #openFile({ descriptor, path, isNew }: { descriptor: number; path: string; isNew: boolean }): void {
    if (isNew) this.#name({ type: 'add', path, node: { durable: Buffer.alloc(0), pending: [] } });
    this.#open.set(descriptor, this.#names.get(path) ?? null);
    this.#openPaths.set(descriptor, path);
  }

  #contentOf(descriptor: number): Content {
    const node = this.#open.get(descriptor);
    if (node === undefined || node === null || isFolder(node)) throw new Error(`no file is open at ${descriptor}`);
    return node;
  }

  #sync(descriptor: number): void {
    const path = this.#openPaths.get(descriptor) ?? '';
    const node = this.#open.get(descriptor) ?? null;
    if (node === null || isFolder(node)) {
      for (const naming of this.#unsyncedNames.get(path) ?? []) applyNaming(this.#durableNames, naming);
      this.#unsyncedNames.delete(path);
      return;
    }
    for (const change of node.pending) {
      node.durable =
        change.type === 'write' ? write(node.durable, change.offset, change.bytes) : resize(node.durable, change.size);
    }
    node.pending = [];
  }
}
