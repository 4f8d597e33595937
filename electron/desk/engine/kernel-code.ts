const PAGE_BYTES = 65_536;

/** The memory a kernel brings along. */
export type KernelMemory = {
  readonly memory: { readonly buffer: ArrayBuffer; readonly grow: (pages: number) => number };
};

/** The part of the host's WebAssembly that is used; no library of types without a page declares it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: KernelMemory };
};

/** Loads the code of a kernel, as its generator wrote it, with a memory of its own. What else it exports is for the caller to know. */
export function loadKernel(base64: string): KernelMemory {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
}

/** Lets a memory have at least so many bytes. Views of what it was are gone after it grows. */
export function makeRoom(memory: KernelMemory['memory'], bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}
