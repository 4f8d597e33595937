import { withRemedy } from '#desk/adapters/models/status-hints.ts';

/** Says what a status means of an MLflow scoring server. */
export const explain = withRemedy({
  400: 'the model does not take the question; compare the format and the features of the connection with its signature',
  404: 'there is no /invocations at this address',
  415: 'it takes another content type than JSON; serve the model with MLflow 2 or later',
});
