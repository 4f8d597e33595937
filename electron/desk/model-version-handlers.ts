import type { Handlers } from '#shared/contract/index.ts';
import type { ModelVersionGuard } from './decisions/model-versions.ts';

/** Returns the operations on the versions of the models. */
export const createModelVersionHandlers = (
  versions: ModelVersionGuard,
  mustBeReady: () => void,
): Pick<Handlers, 'models.versions' | 'models.acceptVersion'> => ({
  'models.versions': () => [...versions.all()],
  'models.acceptVersion': ({ model, version }) => {
    mustBeReady();
    return [...versions.accept(model, version)];
  },
});
