import { expect, test } from "vitest";
import { notesOf, perArea, scaleTo, shares, trend } from "../../src/engine/groups.ts";

test("bars are shares of their own group, on the scale of the highest of all", () => {
  const { bars, top } = shares([{ counts: [1, 3] }, { counts: [10, 30, 60] }]);
  expect(bars).toEqual([
    [0.25, 0.75],
    [0.1, 0.3, 0.6],
  ]);
  expect(top).toBe(0.75);
  expect(shares([{ counts: [0, 0] }])).toEqual({ bars: [[0, 0]], top: 0 });
  expect(shares([])).toEqual({ bars: [], top: 0 });
});

test("a trend has the groups in the order of their condition, without those that cannot tell", () => {
  const told = (value: number | null) => ({
    values: { mean: { value, low: value && value - 1, high: null } },
  });
  const groups = [
    { name: "b", conditions: { ph: 9 }, ...told(5) },
    { name: "a", conditions: { ph: 4 }, ...told(7) },
    { name: "unknown", conditions: { ph: null }, ...told(7) },
    { name: "none", conditions: { ph: 5 }, ...told(null) },
  ];
  expect(trend(groups, "ph", "mean")).toEqual([
    { name: "a", at: 4, text: null, value: 7, low: 6, high: 7 },
    { name: "b", at: 9, text: null, value: 5, low: 4, high: 5 },
  ]);
  expect(trend(groups, "ph", "d50")).toEqual([]);
  expect(trend(groups, "sample", "mean")).toEqual([]);
});

test("conditions that are texts stand side by side with their intervals", () => {
  const mean = { value: 5, low: 4, high: 6 };
  const groups = ["argon", "air", null].map((gas) => ({
    name: `gas=${gas}`,
    conditions: { gas },
    values: { mean },
  }));
  expect(trend(groups, "gas", "mean")).toEqual([
    { name: "gas=argon", at: 0, text: "argon", ...mean },
    { name: "gas=air", at: 1, text: "air", ...mean },
  ]);
});

test("a density is told in the unit in which it is no tiny number", () => {
  const of = (value: number | null, unit: string) =>
    perArea({ value, low: value && value / 2, high: null, unit });
  expect(of(2e-5, "per px2")).toEqual({ value: 20, low: 10, high: null, unit: "/Mpx" });
  expect(of(2e-5, "per um2")).toEqual({ value: 20, low: 10, high: null, unit: "/mm²" });
  expect(of(0.5, "per um2")).toEqual({ value: 0.5, low: 0.25, high: null, unit: "/µm²" });
  expect(of(null, "per um2").value).toBeNull();
});

test("the least value lies at the one end and the largest at the other", () => {
  const place = scaleTo([3, 1, 2], 100, 0);
  expect([1, 2, 3].map(place)).toEqual([100, 50, 0]);
  expect(scaleTo([4, 4], 0, 10)(4)).toBe(5);
});

test("how intervals were made is told once, and of whom where it is not so of all", () => {
  const group = (name: string, note: string) => ({ name, note });
  const alike = [group("a", "By image."), group("b", "By image.")];
  expect(notesOf(alike)).toEqual(["By image."]);
  const parted = [group("a", "Narrow."), group("b", "By image."), group("c", "Narrow.")];
  expect(notesOf(parted)).toEqual(["a, c: Narrow.", "b: By image."]);
  expect(notesOf([group("a", "")])).toEqual([]);
});
