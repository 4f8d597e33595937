import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';

/** Electron's switches as they leave the house, under electron-builder's names. Whatever is not named keeps Electron's value. */
export const FUSES = {
  // The executable must not double as a plain Node: it would run foreign code under our name and signature.
  runAsNode: false,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableCookieEncryption: true,
  enableEmbeddedAsarIntegrityValidation: true,
  // Without it an `app` folder beside the archive is loaded first and the integrity check never runs.
  onlyLoadAppFromAsar: true,
  // On only where an own snapshot is shipped.
  loadBrowserProcessSpecificV8Snapshot: false,
  // The page comes over our own scheme, so file:// needs no privileges.
  grantFileProtocolExtraPrivileges: false,
};

const WIRE = {
  runAsNode: FuseV1Options.RunAsNode,
  enableNodeOptionsEnvironmentVariable: FuseV1Options.EnableNodeOptionsEnvironmentVariable,
  enableNodeCliInspectArguments: FuseV1Options.EnableNodeCliInspectArguments,
  enableCookieEncryption: FuseV1Options.EnableCookieEncryption,
  enableEmbeddedAsarIntegrityValidation: FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
  onlyLoadAppFromAsar: FuseV1Options.OnlyLoadAppFromAsar,
  loadBrowserProcessSpecificV8Snapshot: FuseV1Options.LoadBrowserProcessSpecificV8Snapshot,
  grantFileProtocolExtraPrivileges: FuseV1Options.GrantFileProtocolExtraPrivileges,
};
const ON = '1'.charCodeAt(0);
const OFF = '0'.charCodeAt(0);

/** Reads the switches back from an executable (on macOS the .app) and names those that are not as FUSES says. */
export async function wrongFuses(executable) {
  const wire = await getCurrentFuseWire(executable);
  return Object.entries(FUSES)
    .filter(([name, isOn]) => wire[WIRE[name]] !== (isOn ? ON : OFF))
    .map(([name, isOn]) => `fuse ${name} is not ${isOn ? 'on' : 'off'}`);
}
