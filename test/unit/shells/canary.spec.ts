import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openForShell } from '#shells/host.ts';
import { startHttpShell } from '#shells/http/server.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const TOKEN = 'CANARY-TOKEN-4f1c9be27744d15a3f1c09be2774d15';
const GUESS = 'CANARY-GUESS-0000000000000000000000000000000';

/** Every file below a folder, as bytes. */
const filesOf = (folder: string): readonly (readonly [string, Buffer])[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [file, readFileSync(file)];
    });

describe('secrets of a running desk', () => {
  it('are in no log, no journal, no backup and no frame to a page', async () => {
    const folder = temporaryFolder();
    const { desk, door, log } = await openForShell({ dataFolder: folder, profile: 'simulation', port: 0, seed: 7 });
    const shell = await startHttpShell({ desk: door, staticFolder: folder, token: TOKEN });
    const frames: string[] = [];
    const socket = new WebSocket(`${shell.origin.replace('http', 'ws')}/ws`, {
      headers: { authorization: `Bearer ${TOKEN}`, origin: shell.origin },
    });
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    await new Promise((resolve) => socket.once('open', resolve));
    await desk.ready();
    for (const [id, op] of ['desk.snapshot', 'risk.metrics', 'no.such', GUESS].entries())
      socket.send(JSON.stringify({ kind: 'call', id, op, input: {} }));
    socket.send(JSON.stringify({ kind: 'subscribe', after: null }));
    const asked = async (headers: Record<string, string>, url = '/api/kelly/risk-metrics'): Promise<string> => {
      const answer = await fetch(`${shell.origin}${url}`, { headers, redirect: 'manual' });
      return `${[...answer.headers].filter(([name]) => name !== 'set-cookie').join()} ${await answer.text()}`;
    };
    const answers = [
      await asked({ authorization: `Bearer ${TOKEN}` }),
      await asked({ authorization: `Bearer ${GUESS}` }),
      await asked({ cookie: `desk=${GUESS}` }),
      await asked({}, `/?token=${TOKEN}`),
      await asked({}, `/?token=${GUESS}`),
    ];
    // What a careless line would log is kept out by the logger itself.
    log.error({ event: 'careless', request: { token: TOKEN }, connection: { apiKey: TOKEN, password: TOKEN } });
    await desk.handlers['trading.halt']({ reason: 'the end of the test' });
    await expect.poll(() => frames.length).toBeGreaterThan(4);
    socket.close();
    await shell.close();
    await desk.close();
    log.flush();
    const hits = filesOf(folder).filter(([, bytes]) => bytes.includes('CANARY'));
    expect(hits.map(([file]) => file)).toEqual([]);
    expect(filesOf(folder).map(([file]) => path.basename(file))).toEqual(
      expect.arrayContaining(['desk.log', 'journal.db']),
    );
    expect(answers.filter((text) => text.includes('CANARY'))).toEqual([]);
    // A call is answered by its number: what was asked for under a wrong name may be named, a token never is.
    expect(frames.filter((frame) => frame.includes(TOKEN))).toEqual([]);
  });
});
