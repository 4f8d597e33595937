import type { ReactNode } from 'react';
import { useAge } from '#renderer/src/ui/use-age.ts';
import { startImport } from '#renderer/src/store/import.ts';
import type { PagedList } from '#renderer/src/store/paged-list.ts';
import { showScreen } from '#renderer/src/store/ui.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Skeleton, Strip } from '#renderer/src/ui/panel.tsx';

/** The two ways to a first trade: make one on the Desk, or bring those made elsewhere. */
export function FirstTradeActions() {
  return (
    <>
      <Button onClick={() => showScreen('desk')}>Go to the Desk</Button>
      <Button keys={['I']} onClick={startImport}>
        Import a file
      </Button>
    </>
  );
}

type AgeProps = { readonly readAt: number; readonly title: (age: string) => string; readonly children: ReactNode };

/** How old what is shown is. */
function OldStrip({ readAt, title, children }: AgeProps) {
  const age = useAge(readAt);
  return (
    <Strip tone="warn" title={title(age)}>
      {children}
    </Strip>
  );
}

type ReadingLike = {
  readonly failure: string | null;
  readonly readAt: number | null;
  readonly retry: () => void;
  /** "The trades". */
  readonly what: string;
};

/** Failed or out of reach: over what was read before, or instead of it when there is nothing. */
export function ReadingStrip({ failure, readAt, retry, what }: ReadingLike) {
  const isLive = useStatus((s) => s.link === 'live');
  if (!isLive && readAt !== null) {
    return (
      <OldStrip readAt={readAt} title={(age) => `Last known, ${age} old.`}>
        {what} are read again as soon as the desk answers.
      </OldStrip>
    );
  }
  if (failure === null) return null;
  return (
    <Strip
      tone={readAt === null ? 'loss' : 'warn'}
      title={`${what} could not be read.`}
      action={
        <Button size="small" onClick={retry}>
          Try again
        </Button>
      }
    >
      {failure}
    </Strip>
  );
}

type StatesProps<Query, Row> = {
  readonly list: PagedList<Query, Row>;
  /** "trades". */
  readonly what: string;
  readonly empty: ReactNode;
  readonly children: ReactNode;
};

/** The states of a list: reading, failed, nothing, old, there. */
export function ListStates<Query, Row>({ list, what, empty, children }: StatesProps<Query, Row>) {
  const total = list.use((s) => s.total);
  const failure = list.use((s) => s.failure);
  const readAt = list.use((s) => s.readAt);
  const isSwitching = list.use((s) => s.isSwitching);
  const strip = <ReadingStrip failure={failure} readAt={readAt} retry={() => list.refresh()} what={`The ${what}`} />;
  if (total === null && failure !== null) {
    return (
      <>
        {strip}
        <Empty title="Nothing to show yet">Sizing and orders still work. Only this list is missing.</Empty>
      </>
    );
  }
  if (total === null) return <Skeleton rows={12} text={`Reading the ${what}`} />;
  return (
    <>
      {strip}
      {total === 0 && !isSwitching ? empty : children}
    </>
  );
}
