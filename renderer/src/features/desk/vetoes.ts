import { changeDecisionFilter, clearDecisionFilter, showTab } from '#renderer/src/store/journal.ts';
import { showScreen } from '#renderer/src/store/ui.ts';

/** Shows what came to no trade, newest first, each with its reason. */
export function showVetoes(): void {
  clearDecisionFilter();
  changeDecisionFilter({ state: 'blocked' });
  showTab('decisions');
  showScreen('journal');
}
