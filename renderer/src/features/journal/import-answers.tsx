import { useState } from 'react';
import { IMPORT_FORMATS } from '#shared/domain/import.ts';
import type { ImportOptions, ImportPreview, ImportQuestion } from '#shared/domain/import.ts';
import { accounts } from '#renderer/src/store/journal.ts';
import { answer, chooseFormat, useImport } from '#renderer/src/store/import.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { InputField, Segments, SelectField } from './fields.tsx';
import { ImportMappingForm } from './import-mapping.tsx';
import { formatName, zoneChoices } from './import-words.ts';
import css from './import.module.css';
import { accountName } from './trade-words.ts';

const cls = styler(css);

const FORMAT_CHOICES = IMPORT_FORMATS.map((value) => ({ value, label: formatName(value) }));

/** A line of text that counts as an answer when it is left, or with Enter: not with every letter. */
function LateInput({
  label,
  hint,
  value,
  choices,
  inputMode,
  placeholder,
  onAnswer,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly choices?: readonly string[];
  readonly inputMode?: 'decimal';
  readonly placeholder?: string;
  readonly onAnswer: (text: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  const send = () => {
    if (typed.trim() !== value) onAnswer(typed.trim());
  };
  return (
    <InputField
      label={label}
      value={typed}
      {...(hint === undefined ? {} : { hint })}
      {...(choices === undefined ? {} : { choices })}
      {...(inputMode === undefined ? {} : { inputMode })}
      {...(placeholder === undefined ? {} : { placeholder })}
      onText={setTyped}
      onBlur={send}
      onKeyDown={(event) => {
        if (event.key === 'Enter') send();
      }}
    />
  );
}

/** A figure above zero, or undefined where the text is none. */
const figureOf = (text: string): number | undefined => {
  const figure = Number(text.replace(',', '.'));
  return text.trim() !== '' && Number.isFinite(figure) && figure >= 0 ? figure : undefined;
};

type AskProps = { readonly question: ImportQuestion; readonly options: ImportOptions };

function Zone({ question, options }: AskProps) {
  const choices = zoneChoices(question.choices).map((value) => ({ value, label: value.replaceAll('_', ' ') }));
  return (
    <SelectField
      label="Time zone of the times in the file"
      value={options.timeZone}
      choices={choices}
      hint={question.text}
      onChange={(timeZone) => void answer({ timeZone })}
    />
  );
}

const ORDERS = [
  { value: '', label: 'Not said' },
  { value: 'MDY', label: 'Month / day' },
  { value: 'DMY', label: 'Day / month' },
] as const;

function DateOrder({ question, options }: AskProps) {
  return (
    <div>
      <Segments
        label="Order of the dates"
        value={options.dateOrder ?? ''}
        choices={ORDERS}
        onChange={(order) => void answer({ dateOrder: order === '' ? undefined : order })}
      />
      <span className={cls('hint')}>{question.text}</span>
    </div>
  );
}

function Account({ question, options }: AskProps) {
  const known = accounts.use((s) => s.value) ?? [];
  return (
    <LateInput
      label="Account of these rows"
      value={options.account ?? ''}
      choices={[...new Set([...question.choices, ...known.map(accountName)])]}
      hint={question.text}
      placeholder="as your broker names it"
      onAnswer={(text) => void answer({ account: text === '' ? undefined : text })}
    />
  );
}

function Contract({ question, options }: AskProps) {
  const key = question.key ?? '';
  const held = options.contracts ?? {};
  const rest = Object.fromEntries(Object.entries(held).filter(([symbol]) => symbol !== key));
  return (
    <LateInput
      label={`Contract meant by ${key}`}
      value={held[key] ?? ''}
      choices={question.choices}
      hint={question.text}
      onAnswer={(text) => void answer({ contracts: text === '' ? rest : { ...rest, [key]: text.toUpperCase() } })}
    />
  );
}

/** Price step and its worth go together: one alone is no answer. */
function Instrument({ question, options }: AskProps) {
  const key = question.key ?? '';
  const held = options.instruments ?? {};
  const [size, setSize] = useState<number | undefined>(held[key]?.tickSize);
  const [worth, setWorth] = useState<number | undefined>(held[key]?.tickValueUsd);
  const send = (tickSize: number | undefined, tickValueUsd: number | undefined) => {
    setSize(tickSize);
    setWorth(tickValueUsd);
    if (!(tickSize !== undefined && tickSize > 0 && tickValueUsd !== undefined && tickValueUsd > 0)) return;
    void answer({ instruments: { ...held, [key]: { tickSize, tickValueUsd } } });
  };
  return (
    <div className={cls('pair')}>
      <LateInput
        label={`Price step of ${key}`}
        value={size === undefined ? '' : String(size)}
        inputMode="decimal"
        hint={question.text}
        onAnswer={(text) => send(figureOf(text), worth)}
      />
      <LateInput
        label="Worth of one step, USD"
        value={worth === undefined ? '' : String(worth)}
        inputMode="decimal"
        onAnswer={(text) => send(size, figureOf(text))}
      />
    </div>
  );
}

function Ask({ question, options }: AskProps) {
  switch (question.field) {
    case 'timeZone':
      return <Zone question={question} options={options} />;
    case 'dateOrder':
      return <DateOrder question={question} options={options} />;
    case 'account':
      return <Account question={question} options={options} />;
    case 'contracts':
      return <Contract question={question} options={options} />;
    case 'instruments':
      return <Instrument question={question} options={options} />;
    case 'format':
    case 'mapping':
      // The format stands first, always; the mapping has a form of its own.
      return null;
  }
}

const isOpen = (question: ImportQuestion, preview: ImportPreview): boolean =>
  preview.questions.some(({ field, key }) => field === question.field && key === question.key);

/** What the file does not say: asked here, answered here, and changeable until it is imported. */
export function ImportAnswers({ preview }: { readonly preview: ImportPreview }) {
  const options = useImport((s) => s.options);
  const asked = useImport((s) => s.asked);
  const format = preview.format ?? options.format;
  const hasFees = options.feePerContractUsd !== undefined || preview.assumptions.some(({ code }) => code === 'fees');
  const isGeneric = format === 'generic' || asked.some(({ field }) => field === 'mapping');
  return (
    <section className={cls('answers')} aria-label="What the file does not say">
      <SelectField
        label={options.format === undefined && preview.format !== null ? 'Format, as found' : 'Format'}
        value={format}
        choices={FORMAT_CHOICES}
        {...(preview.format === null ? { hint: 'Not recognised: choose one.' } : {})}
        onChange={(value) => void chooseFormat(IMPORT_FORMATS.find((known) => known === value))}
      />
      {asked.map((question) => (
        <div
          key={`${question.field} ${question.key ?? ''}`}
          className={cls('question', isOpen(question, preview) && 'open')}
          hidden={question.field === 'format' || question.field === 'mapping'}
        >
          <Ask question={question} options={options} />
        </div>
      ))}
      {hasFees && (
        <LateInput
          label="Commission and fees per contract and side, USD"
          value={options.feePerContractUsd === undefined ? '' : String(options.feePerContractUsd)}
          inputMode="decimal"
          placeholder="none: recorded as gross"
          onAnswer={(text) => void answer({ feePerContractUsd: figureOf(text) })}
        />
      )}
      {isGeneric && <ImportMappingForm key={preview.sha256} columns={preview.columns} held={options.mapping} />}
    </section>
  );
}
