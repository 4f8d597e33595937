import { DeskError } from '#shared/contract/errors.ts';

/** Where a command writes. Results go to `out`, everything else to `err`. */
export type Output = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** True when `err` is a terminal: only then is progress drawn. */
  readonly isTerminal: boolean;
};

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

export const processOutput: Output = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  isTerminal: process.stderr.isTTY,
};

/** Exit codes, as the help says them. */
export const EXIT = { done: 0, failed: 1, badInput: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Makes the error of a bad argument or file. */
export const badInput = (field: string, value: string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'invalid-input', field, value, message, remedy });

/** Says an error in one line, and returns the exit code that belongs to it. */
export function reportError(error: unknown, output: Output): ExitCode {
  if (!(error instanceof DeskError)) {
    const text = error instanceof Error ? error.message : String(error);
    output.err(`error: ${oneLine(text)}`);
    return EXIT.failed;
  }
  const { code, message, field, value, remedy } = error.data;
  const where = field === null ? '' : value === null || value === '' ? `${field}: ` : `${field} ${value}: `;
  const how = remedy === null ? '' : `. ${sentence(remedy)}`;
  output.err(`error: ${oneLine(`${where}${message.replace(/\.$/, '')}${how}`)}`);
  return field !== null || code === 'invalid-input' ? EXIT.badInput : EXIT.failed;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
