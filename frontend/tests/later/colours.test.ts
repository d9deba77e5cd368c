import { expect, test } from "vitest";
import { classPixels, colourOf, cssOf } from "../../src/later/classes/colours.ts";

const classes = [1, 2, 9].map((id) => ({ id, name: `class ${id}`, n_strokes: 0 }));

test("each of twenty classes has a colour of its own", () => {
  const colours = Array.from({ length: 20 }, (_, i) => cssOf(i + 1));
  expect(new Set(colours).size).toBe(20);
});

test("a class keeps its colour when the one before it goes", () => {
  const [all, left] = [classes, [classes[0], classes[2]]].map((some) =>
    classPixels(Uint8Array.of(some.length - 1), some),
  );
  expect(all).toEqual(left);
  expect([...all]).toEqual([...colourOf(9), 255]);
});

test("the ground is faint, and what is not known is not coloured", () => {
  const pixels = classPixels(Uint8Array.of(0, 1, 255), classes);
  expect([pixels[3], pixels[7], pixels[11]]).toEqual([102, 255, 0]);
});
