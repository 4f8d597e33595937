import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/** Only these kinds of file are part of a built page; anything else in the folder is not served. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.woff', 'font/woff'],
  ['.txt', 'text/plain; charset=utf-8'],
]);

export type StaticFile = { readonly body: Buffer; readonly type: string };

/**
 * Reads a file of the built page.
 * @param pathname the path of the request URL as sent (still percent-encoded); `/` is index.html
 * @returns null for everything that is not a plain file of a known kind inside `folder`, links out of it included
 */
export async function readStaticFile(folder: string, pathname: string): Promise<StaticFile | null> {
  const relative = relativePath(pathname);
  if (relative === null) return null;
  const type = TYPES.get(path.extname(relative).toLowerCase());
  if (type === undefined) return null;
  try {
    const root = await realpath(folder);
    const file = await realpath(path.join(root, relative));
    if (!isInside(root, file) || !(await stat(file)).isFile()) return null;
    return { body: await readFile(file), type };
  } catch {
    // Absent, unreadable, or not a name the file system knows: all the same to whoever asks.
    return null;
  }
}

function relativePath(pathname: string): string | null {
  const decoded = decode(pathname);
  if (decoded?.startsWith('/') !== true || /[\0\\:]/.test(decoded)) return null;
  const parts = decoded.slice(1).split('/');
  // Dotted names cover `..` and hidden files alike.
  if (parts.length > 1 && parts.includes('')) return null;
  if (parts.some((part) => part.startsWith('.'))) return null;
  return parts.join('/') === '' ? 'index.html' : parts.join('/');
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}

function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}
