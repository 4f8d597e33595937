import { create } from 'zustand';
import type {
  LimitsView,
  SettingsChange,
  SettingsProblem,
  SettingValue,
} from '#shared/contract/settings-operations.ts';
import { deskClient } from '#renderer/src/api/client.ts';
import { failureText, run } from './actions.ts';
import { createReading } from './reading.ts';
import { toast } from './ui.ts';

/** The limits as they stand; they outlive the screen. */
export const limitsReading = createReading<'limits', LimitsView>(() => deskClient().call('settings.read', {}));

export type LimitsDraft = {
  readonly preset: string | null;
  /** Values the trader chose; null puts a limit back to standard. */
  readonly set: Readonly<Record<string, SettingValue | null>>;
  /** What stands in a field that is no number yet. */
  readonly unread: Readonly<Record<string, string>>;
  /** Limits named to go beyond their ceiling; null: as they are. */
  readonly raises: readonly string[] | null;
  readonly preview: LimitsView | null;
  readonly problem: SettingsProblem | null;
  readonly failure: string | null;
};

const CLEAN: LimitsDraft = {
  preset: null,
  set: {},
  unread: {},
  raises: null,
  preview: null,
  problem: null,
  failure: null,
};
export const useLimitsDraft = create<LimitsDraft>()(() => CLEAN);

/** Says whether anything was changed and not saved. */
export const isDirty = ({ preset, set, raises, unread }: LimitsDraft): boolean =>
  preset !== null || raises !== null || Object.keys(set).length + Object.keys(unread).length > 0;

const changeOf = ({ preset, set, raises }: LimitsDraft): SettingsChange => ({
  set: { ...set },
  ...(preset === null ? {} : { preset }),
  ...(raises === null ? {} : { raises: [...raises] }),
});

let round = 0;

/** Asks the desk what the change would come to; an answer that was overtaken is dropped. */
async function preview(): Promise<void> {
  round += 1;
  const current = round;
  const draft = useLimitsDraft.getState();
  try {
    const { problem, limits } = await deskClient().call('settings.preview', changeOf(draft));
    if (current === round) useLimitsDraft.setState({ problem, preview: limits, failure: null });
  } catch (cause) {
    if (current === round) useLimitsDraft.setState({ preview: null, failure: failureText(cause) });
  }
}

const omit = <T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));

/** Sets a limit, or notes what stands in its field while that is no value. */
export function setLimit(field: string, value: SettingValue | null | { readonly unread: string }): void {
  const { set, unread } = useLimitsDraft.getState();
  if (typeof value === 'object' && value !== null) {
    useLimitsDraft.setState({ unread: { ...unread, [field]: value.unread } });
    return;
  }
  useLimitsDraft.setState({ set: { ...set, [field]: value }, unread: omit(unread, field) });
  void preview();
}

/** Starts from another preset: what was changed before goes. */
export function choosePreset(name: string): void {
  const standing = limitsReading.use.getState().value?.preset;
  useLimitsDraft.setState({ ...CLEAN, preset: name === standing ? null : name });
  if (name === standing) discardLimits();
  else void preview();
}

/** Names a limit to go beyond its ceiling, or takes the name back. */
export function raiseLimit(field: string, isRaised: boolean): void {
  const draft = useLimitsDraft.getState();
  const standing = draft.raises ?? (draft.preset === null ? (limitsReading.use.getState().value?.raises ?? []) : []);
  const others = standing.filter((name) => name !== field);
  useLimitsDraft.setState({ raises: isRaised ? [...others, field] : others });
  void preview();
}

/** Puts everything back to what is in force. */
export function discardLimits(): void {
  round += 1;
  useLimitsDraft.setState(CLEAN, true);
}

/** Writes the change; it is in force for the next decision. */
export function saveLimits(): Promise<boolean> {
  const standing = limitsReading.use.getState().value;
  const draft = useLimitsDraft.getState();
  if (standing === null || draft.problem !== null || Object.keys(draft.unread).length > 0)
    return Promise.resolve(false);
  return run(
    'settings',
    () => deskClient().call('settings.save', { ...changeOf(draft), revision: standing.revision }),
    (limits) => {
      limitsReading.use.setState({ value: limits, readAt: Date.now(), failure: null });
      discardLimits();
      toast('info', 'Saved. In force from the next decision on.');
    },
  );
}
