/** The text of electron/desk/engine/quantile-kernel-code.ts. */
export function quantileKernelFile(): Promise<string>;
