import { useEffect, useState } from 'react';
import { Tabs } from 'radix-ui';
import { countText } from '#shared/format/numbers.ts';
import { startImport, takeFile } from '#renderer/src/store/import.ts';
import { decisionList, imports, refreshJournal, showTab, tradeList, useJournal } from '#renderer/src/store/journal.ts';
import type { JournalTab } from '#renderer/src/store/journal.ts';
import { useActivity, useStatus } from '#renderer/src/store/status.ts';
import { openDialog } from '#renderer/src/store/ui.ts';
import { createThrottle } from '#renderer/src/features/performance/throttle.ts';
import { useSizeClass } from '#renderer/src/features/desk/use-size-class.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Split } from '#renderer/src/ui/split.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { TabLabel } from '#renderer/src/ui/tab-label.tsx';
import tabCss from '#renderer/src/ui/tab.module.css';
import { CalendarPanel } from './calendar-panel.tsx';
import { DecisionsPanel } from './decisions-panel.tsx';
import { Detail } from './detail.tsx';
import { ImportsPanel } from './imports-panel.tsx';
import css from './journal.module.css';
import { TradesPanel } from './trades-panel.tsx';

const cls = styler({ ...tabCss, ...css });

const TABS: readonly { readonly value: JournalTab; readonly label: string; readonly keys: string }[] = [
  { value: 'trades', label: 'Trades', keys: 'T' },
  { value: 'decisions', label: 'Decisions', keys: 'D' },
  { value: 'calendar', label: 'Calendar', keys: 'C' },
  { value: 'imports', label: 'Imports', keys: 'M' },
];

const tabOf = (value: string): JournalTab => TABS.find((tab) => tab.value === value)?.value ?? 'trades';

/** Trades closing in a row are read in one go. */
const trades = createThrottle(refreshJournal, { settleMs: 800, everyMs: 5_000 });
const decisions = createThrottle(() => decisionList.refresh(), { settleMs: 800, everyMs: 5_000 });

const DECIDED: ReadonlySet<string> = new Set([
  'recommended',
  'vetoed',
  'approved',
  'overridden',
  'rejected',
  'expired',
]);

/** Reads again what has become old: a trade closed, a decision was made, the desk came back. */
function useFreshJournal(): void {
  const isLive = useStatus((s) => s.link === 'live');
  const closed = useStatus((s) => s.journal?.trades ?? null);
  const decided = useActivity((s) => s.items.find(({ kind }) => DECIDED.has(kind))?.seq ?? null);
  useEffect(() => {
    if (isLive && tradeList.use.getState().readAt !== null) trades.request();
  }, [isLive, closed]);
  useEffect(() => {
    if (isLive && decisionList.use.getState().readAt !== null) decisions.request();
  }, [isLive, decided]);
  useEffect(
    () => () => {
      trades.stop();
      decisions.stop();
    },
    [],
  );
}

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') === true;

/**
 * A file may be dropped anywhere in the window, dialogs too. What takes a drop itself (pictures on the notes) has ended
 * it before it comes here; anything else the browser would open in place of the desk.
 */
function useDrop(): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      if (!event.defaultPrevented) setOver(true);
      event.preventDefault();
    };
    const onLeave = (event: DragEvent) => {
      // Null: the pointer left the window.
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      setOver(false);
      if (!hasFiles(event) || event.defaultPrevented) return;
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) void takeFile(file);
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, []);
  return isOver;
}

function Head() {
  const tradeCount = tradeList.use((s) => s.total);
  const decisionCount = decisionList.use((s) => s.total);
  const importCount = imports.use((s) => s.value?.length ?? null);
  const counts = { trades: tradeCount, decisions: decisionCount, calendar: null, imports: importCount } as const;
  return (
    <header className={cls('head')}>
      <Tabs.List className={cls('tabs')} aria-label="Parts of the journal">
        {TABS.map(({ value, label, keys }) => (
          <Tabs.Trigger key={value} value={value} className={cls('tab', 'tabRoom')} aria-keyshortcuts={keys}>
            <TabLabel>{label}</TabLabel>
            {counts[value] !== null && <span className={cls('count')}>{countText(counts[value])}</span>}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <span className={cls('tools')}>
        <Button size="small" keys={['I']} aria-keyshortcuts="I" onClick={startImport}>
          Import
        </Button>
        <Button size="small" keys={['E']} aria-keyshortcuts="E" onClick={() => openDialog('export')}>
          Export
        </Button>
      </span>
    </header>
  );
}

const PANELS = {
  trades: TradesPanel,
  decisions: DecisionsPanel,
  calendar: CalendarPanel,
  imports: ImportsPanel,
} as const;

/** Px of the detail beside the list; in a small window the list gives way. */
const WIDTHS = {
  compact: { size: 404, least: 360, most: 560, leastRest: 400 },
  regular: { size: 456, least: 400, most: 720, leastRest: 560 },
  wide: { size: '32vw', least: 440, most: '55vw', leastRest: 640 },
} as const;

/** The journal: what was traded and decided, in the trader's own words, day by day; and the way in and out. */
export function JournalScreen() {
  const tab = useJournal((s) => s.tab);
  const isOpen = useJournal((s) => s.open !== null);
  const sizeClass = useSizeClass();
  useFreshJournal();
  const isOver = useDrop();
  const lists = (
    <Tabs.Root className={cls('left')} value={tab} onValueChange={(value) => showTab(tabOf(value))}>
      <Head />
      {TABS.map(({ value }) => {
        const Panel = PANELS[value];
        return (
          <Tabs.Content key={value} value={value} className={cls('panel')} tabIndex={-1}>
            <Panel />
          </Tabs.Content>
        );
      })}
    </Tabs.Root>
  );
  return (
    <div className={cls('screen')}>
      <h1 className={cls('spoken')}>Journal</h1>
      <Split
        {...{ id: `journal.${sizeClass}`, orientation: 'horizontal', label: 'Width of the detail' }}
        {...{ sized: 'second', ...WIDTHS[sizeClass] }}
        first={lists}
        second={isOpen ? <Detail /> : null}
      />
      {isOver && (
        <div className={cls('drop')} aria-hidden="true">
          <p>Drop the file to see what it holds</p>
        </div>
      )}
    </div>
  );
}
