/** The text of electron/desk/engine/pair-kernel-code.ts. */
export function pairKernelFile(): Promise<string>;
