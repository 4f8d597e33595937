import { Buffer } from 'node:buffer';
import type { SecretSource } from '#desk/ports/secrets.ts';

/**
 * Keeps the secrets of a profile from coming back. A server may repeat what it was sent: in an error, in a name, in
 * a reason. Whatever text leaves an adapter goes through here.
 */
export interface SecretScreen {
  /** The secrets, for the adapter: each that is handed out is hidden from then on. */
  readonly secrets: SecretSource;
  /** Gets to know secrets before a connection asks for them. One that cannot be had is left to who needs it. */
  learn(names: readonly string[]): Promise<void>;
  /** The text without any secret handed out, or the beginning of one. */
  hide(text: string): string;
  /**
   * The same of a whole message before it is read. Only secrets that cannot be a number or a word of a protocol are
   * hidden, so that a message without one stays what it is.
   */
  hideInMessage(text: string): string;
  /**
   * The same of every text within a value of plain data; the value itself where there is none. What an order, an
   * execution or an instrument is known by stays: a changed one would be another one.
   */
  hideIn<T>(value: T): T;
  /** The same of an error: a new one, without its causes, where it told a secret. */
  hideInError(error: unknown): unknown;
}

const CENSOR = '[secret]';
/** A shorter one is hidden only where it stands as a word: everywhere else it would be a part of other words. */
const SHORT = 4;
/** Text is cut to be shown, and a secret with it: of a longer secret this many characters are enough to know it by. */
const KNOWN_BY = 8;
/** Names of fields that say which thing is meant. */
const IDENTITY = /(?:^id|Id|Key|^symbol|^account|^venue|^kind|^state|^model)$/u;
const WORD = /[\p{L}\p{N}]/u;

/** The forms in which a secret comes back: as it is, in JSON, in an address, in a header of basic authentication. */
function formsOf(secret: string): readonly string[] {
  const trimmed = secret.trim();
  // Of `user:password` the password alone is a secret as well.
  const password = trimmed.includes(':') ? [trimmed.slice(trimmed.indexOf(':') + 1)] : [];
  const plain = [...new Set([secret, trimmed, ...password])].filter((text) => text !== '');
  const forms = plain.flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    Buffer.from(text, 'utf8').toString('base64').replace(/=+$/u, ''),
    Buffer.from(text, 'utf8').toString('base64url'),
  ]);
  // Longest first: a form within another is hidden with it.
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

const isWordAt = (text: string, at: number): boolean => WORD.test(text.charAt(at));

/** How many characters from `at` on are those of a form. */
function matchAt(text: string, at: number, form: string): number {
  let length = 0;
  while (length < form.length && text[at + length] === form[length]) length += 1;
  return length;
}

function hideForm(text: string, form: string): string {
  const isShort = form.length < SHORT;
  const enough = Math.min(form.length, Math.max(KNOWN_BY, Math.ceil(form.length / 2)));
  const start = form.slice(0, enough);
  let hidden = '';
  let from = 0;
  for (let at = text.indexOf(start); at !== -1; at = text.indexOf(start, Math.max(from, at + 1))) {
    const length = matchAt(text, at, form);
    if (isShort && (isWordAt(text, at - 1) || isWordAt(text, at + length))) continue;
    hidden += text.slice(from, at) + CENSOR;
    from = at + length;
  }
  return hidden + text.slice(from);
}

function mapTexts(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => mapTexts(item, hide));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, IDENTITY.test(key) && typeof item === 'string' ? item : mapTexts(item, hide)] as const,
  );
  const isChanged = entries.some(([key, item]) => item !== (value as Record<string, unknown>)[key]);
  return isChanged ? Object.fromEntries(entries) : value;
}

/** Every text of an error that a log would write. */
function textsOf(error: unknown, depth = 0): readonly string[] {
  if (!(error instanceof Error) || depth > 8) return typeof error === 'string' ? [error] : [];
  const bundled = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [];
  const inner = [error.cause, ...bundled].flatMap((one) => textsOf(one, depth + 1));
  return [error.message, error.stack ?? '', ...Object.values(error).map(String), ...inner];
}

const screens = new WeakMap<SecretSource, SecretScreen>();
/** Forms of every secret that any screen of this process handed out. */
const handedOut = new Set<string>();

/** Cannot be a number or a word of a protocol: hiding it leaves a message without it what it is. */
const isUnmistakable = (form: string): boolean => form.length >= KNOWN_BY && !/^[\d.,+-]*$/u.test(form);

/**
 * The text without any secret that a connection of this process was handed, as `hideInMessage` hides them: for what no
 * one screen stands before, a log or the account of a crash.
 */
export const hideKnownSecrets = (text: string): string => [...handedOut].filter(isUnmistakable).reduce(hideForm, text);

/**
 * Returns the screen of a source of secrets: all connections with the same secrets share one, since a service may tell
 * what another connection sent it.
 */
export function secretScreenOf(source: SecretSource): SecretScreen {
  const known = screens.get(source);
  if (known !== undefined) return known;
  const made = createSecretScreen(source);
  screens.set(source, made);
  // Who is given the screened secrets and screens them again has the same screen.
  screens.set(made.secrets, made);
  return made;
}

function createSecretScreen(source: SecretSource): SecretScreen {
  const known = new Set<string>();
  const forms = new Set<string>();
  const hideAll = (text: string, isMeant: (form: string) => boolean): string =>
    [...forms].filter(isMeant).reduce(hideForm, text);
  const hide = (text: string): string => hideAll(text, () => true);
  const secrets: SecretSource = {
    get: async (name) => {
      const secret = await source.get(name);
      if (secret === null || known.has(secret)) return secret;
      known.add(secret);
      for (const form of formsOf(secret)) {
        forms.add(form);
        handedOut.add(form);
      }
      return secret;
    },
  };
  return {
    secrets,
    learn: async (names) => {
      await Promise.allSettled(names.map((name) => secrets.get(name)));
    },
    hide,
    hideInMessage: (text) => hideAll(text, isUnmistakable),
    // What is plain data stays plain data of the same form: only texts are others.
    hideIn: <T>(value: T): T => (forms.size === 0 ? value : (mapTexts(value, hide) as T)),
    hideInError: (error) => {
      if (forms.size === 0 || !textsOf(error).some((text) => hide(text) !== text)) return error;
      return new Error(hide(error instanceof Error ? error.message : String(error)));
    },
  };
}
