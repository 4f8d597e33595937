import path from 'node:path';

/** Folder of the repository or of the installed package. */
export const ROOT = path.resolve(import.meta.dirname, '../../..');
