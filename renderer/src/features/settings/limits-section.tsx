import { useEffect } from 'react';
import type { LimitField, LimitsView } from '#shared/contract/settings-operations.ts';
import { DASH, countText, moneyText } from '#shared/format/numbers.ts';
import {
  choosePreset,
  discardLimits,
  isDirty,
  limitsReading,
  saveLimits,
  useLimitsDraft,
} from '#renderer/src/store/settings.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Segments } from '#renderer/src/features/journal/fields.tsx';
import { Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { contractName, directionSign, sentence } from '#renderer/src/ui/words.ts';
import { showFocused } from '#renderer/src/ui/show-focused.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import { LimitRow } from './limit-row.tsx';
import { groupName, presetName, valueText } from './limit-words.ts';
import css from './settings.module.css';

const cls = styler(css);

const moneyAt = (limits: LimitsView, field: string): string => {
  const found = limits.fields.find((one) => one.field === field);
  return found?.money == null ? DASH : moneyText(found.money);
};

/** What the limits come to, in money, at the present equity. */
function Consequences({ limits }: { readonly limits: LimitsView }) {
  const contracts = limits.fields.find(({ field }) => field === 'maxContracts')?.value;
  const cells = [
    ['Most at risk per trade', moneyAt(limits, 'maxRiskPerTrade')],
    ['Day loss halts at', moneyAt(limits, 'breakers.dayLossHalt')],
    ['Heat of all positions', moneyAt(limits, 'maxHeat')],
    ['Most contracts', typeof contracts === 'number' ? countText(contracts) : DASH],
  ] as const;
  return (
    <div className={cls('consequences')} role="group" aria-label="Consequences in money">
      <dl>
        {cells.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className={cls('soft')}>At the present sizing equity of {moneyText(limits.equity)}.</p>
    </div>
  );
}

/** The same in every group, so that the columns stand under each other down the page. */
const COLUMNS = ['colLimit', 'colValue', 'colMoney', 'colStandard', 'colCeiling', 'colFrom'] as const;

/** What the newest signals would be under the limits shown, beside what they are under those in force. */
function Sizes({ standing, shown }: { readonly standing: LimitsView; readonly shown: LimitsView }) {
  if (shown.sizes.length === 0) return <p className={cls('soft')}>Sizes are shown once there are signals.</p>;
  return (
    <table className={cls('limits', 'sizes')}>
      <caption>The last signal of each instrument</caption>
      <thead>
        <tr>
          <th scope="col">Contract</th>
          <th scope="col">Contracts</th>
          <th scope="col" className={cls('figure')}>
            Lost at the stop
          </th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {shown.sizes.map(({ symbol, direction, contracts, risk, text }) => {
          const old = standing.sizes.find((one) => one.symbol === symbol)?.contracts ?? contracts;
          return (
            <tr key={symbol}>
              <th scope="row">{contractName(symbol)}</th>
              <td className={cls(old === contracts ? null : 'own')}>
                {directionSign(direction)} {old === contracts ? '' : `${countText(old)} → `}
                {countText(contracts)}
              </td>
              <td className={cls('figure')}>{moneyText(risk)}</td>
              <td className={cls('soft')}>{sentence(text)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Group({ group, fields }: { readonly group: LimitField['group']; readonly fields: readonly LimitField[] }) {
  return (
    <table className={cls('limits')}>
      <caption>{groupName(group)}</caption>
      <colgroup>
        {COLUMNS.map((name) => (
          <col key={name} className={cls(name)} />
        ))}
      </colgroup>
      <thead>
        <tr>
          <th scope="col">Limit</th>
          <th scope="col">Value</th>
          <th scope="col" className={cls('figure')}>
            In money
          </th>
          <th scope="col" className={cls('figure')}>
            Standard
          </th>
          <th scope="col" className={cls('figure')}>
            Ceiling
          </th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <LimitRow key={field.field} field={field} />
        ))}
      </tbody>
    </table>
  );
}

/** Every change before it is saved: from what, to what, and both in money. */
function Changes({ before, after }: { readonly before: LimitsView; readonly after: LimitsView }) {
  const changed = after.fields.flatMap((field) => {
    const old = before.fields.find((one) => one.field === field.field);
    return old === undefined || old.value === field.value ? [] : [{ old, field }];
  });
  if (changed.length === 0) return <p className={cls('soft')}>No limit differs from what is in force.</p>;
  return (
    <ul className={cls('changes')} aria-label="What would change">
      {changed.map(({ old, field }) => (
        <li key={field.field}>
          {field.label} {valueText(old, old.value)} → <strong>{valueText(field, field.value)}</strong>
          {field.money !== null && old.money !== null && ` (${moneyText(old.money)} → ${moneyText(field.money)})`}
        </li>
      ))}
    </ul>
  );
}

function SaveBar({ standing }: { readonly standing: LimitsView }) {
  const draft = useLimitsDraft();
  const isBusy = useUi((s) => s.busy['settings'] === true);
  const failed = useUi((s) => s.failures['settings'] ?? null);
  const isLive = useStatus((s) => s.link === 'live');
  const { problem, unread, failure, preview } = draft;
  const why = !isLive
    ? 'The desk is not there: nothing can be saved.'
    : Object.keys(unread).length > 0
      ? 'A value is no number.'
      : problem !== null
        ? `${standing.fields.find(({ field }) => field === problem.field)?.label ?? problem.field} is ${problem.value}: ${problem.remedy}.`
        : (failed ?? failure);
  const isOff = isBusy || !isLive || problem !== null || preview === null || Object.keys(unread).length > 0;
  return (
    <div className={cls('saveBar')} role="region" aria-label="Unsaved changes">
      <div className={cls('saveWords')}>
        {why !== null && (
          <p className={cls('error')} role="status">
            {why}
          </p>
        )}
        {problem === null && preview !== null && <Changes before={standing} after={preview} />}
      </div>
      <Button onClick={discardLimits}>Discard</Button>
      <Button variant="primary" aria-disabled={isOff} onClick={() => void saveLimits()}>
        {isBusy ? 'Saving…' : 'Save limits'}
      </Button>
    </div>
  );
}

const GROUPS = ['size', 'portfolio', 'breakers', 'evidence', 'sending'] as const;

function Loaded({ standing }: { readonly standing: LimitsView }) {
  const draft = useLimitsDraft();
  const shown = draft.preview ?? standing;
  const own = standing.fields.filter(({ source }) => source === 'file').length;
  const { presets } = standing;
  return (
    <>
      {standing.problem !== null && (
        <Strip tone="loss" title="The settings file has an error; new entries are blocked.">
          {standing.problem} These are the defaults.
        </Strip>
      )}
      <div className={cls('form', 'limitGroups')} onFocus={showFocused}>
        <Segments
          label="Preset"
          value={draft.preset ?? standing.preset}
          choices={presets.map(({ name }) => ({ value: name, label: presetName(name) }))}
          onChange={choosePreset}
        />
        <p className={cls('soft')}>
          In force: {presetName(standing.preset)}
          {own === 0
            ? ', unchanged'
            : own === 1
              ? ' with one value of your own'
              : ` with ${countText(own)} values of your own`}
          . Another preset drops your own sizing values. Everything is written to {standing.path}; the version before is
          kept.
        </p>
        <Consequences limits={shown} />
        <Sizes standing={standing} shown={shown} />
        {GROUPS.map((group) => (
          <Group key={group} group={group} fields={shown.fields.filter((field) => field.group === group)} />
        ))}
      </div>
      {isDirty(draft) && <SaveBar standing={standing} />}
    </>
  );
}

/** Limits and presets, with what they come to in money. */
export function LimitsSection() {
  const { value, failure } = limitsReading.use();
  const isLive = useStatus((s) => s.link === 'live');
  const isReady = useStatus((s) => s.startup?.phase === 'ready');
  useEffect(() => {
    if (!isLive) return;
    limitsReading.show('limits');
    limitsReading.refresh();
  }, [isLive, isReady]);
  if (value !== null) return <Loaded standing={value} />;
  if (failure === null) return <Skeleton rows={12} text="Reading the limits" />;
  return (
    <Strip
      tone="loss"
      title="The limits could not be read."
      action={
        <Button size="small" onClick={() => limitsReading.refresh()}>
          Try again
        </Button>
      }
    >
      {failure} What is in force stays in force.
    </Strip>
  );
}
