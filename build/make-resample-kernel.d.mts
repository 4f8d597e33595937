/** The text of electron/desk/engine/resample-kernel-code.ts. */
export function resampleKernelFile(): Promise<string>;
