import { Tabs } from 'radix-ui';
import { focusList } from './lists.ts';
import { doubtCount, useOrders, usePositions, workingIds } from '#renderer/src/store/orders.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Key } from '#renderer/src/ui/button.tsx';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { Split } from '#renderer/src/ui/split.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { TabLabel } from '#renderer/src/ui/tab-label.tsx';
import tabCss from '#renderer/src/ui/tab.module.css';
import { Tag } from '#renderer/src/ui/tag.tsx';
import css from './bottom-panels.module.css';
import { OrdersTable } from './orders-table.tsx';
import { PositionsTable } from './positions-table.tsx';
import type { SizeClass } from './use-size-class.ts';

const cls = styler({ ...tabCss, ...css });

function Keys({ word, letter }: { readonly word: string; readonly letter: string }) {
  return (
    <>
      {word} <Key>{letter}</Key> <Key>⏎</Key>
    </>
  );
}

const ordersNote = (count: number, doubtful: number): string =>
  doubtful === 0 ? String(count) : `${count}, ${doubtful === 1 ? 'one' : doubtful} in doubt: querying broker`;

function Both({ id }: { readonly id: SizeClass }) {
  const open = usePositions((s) => s.symbols.length);
  const working = useOrders((s) => workingIds(s).length);
  const doubtful = useOrders(doubtCount);
  return (
    <Split
      {...{ id: `desk.bottom.${id}`, orientation: 'horizontal', label: 'Width of working orders' }}
      {...{ sized: 'second', size: 506, least: 440, leastRest: 440 }}
      first={
        <Panel
          id="positions"
          title="Positions"
          note={open}
          tools={open > 0 && <Keys word="flatten one" letter="F" />}
          isGrowing
        >
          <PositionsTable />
        </Panel>
      }
      second={
        <Panel
          id="orders"
          title="Working orders"
          note={ordersNote(working, doubtful)}
          tools={working > 0 && <Keys word="cancel" letter="C" />}
          isGrowing
        >
          <OrdersTable />
        </Panel>
      }
    />
  );
}

function Tabbed() {
  const open = usePositions((s) => s.symbols.length);
  const working = useOrders((s) => workingIds(s).length);
  const doubtful = useOrders(doubtCount);
  const tab = useUi((s) => (s.bottomTab === 'orders' ? 'orders' : 'positions'));
  return (
    <Tabs.Root
      className={cls('tabs')}
      value={tab}
      onValueChange={(value) => focusList(value === 'orders' ? 'orders' : 'positions')}
    >
      <Tabs.List className={cls('tabList')} aria-label="Positions and orders">
        <Tabs.Trigger className={cls('tab', 'tabRoom')} value="positions">
          <TabLabel>{`Positions ${open}`}</TabLabel>
        </Tabs.Trigger>
        <Tabs.Trigger className={cls('tab', 'tabRoom')} value="orders">
          <TabLabel>{`Orders ${working}`}</TabLabel> {doubtful > 0 && <Tag tone="warn">{doubtful} in doubt</Tag>}
        </Tabs.Trigger>
        <span className={cls('hints')}>
          <Key>P</Key> <Key>O</Key>
        </span>
      </Tabs.List>
      <Tabs.Content className={cls('content')} value="positions" tabIndex={-1}>
        <PositionsTable />
      </Tabs.Content>
      <Tabs.Content className={cls('content')} value="orders" tabIndex={-1}>
        <OrdersTable />
      </Tabs.Content>
    </Tabs.Root>
  );
}

/** Positions and working orders: side by side, or as tabs in a small window. */
export function BottomPanels({ sizeClass }: { readonly sizeClass: SizeClass }) {
  return sizeClass === 'compact' ? <Tabbed /> : <Both id={sizeClass} />;
}
