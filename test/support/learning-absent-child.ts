import { openDesk, serveModelFolder } from '#desk/desk.ts';
import { run } from '#shells/cli/main.ts';

/**
 * A process that trains, serves trained models and opens a desk, each as a trader would, and says what came of it.
 * Arguments: a file of bars, a folder of trained models, an empty folder.
 */
const [bars = '', models = '', empty = ''] = process.argv.slice(2);
const said: string[] = [];
const output = {
  ...{ out: (text: string) => void said.push(text), err: (text: string) => void said.push(text) },
  isTerminal: false,
};
const trainExit = await run(
  ['models', 'train', '--bars', bars, '--symbol', 'MES', '--out', `${empty}/trained`],
  output,
);
const served = await serveModelFolder(models, { port: 0 });
const lstm = await fetch(`${served.url}/v2/models/lstm`);
await served.close();
const desk = await openDesk({ dataFolder: empty, profile: 'simulation', warmUpSessions: 1 });
await desk.ready();
const { mode } = desk.identity();
await desk.close();
process.stdout.write(JSON.stringify({ trainExit, said, served: lstm.status, mode }));
