import { SECURITY_HEADERS } from '#shells/security-headers.ts';
import { readStaticFile } from '#shells/static-file.ts';

/** The page's own scheme and host: `app://desk/`. No file://, no http. */
export const SCHEME = 'app';
export const PAGE_HOST = 'desk';
export const PAGE_URL = `${SCHEME}://${PAGE_HOST}/`;

/** Says whether an address is our page. Compared part by part, since custom schemes have no origin of their own. */
export function isOwnUrl(address: string): boolean {
  try {
    const url = new URL(address);
    return url.protocol === `${SCHEME}:` && url.host === PAGE_HOST && url.username === '' && url.password === '';
  } catch {
    // Not an address at all.
    return false;
  }
}

/** Answers a request of the page from the folder of the built page. */
export async function pageResponse(folder: string, request: Request): Promise<Response> {
  if (!isOwnUrl(request.url)) return refuse(403);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
  const file = await readStaticFile(folder, new URL(request.url).pathname);
  if (file === null) return refuse(404);
  const headers = { ...SECURITY_HEADERS, 'content-type': file.type };
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(file.body), { status: 200, headers });
}

const refuse = (status: number): Response => new Response(null, { status, headers: { ...SECURITY_HEADERS } });
