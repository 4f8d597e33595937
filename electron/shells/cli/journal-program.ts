import { type Command, InvalidArgumentError, Option } from 'commander';
import { IMPORT_FORMATS } from '#shared/domain/import.ts';
import { defaultDataFolder, profileJournal } from '#desk/desk.ts';
import { adoptCommand, backupCommand, restoreCommand, statsCommand, verifyCommand } from './journal-command.ts';
import { exportCommand, importArchiveCommand } from './journal-export-command.ts';
import { importCommand, type ImportArguments } from './journal-import-command.ts';
import type { ExitCode, Output } from './output.ts';

export const EXIT_CODES = `
Exit codes:
  0  done
  1  a check failed (journal verify), or the desk could not do it
  2  bad usage or bad input: the line on stderr names the field, its value and the remedy`;

const IMPORT_HELP = `
The file is read, compared with the journal, and written in one transaction: all of its new rows or nothing. Rows that
are journaled already are left as they are, so that importing a file twice, or one that overlaps another, adds each
execution once. Imported accounts never mix with the account the desk trades.
What a file does not say (time zone, account, contract month …) is asked, with the option that answers it.

Exit codes:
  0  imported, or everything in it is journaled already; with --preview: it could be
  1  rows that cannot be read, or that contradict the journal: nothing was imported
  2  the file leaves a question open, or bad usage: nothing was imported`;

type Finish = (exit: ExitCode) => void;

/** Adds `journal` and what it can do. */
export function addJournalCommands(program: Command, output: Output, finish: Finish): void {
  const journal = program
    .command('journal')
    .description('look at a journal file, back it up, restore it, import into it, export from it');
  addCareCommands(journal, output, finish);
  addImportCommand(journal, output, finish);
  addExportCommands(journal, output, finish);
}

function addCareCommands(journal: Command, output: Output, finish: Finish): void {
  journal
    .command('verify')
    .description('check the chain, the derived tables and every decision')
    .argument('<file>', 'journal file')
    .option('--json', 'print the report as JSON', false)
    .action((file: string, options: { readonly json: boolean }) => finish(verifyCommand(file, options, output)))
    .addHelpText('after', EXIT_CODES);
  journal
    .command('stats')
    .description('count what it holds')
    .argument('<file>', 'journal file')
    .option('--json', 'print the counts as JSON', false)
    .action((file: string, options: { readonly json: boolean }) => finish(statsCommand(file, options, output)));
  journal
    .command('backup')
    .description('copy it and its pictures into a verified backup; a desk that has it open goes on')
    .argument('<file>', 'journal file')
    .argument('<target>', 'backup to write')
    .action(async (file: string, target: string) => finish(await backupCommand(file, target, output)));
  journal
    .command('restore')
    .description('check a backup, and with --yes put it in the place of a journal no desk has open')
    .argument('<backup>', 'backup file')
    .argument('<file>', 'journal file')
    .option('--yes', 'really do it; what was there is kept', false)
    .action(async (backup: string, file: string, options: { readonly yes: boolean }) =>
      finish(await restoreCommand(backup, file, options, output)),
    );
  journal
    .command('adopt-standby')
    .description(
      'take over what a desk recorded beside a journal after its disk had failed; the next start does it too',
    )
    .argument('<file>', 'journal file no desk has open')
    .action((file: string) => finish(adoptCommand(file, output)))
    .addHelpText('after', EXIT_CODES);
}

/** Which journal: a file, or that of a profile. */
const journalOptions = (command: Command): Command =>
  command
    .option('--journal <file>', 'journal file (default: that of the profile)')
    .addOption(
      new Option('--profile <name>', 'whose journal')
        .choices(['simulation', 'paper', 'live'])
        .default('simulation')
        .conflicts('journal'),
    )
    .addOption(
      new Option('--data <folder>', 'folder that holds the profiles (default: the user’s data folder)').conflicts(
        'journal',
      ),
    );

type JournalChoice = { readonly journal?: string; readonly profile: string; readonly data?: string };
const journalPath = ({ journal, profile, data }: JournalChoice): string =>
  journal ?? profileJournal(data ?? defaultDataFolder(), profile);

/** Gathers an option that may be given more than once. */
const repeated = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function addImportCommand(journal: Command, output: Output, finish: Finish): void {
  const command = journal
    .command('import')
    .description('import executions from a broker’s or platform’s export, or from any CSV by a mapping')
    .argument('<file>', 'file to import');
  journalOptions(command)
    .addOption(
      new Option('--format <name>', 'which program wrote it (default: recognised by its header)').choices(
        IMPORT_FORMATS,
      ),
    )
    .option('--time-zone <zone>', 'zone of its times, for example America/Chicago')
    .addOption(new Option('--date-order <order>', 'whether day or month comes first').choices(['DMY', 'MDY']))
    .option('--account <name>', 'account of its rows, where it names none')
    .option('--fee-per-contract <usd>', 'commission and fees per contract and side, where it has none', dollars)
    .option('--contract <SYMBOL=CONTRACT>', 'contract of a symbol that hides it; may be repeated', repeated, [])
    .option('--instrument <SYMBOL=TICK:VALUE>', 'price step and its worth in USD; may be repeated', repeated, [])
    .option(
      '--mapping <name>',
      'which column of a generic CSV holds what: a mapping the journal has under this name, or a JSON file',
    )
    .option('--save-mapping <name>', 'keep the mapping in the journal under this name once the file is imported')
    .option('--preview', 'say what importing would do, and write nothing', false)
    .option('--json', 'print the preview and the report as JSON', false)
    .action(async (file: string, options: Omit<ImportArguments, 'file' | 'journal'> & JournalChoice) =>
      finish(await importCommand({ ...options, file, journal: journalPath(options) }, output)),
    )
    .addHelpText('after', IMPORT_HELP);
}

function addExportCommands(journal: Command, output: Output, finish: Finish): void {
  const command = journal
    .command('export')
    .description('write trades, fills, decisions, or the whole journal as an archive; a desk that has it open goes on');
  journalOptions(command)
    .addOption(
      new Option('--what <kind>', 'what to write')
        .choices(['trades', 'fills', 'decisions', 'archive'])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--format <name>', 'of trades, fills and decisions; an archive has its own')
        .choices(['csv', 'json'])
        .default('csv'),
    )
    .addOption(
      new Option('--origin <which>', 'the desk’s own, those imported from files, or both')
        .choices(['own', 'imported', 'all'])
        .default('own'),
    )
    .requiredOption('--out <file>', 'file to write; nothing may be there')
    .option('--json', 'print what was written as JSON', false)
    .action(async (options: ExportOptions & JournalChoice) =>
      finish(await exportCommand({ ...options, journal: journalPath(options) }, output)),
    )
    .addHelpText('after', EXIT_CODES);
  journal
    .command('import-archive')
    .description('make a new journal of an archive and verify it: the same events, the same head')
    .argument('<file>', 'archive, as `journal export --what archive` writes it')
    .requiredOption('--journal <file>', 'journal to make; nothing may be there')
    .option('--json', 'print what was read as JSON', false)
    .action(async (file: string, options: { readonly journal: string; readonly json: boolean }) =>
      finish(await importArchiveCommand(file, options, output)),
    )
    .addHelpText('after', EXIT_CODES);
}

type ExportOptions = Omit<Parameters<typeof exportCommand>[0], 'journal'>;

/** Parser of an option that is an amount of USD. */
const dollars = (value: string): number => {
  const usd = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && usd <= 1000) return usd;
  throw new InvalidArgumentError('Give an amount from 0 to 1000, such as 2.25.');
};
