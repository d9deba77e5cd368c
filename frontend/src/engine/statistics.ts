/** What can be told at once from the table: moments and histogram. Intervals come from the server. */

export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly median: number;
  /** Sample standard deviation, divided by n - 1. */
  readonly sd: number;
}

export interface Bin {
  readonly from: number;
  readonly to: number;
  /** Count, or share of the volume in percent. */
  readonly height: number;
  readonly ids: readonly number[];
}

export interface HistogramOptions {
  readonly width: number;
  readonly logarithmic: boolean;
  readonly weight: "number" | "volume";
}

const MOST_BINS = 400;

export function moments(values: readonly number[]): Moments | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sorted = Float64Array.from(values).sort();
  const median = (sorted[Math.floor((n - 1) / 2)] + sorted[Math.ceil((n - 1) / 2)]) / 2;
  return { n, mean, median, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : Number.NaN };
}

/** The bin width after Freedman and Diaconis, rounded to 1, 2 or 5, as in the report. */
export function roundWidth(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return 1;
  const part = (share: number) => sorted[Math.round(share * (n - 1))];
  const rule = (2 * (part(0.75) - part(0.25))) / Math.cbrt(n);
  // A few values far off the rest must not make bars too thin to see.
  const raw = Math.max(rule, (part(1) - part(0)) / 80) || Math.abs(part(0)) / 10 || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const off = (step: number) => Math.abs(Math.log((step * power) / raw));
  const step = [1, 2, 5, 10].reduce((best, one) => (off(one) < off(best) ? one : best));
  return Number((step * power).toPrecision(3));
}

/**
 * Bars of equal width, or of equal ratio where the axis is logarithmic.
 *
 * The volume of a particle goes with the cube of a length and with the 3/2 power of an
 * area; `dimension` says which the values are (1 or 2).
 */
export function histogram(
  data: { ids: readonly number[]; values: readonly number[] },
  options: HistogramOptions,
  dimension: number,
): Bin[] {
  const keep = data.values.map(
    (value) => Number.isFinite(value) && (!options.logarithmic || value > 0),
  );
  const values = data.values.filter((_, i) => keep[i]);
  const ids = data.ids.filter((_, i) => keep[i]);
  if (values.length === 0) return [];
  const edges = options.logarithmic ? ratioEdges(values) : evenEdges(values, options.width);
  const weights = values.map((value) =>
    options.weight === "number" ? 1 : Math.max(0, value) ** (3 / dimension),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const unit = options.weight === "number" || total === 0 ? 1 : 100 / total;
  const heights = new Float64Array(edges.length - 1);
  const members: number[][] = Array.from(heights, () => []);
  values.forEach((value, i) => {
    const at = binOf(edges, value);
    heights[at] += weights[i] * unit;
    members[at].push(ids[i]);
  });
  return members.map((inside, i) => ({
    from: edges[i],
    to: edges[i + 1],
    height: heights[i],
    ids: inside,
  }));
}

function evenEdges(values: readonly number[], asked: number): number[] {
  const [low, high] = [min(values), max(values)];
  const width = Math.max(asked, (high - low) / MOST_BINS, Number.MIN_VALUE);
  const first = Math.floor(low / width);
  const count = Math.max(1, Math.floor(high / width) - first + 1);
  return Array.from({ length: count + 1 }, (_, i) => (first + i) * width);
}

const BINS_PER_DECADE = 12;

function ratioEdges(values: readonly number[]): number[] {
  const first = Math.floor(BINS_PER_DECADE * Math.log10(min(values)));
  const last = Math.floor(BINS_PER_DECADE * Math.log10(max(values))) + 1;
  const count = Math.min(last - first, MOST_BINS);
  return Array.from({ length: count + 1 }, (_, i) => 10 ** ((first + i) / BINS_PER_DECADE));
}

/** The last bar whose lower edge is at most the value. */
function binOf(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function min(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

function max(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}
