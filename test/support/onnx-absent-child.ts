import { openDesk } from '#desk/desk.ts';
import { serve } from '#desk/serve.ts';

/** A process that opens the paper profile of a folder, waits for its first proposals to be judged, and says how it is. */
const desk = await openDesk({ dataFolder: process.argv[2] ?? '', profile: 'paper' });
await desk.ready();
for (let tries = 0; tries < 200; tries += 1) {
  const reply = await serve(desk.handlers, 'desk.snapshot', {});
  if (!reply.ok) throw new Error(reply.error.message);
  const { connections, recommendations } = reply.output as {
    readonly connections: readonly { readonly id: string; readonly state: string; readonly detail: string | null }[];
    readonly recommendations: readonly { readonly decision: { readonly contracts: number; readonly status: string } }[];
  };
  const model = connections.find(({ id }) => id === 'model:lstm');
  if (recommendations.length > 0 && model?.state !== 'connecting') {
    process.stdout.write(JSON.stringify({ connections, recommendations }));
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await desk.close();
