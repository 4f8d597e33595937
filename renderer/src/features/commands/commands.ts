import { countedText } from '#shared/wording/names.ts';
import { requestApprove, startReject } from '#renderer/src/features/desk/approval.ts';
import { requestCancel, requestFlatten } from '#renderer/src/features/desk/exits.ts';
import { showVetoes } from '#renderer/src/features/desk/vetoes.ts';
import { focusList } from '#renderer/src/features/desk/lists.ts';
import { keysOf } from '#renderer/src/features/keys/bindings.ts';
import type { BindingId } from '#renderer/src/features/keys/bindings.ts';
import { halt } from '#renderer/src/store/actions.ts';
import { showKind, startBacktest } from '#renderer/src/store/backtest.ts';
import { startTour } from '#renderer/src/store/tour.ts';
import { startImport } from '#renderer/src/store/import.ts';
import { toggleWhatIf } from '#renderer/src/store/plan-draft.ts';
import { isOpen } from '#renderer/src/store/queue.ts';
import { selectSymbol, useRecommendations } from '#renderer/src/store/recommendations.ts';
import { openSettings, SECTIONS } from '#renderer/src/store/settings-section.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { chooseTheme } from '#renderer/src/store/theme.ts';
import { openDialog, showScreen, useUi } from '#renderer/src/store/ui.ts';
import type { ScreenName } from '#renderer/src/store/ui.ts';
import { contractName, directionWord, signalDirection } from '#renderer/src/ui/words.ts';

/** Something the palette can do. */
export type PaletteCommand = {
  readonly id: string;
  readonly group:
    'Selected recommendation' | 'Go to' | 'Trading' | 'Journal' | 'Backtest' | 'Settings' | 'Appearance' | 'Help';
  readonly label: string;
  /** Words it is found by beside its label. */
  readonly words?: string;
  /** The key that does the same. */
  readonly key?: string;
  readonly run: () => void;
};

const keyFor = (id: BindingId): { readonly key?: string } => {
  const [key] = keysOf(id);
  return key === undefined ? {} : { key };
};

const onDesk = (action: () => void) => (): void => {
  showScreen('desk');
  action();
};

function selectedCommands(): readonly PaletteCommand[] {
  const group = 'Selected recommendation' as const;
  const { selected, bySymbol } = useRecommendations.getState();
  if (selected === null) return [];
  const name = contractName(selected);
  const standing = bySymbol[selected];
  const decisions: readonly PaletteCommand[] =
    standing === undefined || !isOpen(standing)
      ? []
      : [
          { id: 'approve', group, label: `Approve ${name}`, ...keyFor('approve'), run: onDesk(() => requestApprove()) },
          { id: 'reject', group, label: `Reject ${name}`, ...keyFor('reject'), run: onDesk(startReject) },
        ];
  return [
    ...decisions,
    {
      id: 'what-if',
      group,
      label: `What if · ${name}`,
      words: 'odds lambda equity stop',
      ...keyFor('what-if'),
      run: onDesk(toggleWhatIf),
    },
  ];
}

const SCREENS: readonly { readonly screen: ScreenName; readonly label: string; readonly key: BindingId }[] = [
  { screen: 'desk', label: 'Desk', key: 'screen-desk' },
  { screen: 'performance', label: 'Performance', key: 'screen-performance' },
  { screen: 'backtest', label: 'Backtest', key: 'screen-backtest' },
  { screen: 'journal', label: 'Journal', key: 'screen-journal' },
  { screen: 'models', label: 'Models', key: 'screen-models' },
  { screen: 'settings', label: 'Settings', key: 'screen-settings' },
];

function placeCommands(): readonly PaletteCommand[] {
  const { symbols, bySymbol } = useRecommendations.getState();
  const markets = symbols.flatMap<PaletteCommand>((symbol) => {
    const recommendation = bySymbol[symbol];
    if (recommendation === undefined) return [];
    const side = directionWord(signalDirection(recommendation));
    const label = [contractName(symbol), side, countedText(recommendation.decision.contracts, 'contract')]
      .filter((part) => part !== '')
      .join(' · ');
    return [{ id: `symbol-${symbol}`, group: 'Go to', label, words: symbol, run: onDesk(() => selectSymbol(symbol)) }];
  });
  return [
    ...SCREENS.map<PaletteCommand>(({ screen, label, key }) => ({
      ...{
        id: `screen-${screen}`,
        group: 'Go to',
        label: `${label} screen`,
        ...keyFor(key),
        run: () => showScreen(screen),
      },
    })),
    ...markets,
    {
      ...{ id: 'vetoes', group: 'Go to', label: 'What was not traded, and why', words: 'veto blocked zero decisions' },
      ...keyFor('vetoes'),
      run: showVetoes,
    },
    {
      id: 'positions',
      group: 'Go to',
      label: 'Positions',
      ...keyFor('positions'),
      run: onDesk(() => focusList('positions')),
    },
    {
      id: 'orders',
      group: 'Go to',
      label: 'Working orders',
      ...keyFor('orders'),
      run: onDesk(() => focusList('orders')),
    },
  ];
}

function tradingCommands(): readonly PaletteCommand[] {
  const group = 'Trading' as const;
  const { positionSymbol, orderId } = useUi.getState();
  const state = useStatus.getState().risk?.tradingState;
  return [
    { id: 'halt', group, label: 'Halt trading', words: 'stop kill switch', ...keyFor('halt'), run: () => void halt() },
    ...(state === 'active' ? [] : [{ id: 'resume', group, label: 'Resume trading', run: () => openDialog('resume') }]),
    ...(state === 'halted'
      ? [
          {
            id: 'flatten-all',
            group,
            label: 'Flatten all positions',
            words: 'close',
            run: () => openDialog('flatten-all'),
          },
        ]
      : []),
    ...(positionSymbol === null
      ? []
      : [
          {
            ...{ id: 'flatten', group, label: `Flatten ${contractName(positionSymbol)}`, ...keyFor('flatten') },
            run: onDesk(() => requestFlatten(positionSymbol)),
          },
        ]),
    ...(orderId === null
      ? []
      : [
          {
            ...{ id: 'cancel', group, label: 'Cancel the selected order', ...keyFor('cancel') },
            run: onDesk(() => requestCancel(orderId)),
          },
        ]),
    {
      id: 'differences',
      group,
      label: 'Compare broker and journal',
      words: 'reconcile',
      run: () => openDialog('differences'),
    },
    {
      id: 'notices',
      group,
      label: 'Messages of the desk',
      words: 'notices warnings',
      run: () => openDialog('notices'),
    },
  ];
}

const onJournal = (action: () => void) => (): void => {
  showScreen('journal');
  action();
};

const onBacktest = (action: () => void) => (): void => {
  showScreen('backtest');
  action();
};

const SETTINGS = SECTIONS.map(({ name, label, words }): PaletteCommand => ({
  ...{ id: `settings-${name}`, group: 'Settings', label, words },
  run: () => openSettings(name),
}));

const OTHERS: readonly PaletteCommand[] = [
  { id: 'import', group: 'Journal', label: 'Import a file', words: 'csv broker', run: onJournal(startImport) },
  {
    id: 'export',
    group: 'Journal',
    label: 'Export',
    words: 'csv json archive',
    run: onJournal(() => openDialog('export')),
  },
  {
    id: 'backtest-run',
    group: 'Backtest',
    label: 'Run the chosen policies',
    words: 'backtest start',
    run: onBacktest(() => {
      showKind('policies');
      void startBacktest();
    }),
  },
  {
    id: 'monte-carlo',
    group: 'Backtest',
    label: 'Monte Carlo',
    words: 'simulation paths ruin drawdown',
    run: onBacktest(() => showKind('monte-carlo')),
  },
  {
    id: 'walk-forward',
    group: 'Backtest',
    label: 'Walk-forward',
    words: 'parameters lambda look-back out of sample',
    run: onBacktest(() => showKind('walk-forward')),
  },
  ...SETTINGS,
  { id: 'theme-dark', group: 'Appearance', label: 'Dark', words: 'theme', run: () => chooseTheme('dark') },
  { id: 'theme-light', group: 'Appearance', label: 'Light', words: 'theme', run: () => chooseTheme('light') },
  {
    id: 'theme-contrast',
    group: 'Appearance',
    label: 'High contrast',
    words: 'theme',
    run: () => chooseTheme('contrast'),
  },
  { id: 'theme-system', group: 'Appearance', label: 'As the system', words: 'theme', run: () => chooseTheme('system') },
  { id: 'tour', group: 'Help', label: 'Tour of the desk', words: 'help first steps', run: startTour },
  { id: 'keys', group: 'Help', label: 'Keys and about', words: 'shortcuts keyboard', run: () => openDialog('keys') },
];

/** All that can be done now, in the order of the palette. */
export const paletteCommands = (): readonly PaletteCommand[] => [
  ...selectedCommands(),
  ...placeCommands(),
  ...tradingCommands(),
  ...OTHERS,
];
