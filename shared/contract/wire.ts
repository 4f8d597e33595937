import type { ClientFrame, ServerFrame } from './frames.ts';
import type { InputOf, OperationName, OutputOf, PayloadOf, TopicName } from './index.ts';

/** A two-way pipe of frames: WebSocket, message port or a pair of functions. It reconnects by itself where it can. */
export interface Wire {
  send(frame: ClientFrame): void;
  onFrame(listener: (frame: ServerFrame) => void): () => void;
  /** `open` each time the pipe is up (again), `closed` each time it goes down. Tells a new listener the present state. */
  onState(listener: (state: 'open' | 'closed') => void): () => void;
  close(): void;
}

export type LinkState = 'connecting' | 'live' | 'disconnected';

/** The only thing the renderer knows of the desk. Rejections are `DeskError`s. */
export interface DeskClient {
  call<N extends OperationName>(name: N, input: InputOf<N>): Promise<OutputOf<N>>;
  on<N extends TopicName>(name: N, listener: (payload: PayloadOf<N>, seq: number) => void): () => void;
  /** Called when events may have been missed (first connection included): fetch the snapshot, then apply events above its seq. */
  onResync(listener: () => void): () => void;
  onLink(listener: (state: LinkState) => void): () => void;
  close(): void;
}
