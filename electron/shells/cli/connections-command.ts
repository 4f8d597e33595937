import { text } from 'node:stream/consumers';
import type { ConnectionReport, ConnectionStep } from '#shared/domain/connection-test.ts';
import { connectionsSchema, manageSecrets, testConnectionsFile } from '#desk/desk.ts';
import { formatTable } from './format.ts';
import { badInput, EXIT, type ExitCode, type Output } from './output.ts';

export type TestArguments = { readonly path: string; readonly dataFolder: string; readonly json: boolean };

/** Prints the JSON Schema of a connections file. */
export function schemaCommand(output: Output): ExitCode {
  output.out(JSON.stringify(connectionsSchema(), null, 2));
  return EXIT.done;
}

const stepLine = (id: string, { name, ok, ms, detail }: ConnectionStep): string =>
  `${ok ? 'ok  ' : 'FAIL'}  ${id}  ${name}  ${Math.round(ms)} ms  ${detail}`;

function reportText(reports: readonly ConnectionReport[]): string {
  const rows = reports.flatMap(({ id, steps }) =>
    steps.map((step) => [id, step.name, `${Math.round(step.ms)} ms`, step.ok ? 'ok' : 'FAIL', step.detail]),
  );
  const remedies = reports.flatMap(({ id, steps }) =>
    steps.flatMap(({ name, remedy }) => (remedy === null || remedy === '' ? [] : [`  ${id}, ${name}: ${remedy}`])),
  );
  const failed = reports.filter(({ ok }) => !ok).length;
  const summary =
    failed === 0 ? `All ${reports.length} connections are well.` : `${failed} of ${reports.length} connections failed.`;
  return [formatTable(rows), ...(remedies.length === 0 ? [] : ['What to do:', ...remedies]), summary].join('\n');
}

/** Connects everything a connections file names and prints each step. Ctrl-C ends it. */
export async function testConnectionsCommand(options: TestArguments, output: Output): Promise<ExitCode> {
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const { ok, reports } = await testConnectionsFile({
      path: options.path,
      dataFolder: options.dataFolder,
      signal: stop.signal,
      onStep: (id, step) => {
        if (!options.json && output.isTerminal) output.err(stepLine(id, step));
      },
    });
    output.out(options.json ? JSON.stringify({ ok, reports }, null, 2) : reportText(reports));
    return ok ? EXIT.done : EXIT.failed;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

type Place = { readonly profile: 'paper' | 'live'; readonly dataFolder: string };

/** Reads a line without showing it; from a pipe, all of it. The last line end is not part of a secret. */
async function readSecret(output: Output): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) return (await text(stdin)).replace(/\r?\n$/, '');
  output.err('Type the secret (it is not shown) and press Enter:');
  stdin.setRawMode(true);
  try {
    let typed = '';
    for await (const chunk of stdin as AsyncIterable<Buffer>) {
      for (const letter of chunk.toString('utf8')) {
        if (letter === '\u0003') throw badInput('secret', '', 'it was not given', 'run the command again');
        if (letter === '\r' || letter === '\n') return typed;
        typed = letter === '\u007f' ? typed.slice(0, -1) : typed + letter;
      }
    }
    return typed;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
  }
}

/** Keeps a secret read from standard input: never an argument, which every process on the machine could read. */
export async function setSecretCommand(name: string, place: Place, output: Output): Promise<ExitCode> {
  const tool = manageSecrets(place.dataFolder, place.profile);
  const { source } = await tool.set(name, await readSecret(output));
  output.out(`${name} is set (${source ?? 'nowhere'}).`);
  return EXIT.done;
}

/** Lists secrets by name. */
export function listSecretsCommand(
  options: Place & { readonly config: string | null; readonly json: boolean },
  output: Output,
): ExitCode {
  const secrets = manageSecrets(options.dataFolder, options.profile).list(options.config);
  if (options.json) output.out(JSON.stringify(secrets, null, 2));
  else if (secrets.length === 0) output.out('No secret is set.');
  else
    output.out(formatTable(secrets.map(({ name, isSet, source }) => [name, isSet ? 'set' : 'MISSING', source ?? ''])));
  return EXIT.done;
}

/** Removes a secret from where it is kept. */
export function forgetSecretCommand(name: string, place: Place, output: Output): ExitCode {
  const { isSet, source } = manageSecrets(place.dataFolder, place.profile).forget(name);
  output.out(isSet ? `${name} is forgotten here; it is still set in: ${source ?? ''}.` : `${name} is forgotten.`);
  return EXIT.done;
}
