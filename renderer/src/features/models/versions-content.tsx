import type { ModelsReport } from '#shared/domain/models.ts';
import { countText } from '#shared/format/numbers.ts';
import { pointTime } from '#renderer/src/features/performance/time-ticks.ts';
import { Empty } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import table from '#renderer/src/features/performance/table.module.css';
import css from './models.module.css';
import { SUBJECTS } from './names.ts';

const cls = styler({ ...table, ...css });

/** Which version of a model answered since when, newest first. */
export function VersionsContent({ versions }: { readonly versions: ModelsReport['versions'] }) {
  if (versions.length === 0)
    return <Empty title="No model has answered yet">Its version stands here with its first answer.</Empty>;
  return (
    <table className={cls('table')}>
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col">Name</th>
          <th scope="col">Version</th>
          <th scope="col">Since</th>
          <th scope="col" className={cls('number')}>
            Resolved before
          </th>
        </tr>
      </thead>
      <tbody>
        {versions.toReversed().map(({ at, model, name, version, resolved }) => (
          <tr key={`${model} ${at} ${version}`}>
            <th scope="row">{SUBJECTS[model]}</th>
            <td>{name}</td>
            <td className={cls('version')}>{version}</td>
            <td>{pointTime(at)}</td>
            <td className={cls('number')}>{countText(resolved)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
