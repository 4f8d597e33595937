import { DeskError } from '#shared/contract/errors.ts';
import { type ModelVersions, isSameVersion, versionText } from '#shared/domain/model-version.ts';
import { type ModelId, type ModelVersion, type Prediction, modelIdSchema } from '#shared/domain/prediction.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { Notices } from '#desk/records/notices.ts';

/** Which version of each model the trader accepted, and what else answers now. Restored from the journal. */
export interface ModelVersionGuard {
  /**
   * Holds a prediction against the accepted version. The first version ever seen is accepted as it comes; another one
   * is journaled once, told, and its predictions are mismatches until the trader accepts it.
   */
  check(prediction: Prediction): Prediction;
  all(): readonly ModelVersions[];
  /** Accepts the version on offer. Throws 'refused' when it is not the one that is offered now. */
  accept(model: ModelId, version: ModelVersion): readonly ModelVersions[];
}

export type ModelVersionParts = {
  readonly journal: Journal;
  readonly record: (events: readonly JournalEvent[]) => void;
  readonly notices: Pick<Notices, 'raise' | 'clear'>;
  readonly changed: (versions: readonly ModelVersions[]) => void;
};

/** `told`: the offer that stands in the journal, so that a service that wavers does not fill it. */
type State = { accepted: ModelVersion | null; offered: ModelVersion | null; told: ModelVersion | null };

const noticeId = (model: ModelId): string => `model-version:${model}`;

/** Restores the guard of a desk's models. */
export function createModelVersions(parts: ModelVersionParts): ModelVersionGuard {
  const states = new Map<ModelId, State>(
    modelIdSchema.options.map((id) => [id, { accepted: null, offered: null, told: null }]),
  );
  const stateOf = (model: ModelId): State => {
    const state = states.get(model);
    if (state === undefined) throw new Error(`no model ${model}`);
    return state;
  };
  const all = (): readonly ModelVersions[] =>
    [...states].map(([model, { accepted, offered }]) => ({ model, accepted, offered }));
  const raise = (model: ModelId, { accepted, offered }: State): void => {
    if (offered === null || accepted === null) return;
    parts.notices.raise({
      id: noticeId(model),
      level: 'warn',
      title: `The ${model} model runs another version: its signals are blocked`,
      detail: `${versionText(offered)} answers; accepted is ${versionText(accepted)}.`,
      remedy: 'Accept the new version to trade on it, or start the accepted one again.',
    });
  };
  for (const { event } of parts.journal.events({ kinds: ['model-version'] })) {
    const state = stateOf(event.model);
    if (event.state === 'offered') Object.assign(state, { offered: event.version, told: event.version });
    else Object.assign(state, { accepted: event.version, offered: null, told: null });
  }
  for (const [model, state] of states) raise(model, state);

  const take = (model: ModelId, version: ModelVersion, actor: 'trader' | 'desk'): void => {
    parts.record([{ kind: 'model-version', model, version, state: 'accepted', actor }]);
    Object.assign(stateOf(model), { accepted: version, offered: null, told: null });
    parts.notices.clear(noticeId(model));
    parts.changed(all());
  };
  const offer = (model: ModelId, version: ModelVersion): void => {
    const state = stateOf(model);
    if (state.offered !== null && isSameVersion(state.offered, version)) return;
    if (state.told === null || !isSameVersion(state.told, version)) {
      parts.record([{ kind: 'model-version', model, version, state: 'offered', actor: 'desk' }]);
      state.told = version;
    }
    state.offered = version;
    raise(model, state);
    parts.changed(all());
  };
  /** The accepted version answers again. */
  const withdraw = (model: ModelId): void => {
    const state = stateOf(model);
    if (state.offered === null) return;
    state.offered = null;
    parts.notices.clear(noticeId(model));
    parts.changed(all());
  };

  return {
    check: (prediction) => {
      const { model, modelVersion, state } = prediction;
      // What came from another feature schema or another expected version is a mismatch of its own kind.
      if (modelVersion === null || (state !== 'ok' && state !== 'stale')) return prediction;
      const { accepted } = stateOf(model);
      if (accepted === null) take(model, modelVersion, 'desk');
      else if (!isSameVersion(accepted, modelVersion)) {
        offer(model, modelVersion);
        return mismatch(prediction, accepted, modelVersion);
      } else withdraw(model);
      return prediction;
    },
    all,
    accept: (model, version) => {
      const { offered } = stateOf(model);
      if (offered === null) throw refusal(`the ${model} model offers no other version`, 'nothing needs to be accepted');
      if (!isSameVersion(offered, version)) {
        throw refusal(
          `the ${model} model now offers ${versionText(offered)}`,
          'look at the version again, then accept',
        );
      }
      take(model, version, 'trader');
      return all();
    },
  };
}

const refusal = (message: string, remedy: string): DeskError => new DeskError({ code: 'refused', message, remedy });

/** A prediction of a version nobody accepted: what it says is not read. */
function mismatch(prediction: Prediction, accepted: ModelVersion, offered: ModelVersion): Prediction {
  const { model, symbol, asOf, receivedAt, latencyMs, modelVersion } = prediction;
  const detail =
    `The service now runs ${versionText(offered)}; the desk accepted ${versionText(accepted)}. ` +
    'Accept the new version to trade on it.';
  return {
    ...{ model, symbol, asOf, receivedAt, latencyMs, modelVersion, detail },
    ...{ state: 'mismatch', direction: null, confidence: null },
  };
}
