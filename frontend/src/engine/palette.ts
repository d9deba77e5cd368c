/** One colour per object: seven hues that colour-blind people tell apart, in three depths. */

/** After Okabe and Ito, without black and without the grey that pictures are made of. */
export const HUES: readonly (readonly [number, number, number])[] = [
  [230, 159, 0],
  [0, 114, 178],
  [204, 121, 167],
  [0, 158, 115],
  [240, 228, 66],
  [86, 180, 233],
  [213, 94, 0],
];

/** How far a hue goes towards white (above 0) or black (below 0). */
export const DEPTHS: readonly number[] = [0, 0.35, -0.3];

/**
 * The colour of an object. Consecutive numbers, which the parts of a split and objects
 * side by side mostly have, are far apart in hue: hence the order above.
 */
export function colourOf(id: number): [number, number, number] {
  const hue = HUES[id % HUES.length];
  const depth = DEPTHS[Math.floor(id / HUES.length) % DEPTHS.length];
  const target = depth > 0 ? 255 : 0;
  const mix = (channel: number) =>
    Math.round(channel + (target - channel) * Math.abs(depth));
  return [mix(hue[0]), mix(hue[1]), mix(hue[2])];
}

/** All colours in the order of the numbers, four bytes each, for a texture. */
export function paletteBytes(): Uint8Array {
  const count = HUES.length * DEPTHS.length;
  const bytes = new Uint8Array(4 * count);
  for (let id = 0; id < count; id++) bytes.set([...colourOf(id), 255], 4 * id);
  return bytes;
}
