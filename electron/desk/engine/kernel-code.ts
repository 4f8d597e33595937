const PAGE_BYTES = 65_536;
/** The most a memory that threads share may come to, as the code that works in one says it: 1 GiB. */
const MOST_PAGES = 16_384;

/** The memory a kernel works in. */
type Memory<B extends ArrayBufferLike> = { readonly buffer: B; readonly grow: (pages: number) => number };
export type SharedMemory = Memory<SharedArrayBuffer>;
/** The memory a kernel brings along. */
export type KernelMemory = { readonly memory: Memory<ArrayBuffer> };

/** The part of the host's WebAssembly that is used; no library of types without a page declares it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports?: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory;
};

/** Makes a memory that can be sent to other threads and stays the same there. */
export const sharedMemory = (): SharedMemory =>
  new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });

/**
 * Loads the code of a kernel, as its generator wrote it, with a memory of its own, or over the given one where it says so.
 * What it exports is for the caller to know.
 */
export function loadKernel(base64: string, memory?: SharedMemory): unknown {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { desk: { memory } }).exports;
}

/** Lets a memory have at least so many bytes. Views of what it was are gone after it grows, or, where it is shared, end where it did. */
export function makeRoom(memory: Memory<ArrayBufferLike>, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}
