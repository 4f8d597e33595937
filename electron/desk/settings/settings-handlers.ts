import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers, OperationName, Publish } from '#shared/contract/index.ts';
import type {
  LimitsView,
  SettingsChange,
  settingsOperations,
  SettingsProblem,
} from '#shared/contract/settings-operations.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { configVersion } from '#desk/engine/config.ts';
import { defaultSettings, type Settings, type SettingsError } from '#desk/profiles/settings.ts';
import type { Recorder } from '#desk/records/recorder.ts';
import { draftOf } from './draft.ts';
import { limitsView, type Equity } from './limits-view.ts';
import { mustBeReadable, readSettingsFile, settingsPath, writeSettingsFile, type OnDisk } from './settings-file.ts';

export type SettingsOperation = Extract<OperationName, keyof typeof settingsOperations>;

export type SettingsParts = {
  /** Folder of the profile. */
  readonly folder: string;
  readonly settings: () => Settings;
  /** Puts settings in force: the next decision is made under them. */
  readonly adopt: (settings: Settings) => void;
  /** Why the file could not be read at the start. */
  readonly problem: () => string | null;
  readonly equity: () => Equity;
  /** The newest signal of each instrument, as it was decided on. */
  readonly signals: () => readonly SizingSnapshot[];
  readonly recorder: Pick<Recorder, 'record'>;
  readonly publish: Publish;
  readonly mustBeReady: () => void;
};

/** The field as the screen names it. */
const problemOf = ({ field, value, remedy }: SettingsError): SettingsProblem => ({
  field: field.replace(/^sizing\./, ''),
  value,
  remedy,
});

const refused = (message: string, remedy: string): DeskError => new DeskError({ code: 'refused', message, remedy });

/** What a change does, in the words of the activity feed. */
export function changesText(before: LimitsView, after: LimitsView): string {
  const changed = after.fields.flatMap(({ field, label, value }) => {
    const old = before.fields.find((one) => one.field === field)?.value;
    return old === value ? [] : [`${label} ${String(old)} → ${String(value)}`];
  });
  const preset = before.preset === after.preset ? [] : [`preset ${before.preset} → ${after.preset}`];
  const all = [...preset, ...changed];
  return all.length === 0 ? 'no limit was changed' : all.join('; ').slice(0, 480);
}

/** Returns the operations on the limits of a profile. */
export function createSettingsHandlers(parts: SettingsParts): Pick<Handlers, SettingsOperation> {
  const path = settingsPath(parts.folder);

  const standing = (): LimitsView => {
    const { file, revision } = readSettingsFile(parts.folder);
    const problem = parts.problem();
    const draft = problem === null ? draftOf(path, file, {}) : null;
    const standard = draft?.ok === true ? draft.value.standard : defaultSettings();
    const seen = draft?.ok === true ? file : {};
    return limitsView({
      ...{ path, revision, problem, standard },
      file: seen,
      settings: parts.settings(),
      equity: parts.equity(),
      signals: parts.signals(),
    });
  };
  const drafted = (change: SettingsChange, disk: OnDisk) => {
    const draft = draftOf(path, disk.file, change);
    if (!draft.ok) return draft;
    const limits = limitsView({
      ...{ path, revision: disk.revision, problem: null, equity: parts.equity(), signals: parts.signals() },
      ...draft.value,
    });
    return { ok: true as const, value: { ...draft.value, limits } };
  };

  return {
    'settings.read': standing,
    'settings.preview': (change) => {
      const draft = drafted(change, readSettingsFile(parts.folder));
      return draft.ok
        ? { problem: null, limits: draft.value.limits }
        : { problem: problemOf(draft.error), limits: null };
    },
    'settings.save': ({ revision, ...change }) => {
      parts.mustBeReady();
      mustBeReadable(parts.problem());
      const disk = readSettingsFile(parts.folder);
      if (disk.revision !== revision) {
        throw refused('the settings file was changed meanwhile', 'read the settings again, then change them');
      }
      const draft = drafted(change, disk);
      if (!draft.ok) {
        const { field, value, remedy } = problemOf(draft.error);
        throw new DeskError({ code: 'invalid-input', message: `${field} is ${value}`, field, value, remedy });
      }
      const before = standing();
      writeSettingsFile(parts.folder, draft.value.file);
      const old = configVersion(parts.settings().sizing);
      const { settings } = draft.value;
      parts.adopt(settings);
      const after = standing();
      parts.recorder.record([
        ...(configVersion(settings.sizing) === old
          ? []
          : [{ kind: 'config' as const, config: settings.sizing, actor: 'trader' as const }]),
        { kind: 'notice', level: 'info', title: 'Settings were changed', detail: changesText(before, after) },
      ]);
      parts.publish('settings.changed', { config: settings.sizing });
      return after;
    },
  };
}
