import { withRemedy } from '#desk/adapters/models/status-hints.ts';

/** Says what a status means of TensorFlow Serving. */
export const explain = withRemedy({
  400: 'it does not take the question; compare signature and input of the connection with the model’s metadata',
  404: 'it serves no model of this name or version at this address',
});
