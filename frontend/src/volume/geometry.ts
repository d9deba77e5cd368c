/** Planes of a volume: which axes each shows, which way round, and where voxels are in it. */

/** Z, Y, X, as in the arrays of the server. */
export type Axis = 0 | 1 | 2;
export type Triple = readonly [z: number, y: number, x: number];
export const AXES = ["z", "y", "x"] as const;
export const PLANES = ["axial", "coronal", "sagittal"] as const;
export type PlaneName = (typeof PLANES)[number];

export interface Plane {
  readonly name: PlaneName;
  /** What its slices follow one another along, and what it shows to the right and down. */
  readonly normal: Axis;
  readonly across: Axis;
  readonly down: Axis;
  /** Whether indices grow to the left, and upwards. */
  readonly turnsX: boolean;
  readonly turnsY: boolean;
  /** The patient's sides at the left, right, upper and lower edge; null: nobody knows. */
  readonly sides: readonly [string, string, string, string] | null;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where voxels are: the edge before index i is at `x + i * perX`, and so downwards. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly perX: number;
  readonly perY: number;
}

const OPPOSITE: Readonly<Record<string, string>> = {
  L: "R",
  R: "L",
  A: "P",
  P: "A",
  S: "I",
  I: "S",
};
// As radiologists look: from the feet, from the front, and from the left side.
const SHOWN = {
  axial: { normal: "SI", across: "RL", down: "AP" },
  coronal: { normal: "AP", across: "RL", down: "SI" },
  sagittal: { normal: "RL", across: "AP", down: "SI" },
} as const;

/**
 * The three planes of a volume whose x, y and z grow towards these sides of a patient, as
 * "LPS". Where nobody knows, they are those across z, y and x, with all indices growing
 * to the right and down.
 */
export function planesOf(orientation: string): Plane[] {
  const isKnown = [..."RAS"].every((side) =>
    [side, OPPOSITE[side]].some((letter) => orientation.includes(letter)),
  );
  const letters = isKnown ? orientation : "LPI";
  const axisOf = (sides: string) =>
    (2 - [...letters].findIndex((letter) => sides.includes(letter))) as Axis;
  return PLANES.map((name) => {
    const [normal, across, down] = (["normal", "across", "down"] as const).map((part) =>
      axisOf(SHOWN[name][part]),
    );
    // The first of the two letters belongs at the left, or at the top.
    const turnsX = letters[2 - across] === SHOWN[name].across[0];
    const turnsY = letters[2 - down] === SHOWN[name].down[0];
    const [left, top] = [SHOWN[name].across[0], SHOWN[name].down[0]];
    const sides = [left, OPPOSITE[left], top, OPPOSITE[top]] as const;
    return { name, normal, across, down, turnsX, turnsY, sides: isKnown ? sides : null };
  });
}

/** Distances between voxels as they are shown: what is unknown is as long as another side. */
export function shownSpacing(spacing: readonly (number | null)[] | null): Triple {
  const known = spacing?.find((side) => side !== null) ?? 1;
  const [z, y, x] = spacing ?? [1, 1, 1];
  return [z ?? x ?? known, y ?? known, x ?? known];
}

/** CSS pixels per mm at which every plane fits its window, all of them alike. */
export function fitScale(
  planes: readonly Plane[],
  shape: Triple,
  spacing: Triple,
  { width, height }: Size,
): number {
  const scales = planes.flatMap(({ across, down }) => [
    width / (shape[across] * spacing[across]),
    height / (shape[down] * spacing[down]),
  ]);
  return Math.min(...scales);
}

/** Where voxels are in a window in whose middle the voxel `centre` is. */
export function frameOf(
  plane: Plane,
  spacing: Triple,
  { width, height }: Size,
  scale: number,
  centre: Triple,
): Frame {
  const perX = scale * spacing[plane.across] * (plane.turnsX ? -1 : 1);
  const perY = scale * spacing[plane.down] * (plane.turnsY ? -1 : 1);
  return {
    perX,
    perY,
    x: width / 2 - perX * (centre[plane.across] + 0.5),
    y: height / 2 - perY * (centre[plane.down] + 0.5),
  };
}

/** Where the middle of a voxel is in the window. */
export function placeOf(plane: Plane, frame: Frame, voxel: Triple): [number, number] {
  return [
    frame.x + frame.perX * (voxel[plane.across] + 0.5),
    frame.y + frame.perY * (voxel[plane.down] + 0.5),
  ];
}

/** The voxel of the slice through `cursor` that is at a place of the window. */
export function voxelAt(
  plane: Plane,
  frame: Frame,
  at: readonly [number, number],
  cursor: Triple,
): Triple {
  return withAxes(cursor, [
    [plane.across, Math.floor((at[0] - frame.x) / frame.perX)],
    [plane.down, Math.floor((at[1] - frame.y) / frame.perY)],
  ]);
}

/** A voxel with other indices along some axes. */
export function withAxes(
  voxel: Triple,
  changes: readonly (readonly [Axis, number])[],
): Triple {
  const next: [number, number, number] = [...voxel];
  for (const [axis, index] of changes) next[axis] = index;
  return next;
}

export const isInside = (voxel: Triple, shape: Triple) =>
  voxel.every((index, axis) => index >= 0 && index < shape[axis]);

/** The nearest voxel that the volume has. */
export function clamped(voxel: readonly number[], shape: Triple): Triple {
  const [z, y, x] = voxel.map((index, axis) =>
    Math.max(0, Math.min(shape[axis] - 1, Math.round(index))),
  );
  return [z, y, x];
}

/** The axes of the rows and columns in which the server sends slices across an axis. */
export function axesOfSlice(normal: Axis): readonly [rows: Axis, columns: Axis] {
  return normal === 0 ? [1, 2] : normal === 1 ? [0, 2] : [0, 1];
}

/** For `setTransform`: from columns and rows of a slice to places of the window. */
export function matrixOf(
  plane: Plane,
  { x, y, perX, perY }: Frame,
): [number, number, number, number, number, number] {
  const [, columns] = axesOfSlice(plane.normal);
  return plane.across === columns ? [perX, 0, 0, perY, x, y] : [0, perY, perX, 0, x, y];
}

/** Where a voxel's value is in a slice across an axis through it. */
export function offsetIn(normal: Axis, voxel: Triple, shape: Triple): number {
  const [rows, columns] = axesOfSlice(normal);
  return voxel[rows] * shape[columns] + voxel[columns];
}
