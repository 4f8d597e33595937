import type { ComponentType } from 'react';
import { useSizeClass } from '#renderer/src/features/desk/use-size-class.ts';
import { SelectField } from '#renderer/src/features/journal/fields.tsx';
import { SECTIONS, showSection, useSection } from '#renderer/src/store/settings-section.ts';
import type { SectionName } from '#renderer/src/store/settings-section.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { AppearanceSection } from './appearance-section.tsx';
import { AttentionSection } from './attention-section.tsx';
import { BackupSection } from './backup-section.tsx';
import { ConnectionsSection } from './connections-section.tsx';
import { InstrumentsSection } from './instruments-section.tsx';
import { KeysSection } from './keys-section.tsx';
import { LimitsSection } from './limits-section.tsx';
import { ProfileSection } from './profile-section.tsx';
import css from './settings.module.css';

const cls = styler(css);

const CONTENT: Readonly<Record<SectionName, ComponentType>> = {
  limits: LimitsSection,
  connections: ConnectionsSection,
  instruments: InstrumentsSection,
  backup: BackupSection,
  attention: AttentionSection,
  appearance: AppearanceSection,
  keys: KeysSection,
  profile: ProfileSection,
};

function SectionList({ current }: { readonly current: SectionName }) {
  return (
    <nav className={cls('sections')} aria-label="Settings sections">
      {SECTIONS.map(({ name, label }) => (
        <button
          key={name}
          type="button"
          className={cls('section', current === name && 'chosen')}
          aria-current={current === name ? 'true' : undefined}
          onClick={() => showSection(name)}
        >
          {label}
        </button>
      ))}
    </nav>
  );
}

/** What the desk may do, how it looks, and where it keeps things. */
export function SettingsScreen() {
  const current = useSection((s) => s.current);
  const isCompact = useSizeClass() === 'compact';
  const isLive = useStatus((s) => s.link === 'live');
  const Content = CONTENT[current];
  return (
    <div className={cls('screen')}>
      <h1 className={cls('spoken')}>Settings</h1>
      {!isLive && (
        <Strip tone="warn" title="The desk is not there.">
          What is in force stays in force. Attention, appearance and keys still work.
        </Strip>
      )}
      <div className={cls('columns', isCompact && 'compact')}>
        {isCompact ? (
          <div className={cls('picker')}>
            <SelectField
              label="Section"
              value={current}
              choices={SECTIONS.map(({ name, label }) => ({ value: name, label }))}
              onChange={(value) => showSection(SECTIONS.find(({ name }) => name === value)?.name ?? 'limits')}
            />
          </div>
        ) : (
          <SectionList current={current} />
        )}
        <section className={cls('content')} aria-labelledby="settings-section">
          <h2 id="settings-section" className={cls('title')}>
            {SECTIONS.find(({ name }) => name === current)?.label}
          </h2>
          <Content />
        </section>
      </div>
    </div>
  );
}
