import type { AttentionKind, Volume } from '#renderer/src/store/attention.ts';

/** Notes of a tone one after another, in Hz: rising for what waits, falling for what went wrong. */
const NOTES: Readonly<Record<AttentionKind, readonly number[]>> = {
  recommendation: [880, 1175],
  expiry: [988, 988, 988],
  fill: [784, 988, 1319],
  breaker: [523, 392, 262],
  disconnect: [440, 294],
};
const NOTE_S = 0.14;
/** A note that begins or ends at once clicks. */
const RAMP_S = 0.02;
const GAINS: Readonly<Record<Volume, number>> = { soft: 0.04, normal: 0.12, loud: 0.3 };

let context: AudioContext | null = null;

/** A browser keeps sound back until the trader has touched the page; before that there is none. */
async function ready(): Promise<AudioContext | null> {
  context ??= new AudioContext();
  if (context.state === 'suspended') await context.resume();
  return context.state === 'running' ? context : null;
}

/** Plays the short tone of a kind, made here: there is no file. */
export async function playTone(kind: AttentionKind, volume: Volume): Promise<void> {
  if (!navigator.userActivation.hasBeenActive) return;
  const audio = await ready();
  if (audio === null) return;
  NOTES[kind].forEach((frequency, index) => {
    const from = audio.currentTime + index * NOTE_S;
    const gain = new GainNode(audio, { gain: 0 });
    const note = new OscillatorNode(audio, { type: 'sine', frequency });
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(GAINS[volume], from + RAMP_S);
    gain.gain.setValueAtTime(GAINS[volume], from + NOTE_S - 2 * RAMP_S);
    gain.gain.linearRampToValueAtTime(0, from + NOTE_S - RAMP_S);
    note.connect(gain).connect(audio.destination);
    note.start(from);
    note.stop(from + NOTE_S);
  });
}
