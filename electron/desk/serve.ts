/** The door of the desk: all that shells use of it besides desk.ts. */
export { serve } from './serve-operation.ts';
export type { Incident, OnIncident, ServeResult } from './serve-operation.ts';
export { linkClient } from './link.ts';
export type { Door, Link, LinkPort } from './link.ts';
export { createEventStream } from './event-stream.ts';
export type { EventStream, StreamEvent, StreamListener, Subscription } from './event-stream.ts';
