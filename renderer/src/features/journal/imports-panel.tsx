import { useEffect } from 'react';
import type { ImportRecord } from '#shared/contract/journal-views.ts';
import { countText } from '#shared/format/numbers.ts';
import { startImport } from '#renderer/src/store/import.ts';
import { imports, showOrigin } from '#renderer/src/store/journal.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Skeleton } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { clockTime, dayDate } from '#renderer/src/ui/times.ts';
import { formatNameOf } from './import-words.ts';
import css from './imports-panel.module.css';
import { ReadingStrip } from './list-states.tsx';

const cls = styler(css);

function Row({ record }: { readonly record: ImportRecord }) {
  const { at, fileName, sha256, format, added, known, skipped, assumptions } = record;
  return (
    <tr>
      <td>
        {dayDate(at)} {clockTime(at)}
      </td>
      <th scope="row">
        <span title={`SHA-256 ${sha256}`}>{fileName}</span>
      </th>
      <td>{formatNameOf(format)}</td>
      <td className={cls('number', 'strong')}>{countText(added)}</td>
      <td className={cls('number')}>{countText(known)}</td>
      <td className={cls('number')}>{countText(skipped)}</td>
      <td className={cls('words')}>{assumptions.length === 0 ? '—' : assumptions.join(' ')}</td>
    </tr>
  );
}

function Table({ records }: { readonly records: readonly ImportRecord[] }) {
  const newestFirst = [...records].sort((a, b) => b.at - a.at);
  return (
    <div className={cls('room')} tabIndex={0} role="region" aria-label="Imports made">
      <table className={cls('table')}>
        <thead>
          <tr>
            <th scope="col">Imported</th>
            <th scope="col">File</th>
            <th scope="col">Format</th>
            <th scope="col" className={cls('number')}>
              Added
            </th>
            <th scope="col" className={cls('number')}>
              Known
            </th>
            <th scope="col" className={cls('number')}>
              Left out
            </th>
            <th scope="col">Taken for granted</th>
          </tr>
        </thead>
        <tbody>
          {newestFirst.map((record) => (
            <Row key={record.importId} record={record} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The imports that were made: what came from where, and what was assumed. */
export function ImportsPanel() {
  const records = imports.use((s) => s.value);
  const failure = imports.use((s) => s.failure);
  const readAt = imports.use((s) => s.readAt);
  useEffect(() => imports.show('all'), []);
  const upload = (
    <Button keys={['I']} onClick={startImport}>
      Import a file
    </Button>
  );
  return (
    <>
      <ReadingStrip failure={failure} readAt={readAt} retry={() => imports.refresh()} what="The imports" />
      {records === null && failure === null && <Skeleton rows={6} text="Reading the imports" />}
      {records !== null && records.length === 0 && (
        <Empty title="Nothing imported yet" actions={upload}>
          Bring the trades you made elsewhere: drop a file anywhere on this screen. You see what it holds before
          anything is written, and importing it again adds nothing twice.
        </Empty>
      )}
      {records !== null && records.length > 0 && (
        <>
          <p className={cls('lead')}>
            Imported trades are kept apart from this desk’s account: they never count in its equity, sizing or limits.
            <Button size="small" onClick={() => showOrigin('imported')}>
              Show imported trades
            </Button>
          </p>
          <Table records={records} />
        </>
      )}
    </>
  );
}
