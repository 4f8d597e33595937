import { existsSync } from 'node:fs';
import { exportJournal, importArchive } from '#desk/desk.ts';
import type { ExportFormat, ExportKind, TradeOrigin } from '#shared/contract/journal-views.ts';
import { countedText } from '#shared/wording/names.ts';
import { badInput, EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';

export type ExportArguments = {
  readonly journal: string;
  readonly what: ExportKind;
  readonly format: ExportFormat;
  readonly origin: TradeOrigin;
  readonly out: string;
  readonly json: boolean;
};

/** Writes an export of a journal to a file. */
export async function exportCommand(given: ExportArguments, output: Output): Promise<ExitCode> {
  const { journal, what, format, origin, out } = given;
  const { size, missingPictures } = await exportJournal(journal, { what, format, filter: { origin } }, out);
  if (given.json) output.out(JSON.stringify({ what, out, bytes: size, missingPictures }, null, 2));
  else output.out(`Exported ${what === 'archive' ? 'the journal' : what} to ${out} (${size} bytes).`);
  const lost = missingPictures.length;
  if (lost > 0) output.err(`warning: ${countedText(lost, 'picture')} of annotations could not be found, and left out.`);
  return EXIT.done;
}

/** Makes a new journal of an archive. */
export async function importArchiveCommand(
  file: string,
  options: { readonly journal: string; readonly json: boolean },
  output: Output,
): Promise<ExitCode> {
  if (!existsSync(file)) throw badInput('archive', file, 'this file cannot be read', 'give the path of an archive');
  const read = await importArchive(file, options.journal);
  if (options.json) output.out(JSON.stringify({ journal: options.journal, ...read }, null, 2));
  else {
    const { events, decisions, fills, trades, attachments, headHash } = read;
    output.out(`Made ${options.journal} and verified it: events, chain and all that is derived are the same.`);
    output.out(`  ${events} events, ${decisions} decisions, ${fills} fills, ${trades} trades, ${attachments} pictures`);
    output.out(`  head ${headHash ?? '—'}`);
  }
  if (!read.isSound) {
    output.err('warning: decisions in it recompute to another answer: another version of the desk made them.');
  }
  const lost = read.missing.length;
  if (lost > 0)
    output.err(
      `warning: ${countedText(lost, 'picture')} of annotations ${lost === 1 ? 'is' : 'are'} not in the archive.`,
    );
  return EXIT.done;
}
