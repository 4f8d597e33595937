import { useState } from 'react';
import type { PolicyOffer, PolicyParameter } from '#shared/domain/policy.ts';
import { countText } from '#shared/format/numbers.ts';
import { policyLabel } from '#shared/wording/policies.ts';
import { InputField } from '#renderer/src/features/journal/fields.tsx';
import {
  choosePolicies,
  defaultText,
  limitsText,
  specOf,
  togglePolicy,
  typeParameter,
  useBacktestDraft,
} from '#renderer/src/store/backtest-draft.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { CommonSettings, RunFoot, type Offer } from './setup-foot.tsx';
import css from './setup.module.css';

const cls = styler(css);

const UNITS = { contracts: '', fraction: '%', number: '', trades: 'trades', days: 'days' } as const;

function ParameterField({ offer, parameter }: { readonly offer: PolicyOffer; readonly parameter: PolicyParameter }) {
  const text = useBacktestDraft((s) => s.texts[offer.key]?.[parameter.name]);
  const unit = UNITS[parameter.unit];
  return (
    <InputField
      label={unit === '' ? parameter.label : `${parameter.label}, ${unit}`}
      hint={limitsText(parameter)}
      inputMode="decimal"
      value={text ?? defaultText(offer, parameter)}
      placeholder={parameter.isOptional ? 'as it was' : ''}
      onText={(typed) => typeParameter(offer.key, parameter.name, typed)}
    />
  );
}

function PolicyRow({ offer }: { readonly offer: PolicyOffer }) {
  const isChosen = useBacktestDraft((s) => !s.unchosen.has(offer.key));
  const texts = useBacktestDraft((s) => s.texts[offer.key]);
  const [isOpen, setOpen] = useState(false);
  const spec = specOf(offer, texts);
  const name = spec.ok ? policyLabel(spec.value) : offer.label;
  return (
    <li className={cls('policy')}>
      <div className={cls('line')}>
        <label className={cls('choice')}>
          <input type="checkbox" checked={isChosen} onChange={() => togglePolicy(offer.key)} />
          <span>{name}</span>
        </label>
        <Button
          size="small"
          variant="quiet"
          aria-expanded={isOpen}
          aria-label={`Parameters of ${offer.label}`}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Done' : 'Change'}
        </Button>
      </div>
      <p className={cls('about')}>{offer.about}</p>
      {isOpen && (
        <div className={cls('parameters')}>
          {offer.parameters.map((parameter) => (
            <ParameterField key={parameter.name} offer={offer} parameter={parameter} />
          ))}
        </div>
      )}
      {!spec.ok && (
        <p className={cls('wrong')} role="alert">
          {spec.error}
        </p>
      )}
    </li>
  );
}

/** What the next backtest is made of: policies with their parameters, range, seed and workers. */
export function SetupPanel({ offer }: { readonly offer: Offer }) {
  const unchosen = useBacktestDraft((s) => s.unchosen);
  const chosen = offer.policies.filter(({ key }) => !unchosen.has(key)).length;
  return (
    <Panel
      id="backtest-setup"
      title="New backtest"
      note={`${chosen} of ${offer.policies.length}, ${countText(offer.decisions)} decisions`}
      isGrowing
      tools={
        <Button size="small" variant="quiet" onClick={() => choosePolicies(offer.policies, chosen === 0)}>
          {chosen === 0 ? 'All' : 'None'}
        </Button>
      }
    >
      <div className={cls('setup')}>
        <ul className={cls('policies')} aria-label="Policies">
          {offer.policies.map((policy) => (
            <PolicyRow key={policy.key} offer={policy} />
          ))}
        </ul>
        <CommonSettings offer={offer} />
        <RunFoot offer={offer} />
      </div>
    </Panel>
  );
}
