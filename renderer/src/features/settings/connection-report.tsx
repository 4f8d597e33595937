import type { ConnectionStep } from '#shared/domain/connection-test.ts';
import { countText } from '#shared/format/numbers.ts';
import { sentence } from '#renderer/src/ui/words.ts';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './connections.module.css';

const cls = styler(css);

const took = (ms: number): string => (ms < 1 ? '< 1 ms' : `${countText(ms)} ms`);

function Step({ step }: { readonly step: ConnectionStep }) {
  return (
    <li className={cls('step')}>
      <span className={cls(step.ok ? 'good' : 'bad')}>
        <span aria-hidden="true">{step.ok ? '✓' : '✕'}</span>
        <span className={cls('spoken')}>{step.ok ? 'Went well:' : 'Failed:'}</span>
      </span>
      <span>{sentence(step.name)}</span>
      <span className={cls('detail')}>
        {step.detail}
        {step.remedy !== null && step.remedy !== '' && (
          <span className={cls('remedy')}> What to do: {step.remedy}.</span>
        )}
      </span>
      <span className={cls('took')}>{took(step.ms)}</span>
    </li>
  );
}

type ReportProps = {
  readonly name: string;
  readonly steps: readonly ConnectionStep[];
  readonly isRunning: boolean;
};

/** The steps of a test as they end, each with what came of it, its time and what to do where it failed. */
export function ConnectionReport({ name, steps, isRunning }: ReportProps) {
  const failed = steps.filter(({ ok }) => !ok).length;
  const verdict = isRunning
    ? 'Testing …'
    : steps.length === 0
      ? 'Nothing was tested.'
      : failed === 0
        ? `✓ Works: ${steps.length === 1 ? 'one step' : `${countText(steps.length)} steps`}, ${took(steps.reduce((sum, { ms }) => sum + ms, 0))}`
        : `✕ Does not work: ${steps.find(({ ok }) => !ok)?.name ?? ''} failed`;
  return (
    <div className={cls('report')} role="group" aria-label={`Test of ${name}`}>
      <ol className={cls('steps')}>
        {steps.map((step, index) => (
          <Step key={index} step={step} />
        ))}
      </ol>
      <p role="status" className={cls(isRunning || steps.length === 0 ? 'soft' : failed === 0 ? 'good' : 'bad')}>
        {verdict}
      </p>
    </div>
  );
}
