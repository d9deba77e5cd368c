import { expect, test } from "vitest";
import { mapPixels } from "../../src/engine/map.ts";

test("pixels over the cutoff have another colour, and likelier ones hide more", () => {
  const pixels = mapPixels(Uint8Array.from([0, 100, 127, 128, 255]), 0.5);
  const colours = [0, 1, 2, 3, 4].map((at) => pixels.slice(4 * at, 4 * at + 3).join());
  expect(new Set(colours.slice(0, 3)).size).toBe(1);
  expect(new Set(colours.slice(3)).size).toBe(1);
  expect(colours[0]).not.toBe(colours[4]);
  const opacities = [0, 1, 2, 3, 4].map((at) => pixels[4 * at + 3]);
  expect(opacities[0]).toBe(0);
  expect(opacities).toEqual(opacities.toSorted((a, b) => a - b));
  expect(opacities[4]).toBeLessThan(255);
});

test("exactly the pixels over any cutoff are told apart", () => {
  const all = Uint8Array.from({ length: 256 }, (_, k) => k);
  for (const cutoff of [0.02, 0.3, 0.5, 0.77, 0.99]) {
    const pixels = mapPixels(all, cutoff);
    const over = [...all].filter((k) => pixels[4 * k] === pixels[4 * 255]);
    expect(over).toEqual([...all].filter((k) => k > 255 * cutoff));
  }
});
