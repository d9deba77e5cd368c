/** Strokes to pixels in exact integers: the twin of segmetry/edit/raster.py. */

/** A brush's path: x, y, x, y, ... in whole pixels; points may lie outside the picture. */
export type Points = readonly (readonly [number, number])[];

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Row, start, stop (exclusive), three numbers a span; sorted, disjoint, inside the picture. */
export type Spans = Int32Array;

/**
 * The pixels under a round brush of `width` pixels drawn along `points`.
 *
 * A pixel centre belongs where four times its squared distance to the path is at most
 * width squared. Nothing is rounded, so Python and TypeScript agree to the pixel.
 */
export function strokeSpans(points: Points, width: number, size: Size): Spans {
  const found: number[] = [];
  if (points.length === 1) addDisc(found, points[0], width, size);
  for (let i = 1; i < points.length; i++) {
    addCapsule(found, points[i - 1], points[i], width, size);
  }
  return joined(found);
}

/** How many pixels the spans hold. */
export function coverage(spans: Spans): number {
  let total = 0;
  for (let i = 0; i < spans.length; i += 3) total += spans[i + 2] - spans[i + 1];
  return total;
}

function addDisc(
  found: number[],
  centre: readonly [number, number],
  width: number,
  size: Size,
): void {
  const reach = Math.floor(width / 2);
  const last = Math.min(size.height - 1, centre[1] + reach);
  for (let row = Math.max(0, centre[1] - reach); row <= last; row++) {
    const half = halfChord(row - centre[1], width);
    add(found, row, centre[0] - half, centre[0] + half, size.width);
  }
}

function addCapsule(
  found: number[],
  from: readonly [number, number],
  to: readonly [number, number],
  width: number,
  size: Size,
): void {
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  if (dx === 0 && dy === 0) {
    addDisc(found, from, width, size);
    return;
  }
  const length2 = dx * dx + dy * dy;
  const reach = Math.floor(width / 2);
  // 4 cross^2 <= width^2 length2 in whole numbers: |cross| <= floor(isqrt(...) / 2).
  const limit = Math.floor(exactRoot(BigInt(width * width) * BigInt(length2)) / 2);
  const last = Math.min(size.height - 1, Math.max(from[1], to[1]) + reach);
  for (let row = Math.max(0, Math.min(from[1], to[1]) - reach); row <= last; row++) {
    const up = row - from[1];
    // A capsule is convex, so a row meets it in one run: from the smallest to the largest.
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const [x, y] of [from, to]) {
      const half = halfChord(row - y, width);
      if (half < 0) continue;
      low = Math.min(low, x - half);
      high = Math.max(high, x + half);
    }
    const [left, right] = bandInRow(dx, dy, up, limit, length2);
    if (left <= right) {
      low = Math.min(low, from[0] + left);
      high = Math.max(high, from[0] + right);
    }
    add(found, row, low, high, size.width);
  }
}

/** Half of a disc's chord `up` rows from its centre, in whole pixels; -1 where it has none. */
function halfChord(up: number, width: number): number {
  const rest = width * width - 4 * up * up;
  if (rest < 0) return -1;
  return Math.floor(Math.sqrt(Math.floor(rest / 4)));
}

/** Columns right of the first point with |cross| <= limit and 0 <= t <= length2. */
function bandInRow(
  dx: number,
  dy: number,
  up: number,
  limit: number,
  length2: number,
): [number, number] {
  const across = within(dy, dx * up - limit, dx * up + limit);
  const along = within(dx, -dy * up, length2 - dy * up);
  return [Math.max(across[0], along[0]), Math.min(across[1], along[1])];
}

/** Whole u with low <= factor * u <= high. */
function within(factor: number, low: number, high: number): [number, number] {
  if (factor > 0) return [Math.ceil(low / factor), Math.floor(high / factor)];
  if (factor < 0) return [Math.ceil(high / factor), Math.floor(low / factor)];
  return low <= 0 && high >= 0
    ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    : [1, 0];
}

function exactRoot(square: bigint): number {
  let root = BigInt(Math.floor(Math.sqrt(Number(square))));
  while (root * root > square) root -= 1n;
  while ((root + 1n) * (root + 1n) <= square) root += 1n;
  return Number(root);
}

function add(found: number[], row: number, low: number, high: number, width: number): void {
  const start = Math.max(0, low);
  const stop = Math.min(width, high + 1);
  if (start < stop) found.push(row, start, stop);
}

function joined(found: number[]): Spans {
  const order = new Uint32Array(found.length / 3).map((_, i) => 3 * i);
  order.sort((a, b) => found[a] - found[b] || found[a + 1] - found[b + 1]);
  const spans = new Int32Array(found.length);
  let end = 0;
  for (const i of order) {
    const touches =
      end > 0 && spans[end - 3] === found[i] && spans[end - 1] >= found[i + 1];
    if (touches) {
      spans[end - 1] = Math.max(spans[end - 1], found[i + 2]);
      continue;
    }
    spans.set([found[i], found[i + 1], found[i + 2]], end);
    end += 3;
  }
  return spans.slice(0, end);
}
