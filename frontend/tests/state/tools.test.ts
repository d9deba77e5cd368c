import { expect, test } from "vitest";
import { WIDEST, widened } from "../../src/state/tools.ts";

test("a brush grows by coarser steps the wider it is, and stays within its limits", () => {
  expect([1, 19, 20, 59, 60].map((width) => widened(width, 1))).toEqual([
    2, 20, 24, 63, 70,
  ]);
  expect(widened(1, -3)).toBe(1);
  expect(widened(WIDEST - 1, 5)).toBe(WIDEST);
});
