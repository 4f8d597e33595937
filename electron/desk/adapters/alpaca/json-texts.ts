/**
 * Reads the JSON texts in one message: one as a rule; some servers join what is due at the same time, with or without
 * a line between. Null where anything in it is no JSON.
 */
export function jsonTexts(text: string): readonly unknown[] | null {
  const whole = parse(text);
  if (whole !== undefined) return [whole];
  const parts = textsIn(text).map(parse);
  return parts.length > 0 && parts.every((part) => part !== undefined) ? parts : null;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** Cuts a text behind each bracket that closes the outermost one. */
function textsIn(text: string): readonly string[] {
  const parts: string[] = [];
  let [start, depth, isQuoted] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted) {
      if (character === '\\') at += 1;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0 && !isQuoted && (character === '}' || character === ']')) {
      parts.push(text.slice(start, at + 1));
      start = at + 1;
    }
  }
  return text.slice(start).trim() === '' ? parts : [...parts, text.slice(start)];
}
