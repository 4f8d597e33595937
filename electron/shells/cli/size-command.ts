import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { assertNever } from '#shared/result.ts';
import type { Decision, LadderStep, Wall, WallCode } from '#shared/domain/decision.ts';
import { sizeScenario } from '#desk/desk.ts';
import { formatMoney, formatNumber, formatPercent, formatTable } from './format.ts';
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
  output.out(options.json ? JSON.stringify({ symbol, ...decision }, null, 2) : decisionText(symbol, decision));
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

const WALL_NAMES: Readonly<Record<WallCode, string>> = {
  kelly: 'Kelly',
  evaluation: 'evaluation',
  'risk-ceiling': 'risk ceiling',
  'max-contracts': 'max contracts',
  'buying-power': 'buying power',
  heat: 'heat',
  cluster: 'correlated',
};

/** The decision as the screen shows it: size, what binds it, the fraction steps and what each limit allows. */
export function decisionText(symbol: string, decision: Decision): string {
  const direction = { [-1]: 'short', 0: 'flat', 1: 'long' }[decision.direction];
  const bound = decision.walls.filter((wall) => wall.binds).map((wall) => WALL_NAMES[wall.code]);
  const binding = decision.contracts > 0 && bound.length > 0 ? `, bound by ${bound.join(' and ')}` : '';
  const parts = [
    `${symbol} ${direction}: ${decision.contracts} contract${decision.contracts === 1 ? '' : 's'}${binding}`,
  ];
  if (decision.zero !== null) parts.push(zeroText(decision));
  if (decision.ladder.length > 0) {
    parts.push(`\nFraction of equity\n${formatTable(decision.ladder.map(stepRow))}`);
  }
  if (decision.walls.length > 0) {
    parts.push(`\nContracts each limit allows\n${formatTable(decision.walls.map(wallRow))}`);
  }
  parts.push(
    `\nAt risk ${formatMoney(decision.risk)}, ${formatPercent(decision.riskFraction)} of equity; ` +
      `heat after ${formatPercent(decision.heatAfter)}`,
  );
  return parts.join('\n');
}

function zeroText({ zero }: Decision): string {
  if (zero === null) return '';
  const numbers = zero.value === null ? '' : ` (${zero.value}${zero.limit === null ? '' : ` against ${zero.limit}`})`;
  return `No trade: ${zero.code.replaceAll('-', ' ')}${numbers}${zero.subject === null ? '' : `, ${zero.subject}`}`;
}

const mark = (state: LadderStep['state']): string => (state === 'fail' ? '  ◀ stops here' : '');

function stepRow(step: LadderStep): readonly string[] {
  const [name, value, note] = stepCells(step);
  return [name, value, `${note}${mark(step.state)}`];
}

function stepCells(step: LadderStep): readonly [string, string, string] {
  switch (step.code) {
    case 'probability': {
      const { weights, lstm, ensemble } = step;
      const mix = `${weights.lstm} × ${formatPercent(lstm, 1)} + ${weights.ensemble} × ${formatPercent(ensemble, 1)}`;
      const calibrated =
        step.calibrated === null ? '' : `; calibrated ${formatPercent(step.calibrated, 1)}, lower used`;
      return ['Win probability p', formatPercent(step.used ?? step.combined, 1), `${mix}${calibrated}`];
    }
    case 'payoff': {
      const counts = `${step.wins} W ${step.losses} L ${step.scratches} scratched, ${step.lookBackDays} days`;
      return ['Win / loss ratio b', formatNumber(step.used, 3), `${formatNumber(step.raw, 3)} raw; ${counts}`];
    }
    case 'full-kelly':
      return ['Full Kelly', formatPercent(step.fraction), 'p − (1 − p) / b'];
    case 'evidence': {
      const note = `${step.effectiveTrades} / (${step.effectiveTrades} + ${step.priorTrades}) trades`;
      return [`× ${step.factor.toFixed(3)} evidence`, formatPercent(step.fraction), note];
    }
    case 'multiplier': {
      const dial = `dial: ever down to ${formatPercent(step.alpha, 0)} at ${formatPercent(step.beta, 0)}`;
      return [`× ${step.factor.toFixed(3)} λ`, formatPercent(step.fraction), step.mode === 'dial' ? dial : 'fixed'];
    }
    case 'cap':
      return [
        'Cap',
        formatPercent(step.fraction),
        `${step.isCapped ? 'cut to' : 'under'} ${formatPercent(step.cap, 0)}`,
      ];
    case 'minimum':
      return ['Minimum', formatPercent(step.fraction), `at least ${formatPercent(step.minimum)}`];
    case 'capital': {
      const stop = `(${step.stopTicks} + ${step.slippageTicks}) ticks × ${formatMoney(step.tickValue)}`;
      return ['÷ loss per contract', formatMoney(step.perContract), `${stop} + ${formatMoney(step.fees)}`];
    }
    default:
      return assertNever(step);
  }
}

const wallRow = (wall: Wall): readonly string[] => [
  WALL_NAMES[wall.code],
  formatNumber(wall.unrounded, 2),
  String(wall.allowed),
  wall.binds ? '◀ binds' : '',
];
