import { useState } from 'react';
import type { ImportMapping } from '#shared/domain/import.ts';
import { mappings } from '#renderer/src/store/journal.ts';
import { answer, saveMapping } from '#renderer/src/store/import.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { InputField, SelectField } from './fields.tsx';
import { guessMapping, mappingFits, wholeMapping } from './mapping.ts';
import type { MappingDraft } from './mapping.ts';
import css from './import.module.css';

const cls = styler(css);

type FormProps = { readonly columns: readonly string[]; readonly held: ImportMapping | undefined };

const FIELDS = [
  { field: 'symbol', label: 'Contract', none: null },
  { field: 'quantity', label: 'Quantity', none: null },
  { field: 'price', label: 'Price', none: null },
  { field: 'date', label: 'Date, or date and time', none: null },
  { field: 'time', label: 'Time', none: 'In the date column' },
  { field: 'side', label: 'Buy or sell', none: 'Sign of the quantity' },
  { field: 'account', label: 'Account', none: 'Not in the file' },
  { field: 'executionId', label: 'Execution id', none: 'Not in the file' },
] as const;

function Fees({
  columns,
  chosen,
  onChange,
}: {
  readonly columns: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (fees: readonly string[]) => void;
}) {
  return (
    <fieldset className={cls('fees')}>
      <legend>Commission and fees, summed</legend>
      {columns.map((column) => (
        <label key={column}>
          <input
            type="checkbox"
            checked={chosen.includes(column)}
            onChange={(event) =>
              onChange(event.target.checked ? [...chosen, column] : chosen.filter((other) => other !== column))
            }
          />
          {column}
        </label>
      ))}
    </fieldset>
  );
}

function Saved({
  columns,
  onUse,
}: {
  readonly columns: readonly string[];
  readonly onUse: (mapping: ImportMapping) => void;
}) {
  const saved = mappings.use((s) => s.value) ?? [];
  const fitting = saved.filter(({ mapping }) => mappingFits(mapping, columns));
  if (fitting.length === 0) return null;
  return (
    <div className={cls('saved')}>
      <span>Saved columns that fit this file:</span>
      {fitting.map(({ name, mapping }) => (
        <span key={name} className={cls('savedOne')}>
          <Button size="small" onClick={() => onUse(mapping)}>
            {name}
          </Button>
          <Button
            size="small"
            variant="quiet"
            aria-label={`Forget ${name}`}
            onClick={() => void saveMapping(name, null)}
          >
            ✕
          </Button>
        </span>
      ))}
    </div>
  );
}

function SaveAs({ mapping }: { readonly mapping: ImportMapping }) {
  const [name, setName] = useState('');
  const [words, setWords] = useState('');
  const save = async () => {
    const failure = await saveMapping(name.trim(), mapping);
    setWords(failure ?? 'Saved. It is offered for the next file with these columns.');
  };
  return (
    <div className={cls('saveAs')}>
      <InputField
        label="Save these columns under a name"
        value={name}
        maxLength={60}
        placeholder="my broker"
        onText={setName}
      />
      <Button size="small" aria-disabled={name.trim() === ''} onClick={() => void save()}>
        Save columns
      </Button>
      <span className={cls('hint')} role="status">
        {words}
      </span>
    </div>
  );
}

/** Which column holds what. One row of the file is one execution. */
export function ImportMappingForm({ columns, held }: FormProps) {
  const [draft, setDraft] = useState<MappingDraft>(held ?? guessMapping(columns));
  const whole = wholeMapping(draft);
  const choices = columns.map((value) => ({ value, label: value }));
  const change = (next: MappingDraft) => {
    setDraft(next);
    const mapping = wholeMapping(next);
    if (mapping !== null) void answer({ format: 'generic', mapping });
  };
  return (
    <div className={cls('mapping')}>
      <h3 className={cls('heading')}>Columns</h3>
      <p className={cls('hint')}>
        One row of the file is one execution. Rows appear below as soon as the columns are known.
      </p>
      <Saved columns={columns} onUse={change} />
      <div className={cls('columns')}>
        {FIELDS.map(({ field, label, none }) => (
          <SelectField
            key={field}
            label={label}
            value={draft[field] ?? undefined}
            choices={choices}
            {...(none === null ? {} : { none })}
            onChange={(column) => change({ ...draft, [field]: column ?? null })}
          />
        ))}
      </div>
      <Fees columns={columns} chosen={draft.fees} onChange={(fees) => change({ ...draft, fees: [...fees] })} />
      <div className={cls('mappingEnd')}>
        {held === undefined && whole !== null && (
          <Button size="small" onClick={() => change(draft)}>
            Read the file with these columns
          </Button>
        )}
        {whole !== null && <SaveAs mapping={whole} />}
      </div>
    </div>
  );
}
