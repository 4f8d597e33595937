import { Command } from 'cmdk';
import { useState } from 'react';
import { caps } from '#renderer/src/features/keys/bindings.ts';
import { closeDialog } from '#renderer/src/store/ui.ts';
import { Key } from '#renderer/src/ui/button.tsx';
import { Modal } from '#renderer/src/ui/modal.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { paletteCommands, type PaletteCommand } from './commands.ts';
import css from './palette.module.css';

const cls = styler(css);

function Row({ command }: { readonly command: PaletteCommand }) {
  const run = (): void => {
    closeDialog();
    command.run();
  };
  return (
    <Command.Item
      value={command.id}
      keywords={[command.label, ...(command.words?.split(' ') ?? [])]}
      className={cls('item')}
      onSelect={run}
    >
      <span className={cls('label')}>{command.label}</span>
      {command.key !== undefined && caps(command.key).map((cap) => <Key key={cap}>{cap}</Key>)}
    </Command.Item>
  );
}

/** Every word typed must begin a word of the command: guessing letters is too loose where orders are sent. */
function score(_: string, search: string, keywords: readonly string[] = []): number {
  const [label = ''] = keywords;
  const words = keywords
    .join(' ')
    .toLowerCase()
    .split(/[\s·-]+/);
  const typed = search
    .toLowerCase()
    .split(/[\s·-]+/)
    .filter((word) => word !== '');
  if (!typed.every((part) => words.some((word) => word.startsWith(part)))) return 0;
  return label.toLowerCase().startsWith(search.toLowerCase()) ? 1 : 0.5;
}

/** Every command by name. What it lists is what can be done at the moment it opens. */
export function PaletteDialog() {
  const [commands] = useState(paletteCommands);
  const groups = [...new Set(commands.map((command) => command.group))];
  return (
    <Modal title="Commands" width="wide" onClose={closeDialog}>
      <Command label="Commands" className={cls('palette')} filter={score} loop>
        <Command.Input autoFocus className={cls('input')} placeholder="Type a command, a screen or a symbol" />
        <Command.List className={cls('list')}>
          <Command.Empty className={cls('empty')}>Nothing by that name.</Command.Empty>
          {groups.map((group) => (
            <Command.Group key={group} heading={group} className={cls('group')}>
              {commands
                .filter((command) => command.group === group)
                .map((command) => (
                  <Row key={command.id} command={command} />
                ))}
            </Command.Group>
          ))}
        </Command.List>
      </Command>
    </Modal>
  );
}
