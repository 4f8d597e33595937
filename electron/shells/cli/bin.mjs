#!/usr/bin/env node
// Runs the command line on Node 24: the desk's TypeScript and its SQLite binding need it. An older node that finds this
// file hands over to the one installed with the desk.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const main = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), 'main.ts');
const NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  await import('./compile-cache.mjs');
  const { run } = await import('./main.ts');
  process.exitCode = await run(process.argv.slice(2));
} else {
  const folder = path.resolve(path.dirname(main), '../../../node_modules');
  const node = [path.join(folder, 'node/bin/node'), path.join(folder, 'node/bin/node.exe')].find(existsSync);
  if (node === undefined) {
    process.stderr.write(`error: Node ${NEEDED} is needed, this is ${process.versions.node}. Run npm ci first.\n`);
    process.exitCode = 2;
  } else {
    const bin = path.join(path.dirname(main), 'bin.mjs');
    const child = spawn(node, [bin, ...process.argv.slice(2)], { stdio: 'inherit' });
    // Ctrl-C reaches the child by itself; this process only waits for it to end.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => (signal === 'SIGINT' ? undefined : child.kill(signal)));
    }
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal === null ? 1 : 130);
    });
  }
}
