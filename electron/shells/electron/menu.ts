import type { MenuItemConstructorOptions } from 'electron';

/**
 * The application menu of a platform. macOS needs one for copy, paste and quit to have keys at all; elsewhere it is
 * hidden and only carries the accelerators. Reloading is left out: a page in front of money is not refreshed by habit.
 */
export function menuTemplate(
  platform: NodeJS.Platform,
  options: { readonly isPackaged: boolean; readonly onCheckForUpdates: (() => void) | null },
): MenuItemConstructorOptions[] {
  const edit: MenuItemConstructorOptions = {
    label: 'Edit',
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      { type: 'separator' },
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      // A console in a packaged desk is a place where a stranger's script can be pasted.
      ...(options.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
    ],
  };
  const updates: MenuItemConstructorOptions[] =
    options.onCheckForUpdates === null
      ? []
      : [{ label: 'Check for updates …', click: options.onCheckForUpdates }, { type: 'separator' }];
  if (platform === 'darwin') {
    return [
      {
        label: 'Kelly Desk',
        submenu: [
          { role: 'about' },
          { type: 'separator' },
          ...updates,
          { role: 'hide' },
          { role: 'hideOthers' },
          { role: 'unhide' },
          { type: 'separator' },
          { role: 'quit' },
        ],
      },
      edit,
      view,
      { role: 'windowMenu' },
    ];
  }
  return [{ label: 'File', submenu: [...updates, { role: 'quit', accelerator: 'Ctrl+Q' }] }, edit, view];
}
