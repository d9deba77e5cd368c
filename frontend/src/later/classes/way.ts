/** The way of a brush, with as few points as it needs. */

import type { Point } from "../../engine/chunks.ts";

const MOST_POINTS = 4096; // of a stroke, as the server has it

/**
 * The way in pieces that can be sent, without points that lie nearer to the one before than
 * an eighth of the brush: they change nothing that a person could see. Each piece begins
 * where the one before it ended.
 */
export function along(points: readonly Point[], width: number): Point[][] {
  const step = Math.max(1, width / 8);
  const [first, ...others] = points;
  if (first === undefined) return [];
  const last = points[points.length - 1];
  const kept = [first];
  for (const point of others) {
    const [x, y] = kept[kept.length - 1];
    const isFar = Math.hypot(point[0] - x, point[1] - y) >= step;
    if (isFar || (point === last && !(x === last[0] && y === last[1]))) kept.push(point);
  }
  const pieces = [];
  for (let at = 0; at === 0 || at < kept.length - 1; at += MOST_POINTS - 1) {
    pieces.push(kept.slice(at, at + MOST_POINTS));
  }
  return pieces;
}
