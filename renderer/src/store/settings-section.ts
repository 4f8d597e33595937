import { create } from 'zustand';
import { showScreen } from './ui.ts';

/** The sections of the settings in their order, with the words each is found by beside its name. */
export const SECTIONS = [
  { name: 'limits', label: 'Limits and presets', words: 'risk heat contracts breaker preset' },
  { name: 'connections', label: 'Connections', words: 'test broker models prices secrets latency' },
  { name: 'instruments', label: 'Instruments', words: 'tick value session margin fee slippage correlation' },
  { name: 'backup', label: 'Backup and restore', words: 'journal copy verify' },
  { name: 'attention', label: 'Attention', words: 'notifications sounds quiet hours badge' },
  { name: 'appearance', label: 'Appearance', words: 'theme scale density rows contrast motion' },
  { name: 'keys', label: 'Keys', words: 'keyboard shortcuts bindings' },
  { name: 'profile', label: 'Profile', words: 'account folder version' },
] as const;
export type SectionName = (typeof SECTIONS)[number]['name'];

export const useSection = create<{ readonly current: SectionName }>()(() => ({ current: 'limits' }));

export const showSection = (current: SectionName): void => useSection.setState({ current });

/** Opens the Settings screen at a section. */
export function openSettings(section: SectionName): void {
  showSection(section);
  showScreen('settings');
}
