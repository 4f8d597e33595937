import { adoptJournalStandbys, backupJournal, journalStatistics, restoreJournal, verifyJournal } from '#desk/desk.ts';
import { signedMoneyText } from '#shared/format/numbers.ts';
import { countedText } from '#shared/wording/names.ts';
import { formatTable } from './format.ts';
import { EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';

const MAX_FINDINGS = 20;

/** Verifies a journal file; a journal that does not verify is exit code 1. */
export function verifyCommand(file: string, options: { readonly json: boolean }, output: Output): ExitCode {
  const report = verifyJournal(file);
  if (options.json) output.out(JSON.stringify(report, null, 2));
  else {
    const { events, decisions, fills, trades } = report;
    output.out(report.isSound ? 'The journal is sound.' : 'The journal is NOT sound.');
    output.out(`  ${events} events, ${decisions} decisions, ${fills} fills, ${trades} trades`);
    for (const check of report.checks) output.out(`  checked: ${check}`);
    for (const { seq, check, detail } of report.findings.slice(0, MAX_FINDINGS)) {
      output.out(`  ✗ ${seq === null ? '' : `event ${seq}: `}${check}: ${detail}`);
    }
    const more = report.findings.length - MAX_FINDINGS;
    if (more > 0) output.out(`  … and ${more} more`);
    output.out(`  head ${report.headHash ?? '—'}`);
  }
  return report.isSound ? EXIT.done : EXIT.failed;
}

/** Counts what a journal file holds. */
export function statsCommand(file: string, options: { readonly json: boolean }, output: Output): ExitCode {
  const stats = journalStatistics(file);
  if (options.json) output.out(JSON.stringify(stats, null, 2));
  else {
    const rows = [
      ['Events', String(stats.events), ''],
      ['Decisions', String(stats.decisions), ''],
      ['Trades', String(stats.trades), ''],
      ['Net of trades', signedMoneyText(stats.net), ''],
      ['Head', stats.headHash ?? '—', ''],
    ];
    output.out(formatTable(rows));
  }
  return EXIT.done;
}

/** Copies a journal into a verified backup; the desk that has it open goes on. */
export async function backupCommand(file: string, target: string, output: Output): Promise<ExitCode> {
  const lost = await backupJournal(file, target);
  output.out(`Backed up and verified: ${target}`);
  warnOfPictures(lost, output);
  return EXIT.done;
}

/** Shows what a backup would bring back, and with `yes` puts it in the place of the journal. */
export async function restoreCommand(
  backup: string,
  file: string,
  options: { readonly yes: boolean },
  output: Output,
): Promise<ExitCode> {
  const { events, decisions, trades, headHash, kept, picturesLost } = await restoreJournal(backup, file, options.yes);
  output.out(
    `The backup is sound: ${events} events, ${decisions} decisions, ${trades} trades, head ${headHash ?? '—'}`,
  );
  if (!options.yes) output.out(`Nothing was changed. Add --yes to put it in the place of ${file}.`);
  else output.out(kept === null ? `Restored to ${file}.` : `Restored to ${file}; what was there is kept at ${kept}.`);
  warnOfPictures(picturesLost, output);
  return EXIT.done;
}

/** Takes over what a desk recorded beside its journal after the disk had failed. The next start does it as well. */
export function adoptCommand(file: string, output: Output): ExitCode {
  const adopted = adoptJournalStandbys(file);
  if (adopted.length === 0) output.out('There is no standby beside this journal; nothing was changed.');
  for (const { standby, kept, events, fills } of adopted) {
    output.out(
      `Taken over: ${countedText(events, 'event')}, ${countedText(fills, 'fill')} among them, from ${standby}`,
    );
    output.out(`  kept as ${kept}`);
  }
  return EXIT.done;
}

function warnOfPictures(lost: number, output: Output): void {
  if (lost === 0) return;
  output.err(`warning: ${countedText(lost, 'picture')} of annotations could not be found in the folder attachments.`);
}
