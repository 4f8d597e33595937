import css from './stepper.module.css';
import { styler } from './styler.ts';
import { Tooltip } from './tooltip.tsx';

const cls = styler(css);

type StepperProps = {
  readonly value: number;
  readonly max: number;
  /** Why it does not go above `max`, in words. */
  readonly wall: string;
  readonly isDisabled: boolean;
  readonly onChange: (value: number) => void;
};

/** − value +, between 1 and the most the limits allow. */
export function Stepper({ value, max, wall, isDisabled, onChange }: StepperProps) {
  const isLowest = isDisabled || value <= 1;
  const isHighest = isDisabled || value >= max;
  return (
    <div className={cls('stepper')} role="group" aria-label="Contracts">
      <Tooltip text={value <= 1 && !isDisabled ? 'One is the least; reject to trade none.' : null}>
        <button
          type="button"
          className={cls('step')}
          aria-label="One contract less"
          aria-keyshortcuts="-"
          aria-disabled={isLowest}
          onClick={() => !isLowest && onChange(value - 1)}
        >
          −
        </button>
      </Tooltip>
      <span className={cls('value')} role="status" aria-label={`${value} contracts`}>
        {isDisabled ? '—' : value}
      </span>
      <Tooltip text={isHighest && !isDisabled ? wall : null}>
        <button
          type="button"
          className={cls('step')}
          aria-label={isHighest && !isDisabled ? `One contract more is not allowed: ${wall}` : 'One contract more'}
          aria-keyshortcuts="+"
          aria-disabled={isHighest}
          onClick={() => !isHighest && onChange(value + 1)}
        >
          +
        </button>
      </Tooltip>
    </div>
  );
}
