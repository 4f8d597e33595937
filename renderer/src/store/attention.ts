import { z } from 'zod';
import { create } from 'zustand';

/** What the trader can be told of, the most pressing first. */
export const ATTENTION_KINDS = ['breaker', 'disconnect', 'fill', 'expiry', 'recommendation'] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

/** What can be told in quiet hours all the same: it is about money that is already out. */
export const EXEMPTIBLE = ['breaker', 'disconnect', 'fill'] as const satisfies readonly AttentionKind[];
export type Exemptible = (typeof EXEMPTIBLE)[number];

export const VOLUMES = ['soft', 'normal', 'loud'] as const;
export type Volume = (typeof VOLUMES)[number];

const LAST_MINUTE = 24 * 60 - 1;
const minuteSchema = z.number().int().min(0).max(LAST_MINUTE);
const switchesSchema = z.strictObject({
  breaker: z.boolean(),
  disconnect: z.boolean(),
  fill: z.boolean(),
  expiry: z.boolean(),
  recommendation: z.boolean(),
});

/** Both are minutes of the day by this machine's clock. From 22:00 until 07:00 goes over midnight. */
const quietSchema = z.strictObject({
  isOn: z.boolean(),
  from: minuteSchema,
  until: minuteSchema,
  exempt: z.array(z.enum(EXEMPTIBLE)),
});
export type QuietHours = Readonly<z.output<typeof quietSchema>>;

const attentionSchema = z.strictObject({
  hasNotifications: z.boolean(),
  hasSounds: z.boolean(),
  /** Notifications also while the desk's window is the one in use. */
  isAlsoInFront: z.boolean(),
  volume: z.enum(VOLUMES),
  notify: switchesSchema,
  sound: switchesSchema,
  quiet: quietSchema,
});
export type AttentionChoice = Readonly<z.output<typeof attentionSchema>>;

const ALL = { breaker: true, disconnect: true, fill: true, expiry: true, recommendation: true };

/** Nothing makes a noise or covers another program before the trader wants it. */
export const ATTENTION_DEFAULT: AttentionChoice = {
  ...{ hasNotifications: false, hasSounds: false, isAlsoInFront: false, volume: 'normal' },
  ...{ notify: ALL, sound: ALL },
  quiet: { isOn: false, from: 22 * 60, until: 7 * 60, exempt: [...EXEMPTIBLE] },
};

const KEY = 'kelly-desk.attention';

/** Reads what was remembered; what is damaged is as it came. */
export function attentionOf(text: string | null): AttentionChoice {
  try {
    const parsed = attentionSchema.safeParse(JSON.parse(text ?? 'null'));
    return parsed.success ? parsed.data : ATTENTION_DEFAULT;
  } catch {
    // As if nothing had been chosen.
    return ATTENTION_DEFAULT;
  }
}

export const useAttention = create<AttentionChoice>()(() => ATTENTION_DEFAULT);

/** Takes up what was remembered. */
export const loadAttention = (): void => useAttention.setState(attentionOf(window.localStorage.getItem(KEY)));

/** Changes what is told in this window, and remembers it. */
export function setAttention(change: Partial<AttentionChoice>): void {
  useAttention.setState(change);
  window.localStorage.setItem(KEY, JSON.stringify(useAttention.getState()));
}
