import { lazy } from 'react';
import type { ComponentType } from 'react';

type Loaded = { readonly default: ComponentType };

const RETRY_MS = 1_000;
const AHEAD_MS = 1_500;
const loaders: (() => Promise<Loaded>)[] = [];

/** Tries until it succeeds: a screen opened while the desk is out of reach appears when the desk is back. */
async function patiently(load: () => Promise<Loaded>): Promise<Loaded> {
  for (;;) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** A part of the page that is fetched after the Desk is shown. */
export function loadLater(load: () => Promise<Loaded>) {
  const patient = () => patiently(load);
  loaders.push(patient);
  return lazy(patient);
}

/** Fetches every part once the Desk stands, so that no screen is missing when the desk is lost later. */
export function loadAhead(): void {
  setTimeout(() => {
    for (const load of loaders) void load();
    // The same for faces of the fonts that nothing on the first screen is set in.
    for (const face of document.fonts) face.load().catch(() => undefined);
  }, AHEAD_MS);
}
