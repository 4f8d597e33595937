/** The door of the desk: all that shells use of it besides desk.ts. */
export { serve } from './door/serve-operation.ts';
export type { Incident, OnIncident, ServeResult } from './door/serve-operation.ts';
export { linkClient } from './door/link.ts';
export type { Door, Link, LinkPort } from './door/link.ts';
export { createEventStream } from './door/event-stream.ts';
export type { EventStream, StreamEvent, StreamListener, Subscription } from './door/event-stream.ts';
