import { shell } from 'electron';
import type { Session, WebContents } from 'electron';
import { isOwnUrl } from './protocol.ts';

/** The only addresses the system's browser is ever asked to open, compared whole: the charts' attribution. */
const EXTERNAL_LINKS: ReadonlySet<string> = new Set(['https://www.tradingview.com/']);

/**
 * What our page may ask for: telling the trader of a fill while the desk is in the background, and putting text on the
 * clipboard ("Copy details"). Such a write is plain or sanitised, and Chromium refuses it without a click of the trader;
 * reading the clipboard, which may hold a password, stays denied.
 */
const isAllowed = (permission: string, asker: { readonly url: string; readonly isMainFrame: boolean }): boolean =>
  isOwnUrl(asker.url) &&
  (permission === 'notifications' || (permission === 'clipboard-sanitized-write' && asker.isMainFrame));

/** Denies every permission but those two of our own page, now and when asked later, and every device and screen. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, { requestingUrl, isMainFrame }) =>
    callback(isAllowed(permission, { url: requestingUrl, isMainFrame })),
  );
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, { isMainFrame }) =>
    isAllowed(permission, { url: requestingOrigin, isMainFrame }),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, callback) => callback({}));
}

/** Cancels every request of the page that does not go to our own scheme: the desk's data has no other way out. */
export function denyForeignRequests(session: Session): void {
  session.webRequest.onBeforeRequest((details, callback) => callback({ cancel: !isOwnUrl(details.url) }));
}

/** Keeps a page where it is: no navigation, no redirect, no new window, no embedded view. */
export function denyNavigation(contents: WebContents): void {
  const stay = (event: { readonly url?: string; preventDefault(): void }): void => {
    if (event.url === undefined || !isOwnUrl(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (EXTERNAL_LINKS.has(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
}
