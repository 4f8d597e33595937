import { summary } from '#renderer/src/store/journal.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './summary-strip.module.css';
import { summaryFigures } from './trade-words.ts';
import type { SummaryFigure } from './trade-words.ts';

const cls = styler(css);

function Figure({ name, value, note, tone = false, isUnknown = false }: SummaryFigure) {
  return (
    <div className={cls('figure')}>
      <dt>{name}</dt>
      <dd className={cls('value', tone, isUnknown && 'quiet')}>{value}</dd>
      <dd className={cls('note')}>{note}</dd>
    </div>
  );
}

const EMPTY = ['Trades', 'Win rate', 'Net', 'Expectancy', 'Payoff in $', 'Best, worst'].map((name) => ({
  name,
  value: ' ',
  note: ' ',
}));

/** What the trades of the filter come to. */
export function SummaryStrip() {
  const value = summary.use((s) => s.value);
  const isReading = summary.use((s) => s.isReading);
  const failure = summary.use((s) => s.failure);
  if (failure !== null && value === null) {
    return (
      <Strip
        tone="loss"
        title="The sums could not be read."
        action={
          <Button size="small" onClick={() => summary.refresh()}>
            Try again
          </Button>
        }
      >
        {failure}
      </Strip>
    );
  }
  const figures = value === null ? EMPTY : summaryFigures(value.all);
  return (
    <div className={cls('bounds')}>
      <dl
        className={cls('strip', (isReading || failure !== null) && 'old')}
        aria-busy={isReading}
        title={failure === null ? undefined : `These sums are old: ${failure}`}
      >
        {figures.map((figure) => (
          <Figure key={figure.name} {...figure} />
        ))}
      </dl>
    </div>
  );
}
