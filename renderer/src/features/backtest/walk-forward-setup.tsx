import { InputField, SelectField } from '#renderer/src/features/journal/fields.tsx';
import { useWalkForwardDraft, type WalkForwardDraft } from '#renderer/src/store/simulation-draft.ts';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { countText } from '#shared/format/numbers.ts';
import { CommonSettings, RunFoot, type Offer } from './setup-foot.tsx';
import css from './setup.module.css';

const cls = styler(css);

const change = (part: Partial<WalkForwardDraft>): void => useWalkForwardDraft.setState(part);

const LISTS = [
  { name: 'multipliers', label: 'Kelly multiplier λ' },
  { name: 'evidenceTrades', label: 'Prior strength n₀, trades' },
  { name: 'lookBackDays', label: 'Look-back, days' },
] as const;

const WINDOWS = [
  { value: 'anchored', label: 'All days before' },
  { value: 'rolling', label: 'As many as at first' },
] as const;

const SCORES = [
  { value: 'growth', label: 'Growth of log equity' },
  { value: 'sharpe', label: 'Sharpe ratio' },
] as const;

/** What the next walk-forward tries. */
export function WalkForwardSetup({ offer }: { readonly offer: Offer }) {
  const draft = useWalkForwardDraft();
  return (
    <Panel id="walk-forward-setup" title="New walk-forward" note={`${countText(offer.decisions)} decisions`} isGrowing>
      <div className={cls('setup')}>
        <div className={cls('form')}>
          <p className={cls('lead')}>
            Chooses among every combination on the days before, trades the choice on the days after, and says what of it
            was left. Values with commas.
          </p>
          {LISTS.map(({ name, label }) => (
            <div key={name} className={cls('wide')}>
              <InputField {...{ label, value: draft[name] }} onText={(text) => change({ [name]: text })} />
            </div>
          ))}
          <InputField
            {...{ label: 'Folds', inputMode: 'numeric', value: draft.folds }}
            onText={(folds) => change({ folds })}
          />
          <InputField
            {...{ label: 'First choice on, % of days', inputMode: 'decimal', value: draft.inSample }}
            onText={(inSample) => change({ inSample })}
          />
          <SelectField
            label="Chosen on"
            value={draft.window}
            choices={WINDOWS}
            onChange={(value) => change({ window: value === 'rolling' ? value : 'anchored' })}
          />
          <SelectField
            label="Chosen by"
            value={draft.score}
            choices={SCORES}
            onChange={(value) => change({ score: value === 'sharpe' ? value : 'growth' })}
          />
        </div>
        <CommonSettings offer={offer} />
        <RunFoot offer={offer} />
      </div>
    </Panel>
  );
}
