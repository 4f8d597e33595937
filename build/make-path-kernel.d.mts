/** The text of electron/desk/engine/path-kernel-code.ts. */
export function pathKernelFile(): Promise<string>;
