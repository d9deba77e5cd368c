import { expect, test } from "vitest";
import { histogram, moments, roundWidth } from "../../src/engine/statistics.ts";
import { dice } from "../dice.ts";

const data = (values: number[]) => ({ values, ids: values.map((_, i) => i + 1) });

test("mean, median and sample deviation of a list that one can do by hand", () => {
  expect(moments([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
    n: 8,
    mean: 5,
    median: 4.5,
    sd: Math.sqrt(32 / 7),
  });
  expect(moments([3])?.sd).toBeNaN();
  expect(moments([])).toBeNull();
});

test.each([
  [true, "number"],
  [false, "number"],
  [true, "volume"],
  [false, "volume"],
] as const)("every value is in one bar and between its edges (logarithmic %s, by %s)", (logarithmic, weight) => {
  const next = dice(6);
  for (let trial = 0; trial < 50; trial++) {
    const values = Array.from(
      { length: 1 + (next() % 200) },
      () => (1 + (next() % 5000)) / 100,
    );
    const bins = histogram(
      data(values),
      { width: 0.25 * (1 + (next() % 20)), logarithmic, weight },
      1,
    );
    expect(bins.flatMap(({ ids }) => ids).toSorted((a, b) => a - b)).toEqual(
      values.map((_, i) => i + 1),
    );
    for (const bin of bins) {
      for (const id of bin.ids) {
        expect(values[id - 1]).toBeGreaterThanOrEqual(bin.from * (1 - 1e-12));
        expect(values[id - 1]).toBeLessThanOrEqual(bin.to * (1 + 1e-12));
      }
    }
    const total = bins.reduce((sum, { height }) => sum + height, 0);
    expect(total).toBeCloseTo(weight === "number" ? values.length : 100);
  }
});

test("by volume one sphere of twice the diameter weighs as eight", () => {
  const bins = histogram(
    data([1, 2]),
    { width: 1, logarithmic: false, weight: "volume" },
    1,
  );
  expect(bins.map(({ height }) => height)).toEqual([
    expect.closeTo(100 / 9),
    expect.closeTo(800 / 9),
  ]);
  const areas = histogram(
    data([1, 4]),
    { width: 3, logarithmic: false, weight: "volume" },
    2,
  );
  expect(areas.at(-1)?.height).toBeCloseTo(800 / 9);
});

test("a logarithmic axis leaves out what is not above zero", () => {
  expect(
    histogram(data([0, -1]), { width: 1, logarithmic: true, weight: "number" }, 1),
  ).toEqual([]);
});

test("a tiny bin width does not make endless bars", () => {
  const bins = histogram(
    data([0, 1000]),
    { width: 1e-9, logarithmic: false, weight: "number" },
    1,
  );
  expect(bins.length).toBeLessThan(500);
});

test("the bin width offered is the rule of Freedman and Diaconis, rounded", () => {
  // 0 to 146 in steps of one: quartiles 36.5 and 109.5, so 2 * 73 / 147^(1/3) = 27.7.
  const steps = Array.from({ length: 147 }, (_, i) => i);
  expect(roundWidth(steps)).toBe(20);
  expect(roundWidth(steps.map((value) => value / 1000))).toBe(0.02);
  expect(roundWidth(steps.map((value) => value * 2))).toBe(50);
  expect(roundWidth([])).toBe(1);
  expect(roundWidth([5, 5])).toBe(0.5);
  expect(roundWidth([0])).toBe(1);
});

test("a value far off the rest does not make the bars too thin to see", () => {
  const values = [...Array.from({ length: 200 }, (_, i) => 10 + i / 1000), 90];
  const width = roundWidth(values);
  const bins = histogram(data(values), { width, logarithmic: false, weight: "number" }, 1);
  expect(bins.length).toBeGreaterThan(20);
  expect(bins.length).toBeLessThanOrEqual(82);
});
