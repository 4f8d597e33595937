/** The generated files of the DTC messages: path from the root of the repository, and text as it must stand there. */
export function dtcMessageFiles(): Promise<readonly { readonly file: string; readonly text: string }[]>;
