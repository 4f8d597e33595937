import { withRemedy } from '#desk/adapters/models/status-hints.ts';

/** Says what a status means of TorchServe. */
export const explain = withRemedy({
  400: 'its handler does not take the question; compare the format of the connection with the handler',
  404: 'it has no model of this name or version at this address',
  503: 'the model has no worker that is ready',
});
