import { create } from 'zustand';
import { showScreen } from './ui.ts';

export const SECTION_NAMES = {
  limits: 'Limits and presets',
  appearance: 'Appearance',
  profile: 'Profile',
} as const;
export type SectionName = keyof typeof SECTION_NAMES;

export const useSection = create<{ readonly current: SectionName }>()(() => ({ current: 'limits' }));

export const showSection = (current: SectionName): void => useSection.setState({ current });

/** Opens the Settings screen at a section. */
export function openSettings(section: SectionName): void {
  showSection(section);
  showScreen('settings');
}
