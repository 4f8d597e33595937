import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Handlers, Publish } from '#shared/contract/index.ts';
import { moneyFromUsd } from '#shared/units.ts';
import { defaultSettings, type Settings } from '#desk/profiles/settings.ts';
import { createSettingsHandlers, type SettingsOperation } from '#desk/settings/settings-handlers.ts';

/** The real settings of a desk in memory, on a file in a folder of its own that goes with the desk. */
export function settingsRoom(publish: Publish): {
  readonly handlers: Pick<Handlers, SettingsOperation>;
  readonly close: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-settings-'));
  let settings: Settings = defaultSettings();
  const equity = moneyFromUsd(100_000);
  return {
    handlers: createSettingsHandlers({
      ...{ folder, publish, problem: () => null, mustBeReady: () => undefined, settings: () => settings },
      adopt: (next) => {
        settings = next;
      },
      equity: () => ({ sizing: equity, day: equity, peak: equity }),
      recorder: { record: () => [] },
      signals: () => [],
    }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
