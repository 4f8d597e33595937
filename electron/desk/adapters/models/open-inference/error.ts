import { withRemedy } from '#desk/adapters/models/status-hints.ts';

/** Says what a status means of a server of the Open Inference Protocol. */
export const explain = withRemedy({
  400: 'it does not take the question; compare the input of the connection with the model’s metadata',
  404: 'it has no model of this name or version at this address',
  503: 'the model is not loaded yet',
});
