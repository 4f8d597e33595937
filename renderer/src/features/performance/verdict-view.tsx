import type { StandingVerdict, VerdictReading } from '#shared/domain/backtest.ts';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { IntervalGraphic } from './interval-graphic.tsx';
import table from './table.module.css';
import { pointDay } from './time-ticks.ts';
import { verdictParts } from './verdict-parts.ts';
import type { VerdictPart } from './verdict-parts.ts';
import { verdictsOf } from './verdict.ts';
import css from './views.module.css';

const cls = styler({ ...table, ...css });

const CODES = {
  insufficient: 'too early',
  'kelly-better': 'Kelly has grown faster, all four parts hold',
  'fixed-better': 'fixed has grown faster',
  inconclusive: 'not proven',
} as const satisfies Record<VerdictReading['code'], string>;

function Met({ isMet }: { readonly isMet: boolean | null }) {
  if (isMet === null) return <span className={cls('quiet')}>–</span>;
  return (
    <span className={cls(isMet ? 'met' : 'quiet')}>
      <span aria-hidden="true">{isMet ? '✓' : '○'}</span>
      <span className={cls('spoken')}>{isMet ? 'holds' : 'does not hold'}</span>
    </span>
  );
}

function Reading({ part, reading }: { readonly part: VerdictPart; readonly reading: VerdictReading | null }) {
  if (reading === null) return <td className={cls('number', 'quiet')}>no month has ended yet</td>;
  return (
    <td className={cls('number', 'strong')}>
      {part.read(reading)} {part.needed !== null && <Met isMet={part.isMet(reading)} />}
    </td>
  );
}

const dayOf = (reading: VerdictReading | null): string =>
  reading === null || reading.at === null ? '' : `, ${pointDay(reading.at)}`;

function Parts({ verdict }: { readonly verdict: StandingVerdict }) {
  const { standing, running } = verdict;
  return (
    <table className={cls('table', 'told')}>
      <caption className={cls('spoken')}>Every part of the verdict</caption>
      <thead>
        <tr>
          <th scope="col">Part</th>
          <th scope="col" className={cls('number')}>
            Stands{dayOf(standing)}
          </th>
          <th scope="col" className={cls('number')}>
            Running{dayOf(running)}
          </th>
          <th scope="col">Needed</th>
          <th scope="col">What it says</th>
        </tr>
      </thead>
      <tbody>
        {verdictParts(verdict).map((part) => (
          <tr key={part.name}>
            <th scope="row">{part.name}</th>
            <Reading part={part} reading={standing} />
            <Reading part={part} reading={running} />
            <td className={cls('quiet')}>{part.needed ?? 'shown only'}</td>
            <td className={cls('how')}>{part.words}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr className={cls('yearRow')}>
          <th scope="row">Verdict</th>
          <td className={cls('number', 'strong')}>{standing === null ? 'none yet' : CODES[standing.code]}</td>
          <td className={cls('number', 'quiet')}>{CODES[running.code]}</td>
          <td className={cls('how')} colSpan={2}>
            Read at the end of each month: asked every day, chance alone would answer yes sooner or later. The running
            reading decides nothing.
          </td>
        </tr>
      </tfoot>
    </table>
  );
}

/** The rule with every figure it uses: what stands since the end of the last month, and today beside it. */
export function VerdictView({ verdict }: { readonly verdict: StandingVerdict }) {
  return (
    <div className={cls('view', 'scrolling')} role="region" aria-label="The verdict in full" tabIndex={0}>
      <Panel id="verdict-interval" title="Kelly against fixed" note="the same decisions and fills, two sizes">
        <IntervalGraphic verdicts={verdictsOf(verdict)} />
      </Panel>
      <Panel id="verdict-parts" title="What the verdict rests on">
        <Parts verdict={verdict} />
      </Panel>
    </div>
  );
}
