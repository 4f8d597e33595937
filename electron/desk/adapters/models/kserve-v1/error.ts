import { withRemedy } from '#desk/adapters/models/status-hints.ts';

/** Says what a status means of a KServe v1 server. */
export const explain = withRemedy({
  400: 'it does not take the question; compare the input of the connection with what the model wants',
  404: 'it has no model of this name at this address',
  503: 'the model is not loaded yet',
});
