import type { ModelsReport } from '#shared/domain/models.ts';
import { PictureButton } from '#renderer/src/chart/chart-tools.tsx';
import { savePicture } from '#renderer/src/chart/picture.ts';
import { sceneParts } from '#renderer/src/features/performance/scene-canvas.ts';
import { latencyPicture, uptimePicture } from './strip-pictures.ts';

export const LATENCY_NOTE = 'request to answer, last hour';
export const UPTIME_NOTE = '24 h, 20 minutes a mark; outlined lost contact, grey not run';

/** Saves the latencies as a picture. */
export function LatencyPicture({ latency }: { readonly latency: ModelsReport['latency'] }) {
  const name = 'kelly-desk-latency.png';
  const save = () =>
    void savePicture(sceneParts([{ title: 'Latency', note: LATENCY_NOTE, scene: latencyPicture(latency) }]), name);
  return <PictureButton name={name} save={save} />;
}

/** Saves the uptimes as a picture. */
export function UptimePicture({ uptime }: { readonly uptime: ModelsReport['uptime'] }) {
  const name = 'kelly-desk-uptime.png';
  const save = () =>
    void savePicture(sceneParts([{ title: 'Uptime', note: UPTIME_NOTE, scene: uptimePicture(uptime) }]), name);
  return <PictureButton name={name} save={save} />;
}
