import { useCallback, useState } from 'react';
import type { ModelsReport, ScoredModel, ScoredSubject } from '#shared/domain/models.ts';
import { countText, percentText } from '#shared/format/numbers.ts';
import { useSceneChart } from '#renderer/src/features/performance/scene-chart.tsx';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './models.module.css';
import { SUBJECTS } from './names.ts';
import { reliabilityReader, reliabilityScene } from './reliability-scene.ts';
import { SubjectChoice } from './subject-choice.tsx';

const cls = styler(css);

function alternativeOf(name: string, { resolved, said, won }: ScoredModel): string {
  return `Reliability of ${name}: ${countText(resolved)} resolved, said ${percentText(said, 1)}, won ${percentText(won, 1)}. The table after it has every bin.`;
}

/** The bins in figures, for who does not see the diagram. */
function BinTable({ model }: { readonly model: ScoredModel }) {
  return (
    <div className={cls('spoken')}>
      <table>
        <caption>Said against won, by five percent</caption>
        <thead>
          <tr>
            <th scope="col">Said</th>
            <th scope="col">Won</th>
            <th scope="col">90 % interval</th>
            <th scope="col">Signals</th>
          </tr>
        </thead>
        <tbody>
          {model.bins.map(({ from, said, won, lower, upper, count }) => (
            <tr key={from}>
              <th scope="row">{percentText(said, 1)}</th>
              <td>{percentText(won, 1)}</td>
              <td>
                {percentText(lower, 1)} to {percentText(upper, 1)}
              </td>
              <td>{countText(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What was said against what came of it, for one model or both pooled. */
export function ReliabilityPanel({
  report,
  isCompact,
}: {
  readonly report: ModelsReport;
  readonly isCompact: boolean;
}) {
  const [subject, choose] = useState<ScoredSubject>('pooled');
  const model = report.models.find((one) => one.subject === subject);
  const { gate } = report;
  const draw = useCallback(
    (size: { readonly width: number; readonly height: number }) =>
      model === undefined
        ? { ...size, plot: { left: 0, right: 0, top: 0, bottom: 0 }, shapes: [] }
        : reliabilityScene({ model, gate, ...size }),
    [model, gate],
  );
  const bins = model?.bins ?? [];
  const note = isCompact ? '90 % intervals' : 'how often it won, by what was said; 90 % Wilson intervals';
  const { tools, chart } = useSceneChart({
    ...{ title: `Reliability, ${SUBJECTS[subject]}`, note, draw },
    alternative: model === undefined ? '' : alternativeOf(SUBJECTS[subject], model),
    picture: `kelly-desk-reliability-${subject}.png`,
    reader: model === undefined ? undefined : reliabilityReader(model, gate),
    children: model !== undefined && <BinTable model={model} />,
  });
  return (
    <Panel
      {...{ id: 'reliability', title: 'Reliability', note }}
      isGrowing
      tools={
        <>
          <SubjectChoice label="Reliability of" subject={subject} choose={choose} />
          {bins.length > 0 && tools}
        </>
      }
    >
      {bins.length === 0 ? (
        <Empty title="No signal has resolved yet">
          Each one adds a point when its planned trade has run to its end.
        </Empty>
      ) : (
        chart
      )}
    </Panel>
  );
}
