/** A map of probabilities as pixels to lay over the picture. */

const OVER = [230, 126, 0] as const; // orange and blue: told apart by all colour-blind people
const UNDER = [0, 114, 178] as const;
const OPACITY = 0.8;

/** Four bytes for each: the likelier, the less of the picture is seen; over the cutoff orange. */
export function mapPixels(map: Uint8Array, cutoff: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * map.length);
  for (const [at, likely] of map.entries()) {
    const [red, green, blue] = likely > 255 * cutoff ? OVER : UNDER;
    const k = 4 * at;
    [pixels[k], pixels[k + 1], pixels[k + 2]] = [red, green, blue];
    pixels[k + 3] = OPACITY * likely;
  }
  return pixels;
}
