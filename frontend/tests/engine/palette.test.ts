import { expect, test } from "vitest";
import { colourOf, HUES, paletteBytes } from "../../src/engine/palette.ts";

test("consecutive numbers never share a hue, and all colours differ", () => {
  for (let id = 1; id < 500; id++)
    expect(id % HUES.length).not.toBe((id + 1) % HUES.length);
  const all = Array.from({ length: 21 }, (_, id) => colourOf(id).join());
  expect(new Set(all).size).toBe(21);
});

test("the colours of consecutive numbers, as of a split's halves, are far apart", () => {
  for (let id = 1; id < 50; id++) {
    const [one, next] = [colourOf(id), colourOf(id + 1)];
    expect(Math.hypot(...one.map((channel, at) => channel - next[at]))).toBeGreaterThan(
      110,
    );
  }
});

test("the texture holds the colour of each number", () => {
  const bytes = paletteBytes();
  expect(bytes).toHaveLength(4 * 21);
  expect(Array.from(bytes.slice(40, 43))).toEqual(colourOf(10));
});
