import type { InputOf, OutputOf } from '#shared/contract/index.ts';
import { deskClient } from '#renderer/src/api/client.ts';
import { run } from './actions.ts';
import { createReading } from './reading.ts';
import { toast } from './ui.ts';

/** The instruments of the profile; they outlive the screen. */
export const instrumentsReading = createReading<'instruments', OutputOf<'instruments.list'>>(() =>
  deskClient().call('instruments.list', {}),
);

export const costsTarget = (root: string): string => `costs:${root}`;

/** Sets what trades of a root cost. */
export const setCosts = (input: InputOf<'instruments.setCosts'>): Promise<boolean> =>
  run(
    costsTarget(input.root),
    () => deskClient().call('instruments.setCosts', input),
    () => {
      instrumentsReading.refresh();
      toast('info', `Saved. ${input.root} is sized with it from the next start on.`);
    },
  );
