import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Random secret of 256 bits, in characters that need no escaping in a URL or a cookie. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** Compares in a time that tells nothing about either, their lengths included. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Who may come in: the holder of the token, by header, by cookie, or once by the address that was printed. */
export type Gate = {
  readonly token: string;
  /** Says whether a request carries the token as Bearer or as our cookie. */
  isAllowed(headers: { readonly authorization?: string | undefined; readonly cookie?: string | undefined }): boolean;
  /** Says whether a `?token=` is the token, or a ticket not used before; a ticket is used up by asking. */
  admits(given: string): boolean;
  /** Counts a token that was given and wrong; true once there were so many that guessing is being tried. */
  isGuessing(): boolean;
  /** Makes a secret for one use in an address: for command lines, which other users of the machine can read. */
  newTicket(): string;
  /** Value of the Set-Cookie header that lets a page in. */
  cookie(port: number): string;
};

const MAX_TICKETS = 16;
/** Wrong tokens within a minute after which they are answered with 429. The right one is let in all the same. */
const MAX_WRONG = 30;
const WRONG_WINDOW_MS = 60_000;

/** Makes the gate of one start of the shell. */
export function createGate(token: string, port: () => number): Gate {
  const tickets = new Set<string>();
  let wrong: readonly number[] = [];
  return {
    token,
    isAllowed: (headers) => {
      const bearer = /^Bearer ([\w-]{1,128})$/.exec(headers.authorization ?? '')?.[1];
      if (bearer !== undefined) return isSameSecret(bearer, token);
      const cookie = cookieValue(headers.cookie ?? '', cookieName(port()));
      return cookie !== null && isSameSecret(cookie, token);
    },
    admits: (given) => {
      if (isSameSecret(given, token)) return true;
      const ticket = [...tickets].find((candidate) => isSameSecret(given, candidate));
      return ticket !== undefined && tickets.delete(ticket);
    },
    isGuessing: () => {
      const now = performance.now();
      wrong = [...wrong.filter((at) => now - at < WRONG_WINDOW_MS), now].slice(-MAX_WRONG - 1);
      return wrong.length > MAX_WRONG;
    },
    newTicket: () => {
      const ticket = newToken();
      tickets.add(ticket);
      const [oldest] = tickets;
      if (tickets.size > MAX_TICKETS && oldest !== undefined) tickets.delete(oldest);
      return ticket;
    },
    cookie: (at) => `${cookieName(at)}=${token}; Path=/; HttpOnly; SameSite=Strict`,
  };
}

/** Cookies ignore the port, so the name carries it: two desks on one machine do not overwrite each other's. */
const cookieName = (port: number): string => `desk-${port}`;

function cookieValue(header: string, name: string): string | null {
  for (const part of header.split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return null;
}
