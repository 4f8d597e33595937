import type { Bet } from '#shared/domain/monte-carlo.ts';
import { countText } from '#shared/format/numbers.ts';
import { InputField, SelectField, type Choice } from '#renderer/src/features/journal/fields.tsx';
import { runs } from '#renderer/src/store/backtest.ts';
import { EMPTY_MONTE_CARLO, useMonteCarloDraft, type MonteCarloDraft } from '#renderer/src/store/simulation-draft.ts';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { CommonSettings, RunFoot, type Offer } from './setup-foot.tsx';
import css from './setup.module.css';

const cls = styler(css);

const BETS: readonly { readonly value: Bet['kind']; readonly label: string }[] = [
  { value: 'as-taken', label: 'As taken: the return on equity it had' },
  { value: 'fraction', label: 'A share of present equity per 1R' },
  { value: 'fixed', label: 'A share of the starting equity per 1R' },
];

/** Own trades, each policy walked now, and the policies of the newest stored backtest. */
function useSources(offer: Offer): readonly Choice[] {
  const heads = runs.use((s) => s.value)?.runs ?? [];
  const newest = heads.find(({ kind }) => kind === 'policies');
  const stored = (newest?.policies ?? []).map(({ key, label }) => ({
    value: `run ${newest?.runId ?? ''} ${key}`,
    label: `${label}, in the newest backtest`,
  }));
  return [
    { value: 'journal', label: 'Your own trades' },
    ...stored,
    ...offer.policies.map(({ key, label }) => ({ value: `policy ${key}`, label: `${label}, walked now` })),
  ];
}

const change = (part: Partial<MonteCarloDraft>): void => useMonteCarloDraft.setState(part);

type NumberName = Exclude<keyof MonteCarloDraft, 'source' | 'bet'>;

const FIELDS: readonly { readonly name: NumberName; readonly label: string; readonly placeholder?: string }[] = [
  { name: 'trades', label: 'Trades of a path' },
  { name: 'paths', label: 'Paths' },
  { name: 'block', label: 'Mean block, trades', placeholder: 'automatic' },
  { name: 'ruin', label: 'Ruin at, % of the start' },
  { name: 'loss', label: 'A loss of, %' },
  { name: 'gain', label: 'before a gain of, %' },
];

/** What the next simulation is made of. */
export function MonteCarloSetup({ offer }: { readonly offer: Offer }) {
  const draft = useMonteCarloDraft();
  const sources = useSources(offer);
  return (
    <Panel id="monte-carlo-setup" title="New simulation" note={`${countText(offer.decisions)} decisions`} isGrowing>
      <div className={cls('setup')}>
        <div className={cls('form')}>
          <p className={cls('lead')}>
            Many orders of the trades that were made: one by one, or in blocks that keep streaks together.
          </p>
          <div className={cls('wide')}>
            <SelectField
              label="Trades"
              value={draft.source}
              choices={sources}
              onChange={(source) => change({ source: source ?? EMPTY_MONTE_CARLO.source })}
            />
          </div>
          <div className={cls('wide')}>
            <SelectField
              label="What a trade moves wealth by"
              value={draft.bet}
              choices={BETS}
              onChange={(value) => change({ bet: BETS.find((bet) => bet.value === value)?.value ?? 'as-taken' })}
            />
          </div>
          {draft.bet !== 'as-taken' && (
            <div className={cls('wide')}>
              <InputField
                {...{ label: 'Share of equity per 1R, %', inputMode: 'decimal', value: draft.fraction }}
                onText={(fraction) => change({ fraction })}
              />
            </div>
          )}
          {FIELDS.map(({ name, label, placeholder = '' }) => (
            <InputField
              key={name}
              {...{ label, placeholder, inputMode: 'decimal', value: draft[name] }}
              onText={(text) => change({ [name]: text })}
            />
          ))}
        </div>
        <CommonSettings offer={offer} />
        <RunFoot offer={offer} />
      </div>
    </Panel>
  );
}
