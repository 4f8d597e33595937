import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Decision, LadderStep, Wall } from '#shared/domain/decision.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import {
  countedText,
  nextWallsText,
  oneMoreText,
  reasoning,
  statusText,
  stepText,
  wallText,
} from '#shared/wording/index.ts';
import { sizeScenario } from '#desk/desk.ts';
import { formatTable } from './format.ts';
import { badInput, EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';

/** Sizes the scenario in a file (`-` reads standard input) and prints the decision with its ladder. */
export async function sizeCommand(
  file: string,
  options: { readonly json: boolean },
  output: Output,
): Promise<ExitCode> {
  const sized = sizeScenario(parseJson(file, await readScenario(file)));
  if (!sized.ok) {
    const { field, value, remedy } = sized.error;
    throw badInput(field, value, 'this does not fit a scenario', remedy);
  }
  const { snapshot, decision } = sized.value;
  const symbol = snapshot.instrument.symbol;
  output.out(options.json ? JSON.stringify({ symbol, ...decision }, null, 2) : decisionText(snapshot, decision));
  return EXIT.done;
}

async function readScenario(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch {
    throw badInput(
      'scenario',
      file,
      'this file cannot be read',
      'give the path of a JSON file, or - for standard input',
    );
  }
}

function parseJson(file: string, content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown error';
    throw badInput('scenario', file, `this is not JSON (${why})`, 'correct the file');
  }
}

/** The decision as the screen shows it: size, what binds it, the fraction steps, what each limit allows, and the reasons. */
export function decisionText({ instrument }: SizingSnapshot, decision: Decision): string {
  const direction = { [-1]: 'short', 0: 'flat', 1: 'long' }[decision.direction];
  const parts = [
    `${instrument.symbol} ${direction}: ${countedText(decision.contracts, 'contract')}`,
    statusText(decision),
  ];
  const more = [oneMoreText(decision), nextWallsText(decision)].filter((text) => text !== '').join('; ');
  if (more !== '') parts.push(more);
  if (decision.ladder.length > 0) parts.push(`\nFraction of equity\n${formatTable(decision.ladder.map(stepRow))}`);
  if (decision.walls.length > 0) {
    parts.push(`\nContracts each limit allows\n${formatTable(decision.walls.map(wallRow))}`);
  }
  parts.push(`\n${reasoning(decision, instrument)}`);
  return parts.join('\n');
}

function stepRow(step: LadderStep): readonly string[] {
  const { label, value, note } = stepText(step);
  return [label, value, step.state === 'fail' ? `${note}  ◀ stops here` : note];
}

function wallRow(wall: Wall): readonly string[] {
  const { label, unrounded, allowed, reading, note } = wallText(wall);
  return [label, unrounded, allowed, reading, [wall.binds ? '◀ binds' : '', note].filter((t) => t !== '').join(' ')];
}
