import { type Command, Option } from 'commander';
import { defaultDataFolder } from '#desk/desk.ts';
import {
  forgetSecretCommand,
  listSecretsCommand,
  schemaCommand,
  setSecretCommand,
  testConnectionsCommand,
} from './connections-command.ts';
import { badInput, type ExitCode, type Output } from './output.ts';

const TEST_EXIT_CODES = `
Nothing is sent but questions: no order, no change. Each step says what it found, how long it took and, where it failed,
what to do.

Exit codes:
  0  every step of every connection went well
  1  a step failed
  2  bad usage, or an error in the file: the line on stderr names the field, its value and the remedy`;

type Finish = (exit: ExitCode) => void;
type SecretOptions = { readonly profile: 'paper' | 'live'; readonly data?: string };

/** Adds `connections` and what it can do. */
export function addConnectionCommands(program: Command, output: Output, finish: Finish): void {
  const connections = program
    .command('connections')
    .description('model services, broker and market data: try them, and keep their secrets');
  connections
    .command('test')
    .description('connect everything a connections file names, look, and report each step with its time')
    .option('--config <file>', 'connections file')
    .option('--data <folder>', 'folder that holds the profiles and their secrets (default: the user’s data folder)')
    .option('--json', 'print the report as JSON', false)
    .option('--schema', 'print the JSON Schema of a connections file, and do nothing else', false)
    .action(async (options: TestOptions) => {
      if (options.schema) finish(schemaCommand(output));
      else if (options.config === undefined)
        throw badInput(
          '--config',
          '',
          'no connections file is named',
          'give --config <file>, or --schema for its form',
        );
      else
        finish(
          await testConnectionsCommand(
            { path: options.config, dataFolder: options.data ?? defaultDataFolder(), json: options.json },
            output,
          ),
        );
    })
    .addHelpText('after', TEST_EXIT_CODES);
  addSecretCommands(connections.command('secret').description('keep what connections need secret'), output, finish);
}

type TestOptions = {
  readonly config?: string;
  readonly data?: string;
  readonly json: boolean;
  readonly schema: boolean;
};

const secretOptions = (command: Command): Command =>
  command
    .addOption(new Option('--profile <name>', 'whose').choices(['paper', 'live']).default('paper'))
    .option('--data <folder>', 'folder that holds the profiles (default: the user’s data folder)');

const place = ({ profile, data }: SecretOptions) => ({ profile, dataFolder: data ?? defaultDataFolder() });

function addSecretCommands(secret: Command, output: Output, finish: Finish): void {
  secretOptions(secret.command('set'))
    .description('read a secret from standard input and keep it in a file for its owner alone (mode 0600)')
    .argument('<name>', 'its name, as the connections file refers to it')
    .action(async (name: string, options: SecretOptions) => {
      finish(await setSecretCommand(name, place(options), output));
    });
  secretOptions(secret.command('list'))
    .description('say which secrets are set, and from where; never what they are')
    .option('--config <file>', 'list the ones this connections file needs as well')
    .option('--json', 'print the list as JSON', false)
    .action((options: SecretOptions & { readonly config?: string; readonly json: boolean }) => {
      const { config = null, json } = options;
      finish(listSecretsCommand({ ...place(options), config, json }, output));
    });
  secretOptions(secret.command('forget'))
    .description('remove a secret from where it is kept')
    .argument('<name>', 'its name')
    .action((name: string, options: SecretOptions) => {
      finish(forgetSecretCommand(name, place(options), output));
    });
}
