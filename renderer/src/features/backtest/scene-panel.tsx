import { useSceneChart } from '#renderer/src/features/performance/scene-chart.tsx';
import type { SceneChartInput } from '#renderer/src/features/performance/scene-chart.tsx';
import { Panel } from '#renderer/src/ui/panel.tsx';

type Props = SceneChartInput<never> & { readonly id: string };

/** A chart in a panel of its own, with its figures by pointer and by keyboard, and its picture. */
export function ScenePanel({ id, ...input }: Props) {
  const { tools, chart } = useSceneChart(input);
  return (
    <Panel id={id} title={input.title} note={input.note} isGrowing tools={tools}>
      {chart}
    </Panel>
  );
}
