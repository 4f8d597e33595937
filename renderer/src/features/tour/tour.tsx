import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useStatus } from '#renderer/src/store/status.ts';
import { endTour, isTourSeen, startTour, stepTour, TOUR_STEPS, useTour } from '#renderer/src/store/tour.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { besideBox } from './place.ts';
import type { Box } from './place.ts';
import css from './tour.module.css';

const cls = styler(css);

type Stop = { readonly target: string; readonly title: string; readonly text: string };

/** The five things a trader must know of the desk, in the order of the work. */
const STOPS: readonly Stop[] = [
  {
    target: '[aria-labelledby="queue-title"]',
    title: 'What waits for you',
    text: 'Every market with a signal, sized ones first. Zero is an answer too, and says why. J and K go through them.',
  },
  {
    target: '[aria-label="Selected recommendation"]',
    title: 'One size, and your decision',
    text: 'How many contracts, what binds it, what it risks. Shift Enter approves, − and + change it, X rejects. Nothing is ever sent without you.',
  },
  {
    target: '[aria-labelledby="ladder-title"]',
    title: 'Why this many',
    text: 'From the win probability down to contracts, step by step, then what each limit allows. Amber is the limit that binds.',
  },
  {
    target: '[aria-labelledby="risk-title"]',
    title: 'What you carry already',
    text: 'Loss if every stop is hit, against its limit; hatched is what the selected recommendation would add.',
  },
  {
    target: '[aria-label="Account and connections"]',
    title: 'One key stops everything',
    text: 'F8 halts at once, from anywhere. Ctrl K finds every command, ? lists the keys, and both bring this tour back.',
  },
];

const FOLLOW_MS = 200;
const CARD = { width: 320, height: 190 } as const;

/** Where a part of the page stands now; followed while the window changes. */
function useBox(selector: string): Box | null {
  const [box, setBox] = useState<Box | null>(null);
  useLayoutEffect(() => {
    // Looked up each time: another size class is another layout, with elements of its own.
    const measure = () => {
      const { left, top, width, height } =
        document.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect(0, 0, 0, 0);
      setBox((held) =>
        held?.left === left && held.top === top && held.width === width && held.height === height
          ? held
          : { left, top, width, height },
      );
    };
    measure();
    const timer = setInterval(measure, FOLLOW_MS);
    return () => clearInterval(timer);
  }, [selector]);
  return box;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
  event.preventDefault();
  stepTour(event.key === 'ArrowRight' ? 1 : -1);
}

function Card({ step, stop }: { readonly step: number; readonly stop: Stop }) {
  const box = useBox(stop.target);
  const card = useRef<HTMLDivElement>(null);
  const isPlaced = box !== null;
  useEffect(() => {
    if (isPlaced) card.current?.focus();
  }, [isPlaced]);
  if (box === null) return null;
  const isLast = step === TOUR_STEPS - 1;
  const place = besideBox(box, CARD, { width: window.innerWidth, height: window.innerHeight });
  return (
    <>
      <div className={cls('ring')} style={{ ...box }} aria-hidden="true" />
      <div
        ref={card}
        className={cls('card')}
        style={{ ...place, width: CARD.width }}
        role="dialog"
        aria-labelledby="tour-title"
        aria-describedby="tour-text"
        tabIndex={-1}
        onKeyDown={onKeyDown}
      >
        <p className={cls('count')}>
          Tour, step {step + 1} of {TOUR_STEPS}
        </p>
        <h2 id="tour-title" className={cls('title')}>
          {stop.title}
        </h2>
        <p id="tour-text" className={cls('text')}>
          {stop.text}
        </p>
        <div className={cls('buttons')}>
          {!isLast && (
            <Button size="small" variant="quiet" keys={['Esc']} onClick={endTour}>
              Skip the tour
            </Button>
          )}
          <span className={cls('steps')}>
            {step > 0 && (
              <Button size="small" onClick={() => stepTour(-1)}>
                Back
              </Button>
            )}
            <Button size="small" onClick={() => stepTour(1)}>
              {isLast ? 'Done' : 'Next'}
            </Button>
          </span>
        </div>
      </div>
    </>
  );
}

/** Offers the tour once, when the Desk stands for the first time in this window’s memory. */
function useFirstRun(): void {
  const isReady = useStatus((s) => s.isLoaded && s.startup?.phase === 'ready');
  useEffect(() => {
    if (isReady && !isTourSeen()) startTour();
  }, [isReady]);
}

/** The tour of the Desk: a card beside what it explains. The desk stays in use under it. */
export function Tour() {
  useFirstRun();
  const step = useTour((s) => s.step);
  const isCovered = useUi((s) => s.dialog !== null || s.screen !== 'desk');
  const stop = step === null ? undefined : STOPS[step];
  if (step === null || stop === undefined || isCovered) return null;
  return <Card key={step} step={step} stop={stop} />;
}
