/**
 * Returns at most about `most` points of a line, oldest first: of each stretch its lowest and its highest, so that no
 * peak is lost, and always the first and the last.
 */
export function thinned<P>(points: readonly P[], most: number, valueOf: (point: P) => number): readonly P[] {
  if (points.length <= most) return points;
  const stretch = Math.ceil(points.length / Math.max(1, Math.floor((most - 2) / 2)));
  const kept = new Set<number>([0, points.length - 1]);
  for (let start = 0; start < points.length; start += stretch) {
    let low = start;
    let high = start;
    for (let i = start; i < Math.min(points.length, start + stretch); i += 1) {
      const point = points[i];
      const [lowest, highest] = [points[low], points[high]];
      if (point === undefined || lowest === undefined || highest === undefined) continue;
      if (valueOf(point) < valueOf(lowest)) low = i;
      if (valueOf(point) > valueOf(highest)) high = i;
    }
    kept.add(low).add(high);
  }
  return points.filter((_, i) => kept.has(i));
}
