import { deskClient } from '#renderer/src/api/client.ts';
import { versionText } from '#shared/domain/model-version.ts';
import { type ModelId, modelIdSchema } from '#shared/domain/prediction.ts';
import { failureText } from './actions.ts';
import { begin, finish, toast } from './ui.ts';

const PREFIX = 'model-version:';

/** The model whose changed version a notice is about; null for other notices. */
export function modelOfNotice(noticeId: string): ModelId | null {
  const parsed = modelIdSchema.safeParse(noticeId.slice(PREFIX.length));
  return noticeId.startsWith(PREFIX) && parsed.success ? parsed.data : null;
}

/**
 * Accepts the version a model offers, if it is the one whose words the trader read: another may have come meanwhile.
 */
export async function acceptModelVersion(model: ModelId, read: string): Promise<void> {
  const target = `${PREFIX}${model}`;
  if (!begin(target)) return;
  try {
    const versions = await deskClient().call('models.versions', {});
    const offered = versions.find((one) => one.model === model)?.offered ?? null;
    if (offered === null) throw new Error('The model offers no other version any more.');
    if (!read.startsWith(`${versionText(offered)} answers`)) {
      throw new Error(`The model now runs ${versionText(offered)}: read the notice again.`);
    }
    await deskClient().call('models.acceptVersion', { model, version: offered });
    finish(target, null);
    toast('info', `${versionText(offered)} accepted for ${model}.`);
  } catch (cause) {
    finish(target, failureText(cause));
    toast('error', failureText(cause));
  }
}
