/** Two fingers on the picture: how far they went together, and how far apart. */

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The pan and the zoom between two moments; with fewer than two fingers, none. */
export function pinch(before: readonly Place[], after: readonly Place[]) {
  if (before.length < 2 || after.length < 2) {
    return { dx: 0, dy: 0, at: { x: 0, y: 0 }, factor: 1 };
  }
  const [from, at] = [middle(before), middle(after)];
  const factor = span(after) / Math.max(1, span(before));
  return { dx: at.x - from.x, dy: at.y - from.y, at, factor: factor || 1 };
}

const middle = ([a, b]: readonly Place[]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const span = ([a, b]: readonly Place[]) => Math.hypot(a.x - b.x, a.y - b.y);
