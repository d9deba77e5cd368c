import { expect, test } from "vitest";
import {
  columnName,
  digitsFor,
  dimensionOf,
  numberIn,
  numberText,
  ticks,
} from "../../src/engine/format.ts";

test("a column's name is parted into words and unit", () => {
  expect(columnName("area_um2")).toEqual({ name: "area", unit: "µm²" });
  expect(columnName("equivalent_diameter_px")).toEqual({
    name: "equivalent diameter",
    unit: "px",
  });
  expect(columnName("solidity")).toEqual({ name: "solidity", unit: "" });
  expect(columnName("density_per_mm2")).toEqual({ name: "density", unit: "/mm²" });
  expect(columnName("area_mm2")).toEqual({ name: "area", unit: "mm²" });
});

test("numbers keep three digits whatever their size", () => {
  expect([1.2345, 123.4, 0.01234, 0, 1234567, 12, null].map((n) => numberText(n))).toEqual([
    "1.23",
    "123",
    "0.0123",
    "0",
    "1.23e+6",
    "12.0",
    "–",
  ]);
});

test("an area goes with the square of a length", () => {
  expect([dimensionOf("area_um2"), dimensionOf("feret_diameter_max_um")]).toEqual([2, 1]);
});

test("the ends of an axis are told apart, however near they are", () => {
  expect(digitsFor(0, 5)).toBe(3);
  for (const [low, high] of [
    [1.0, 1.004],
    [250, 250.5],
    [0.00123, 0.00124],
  ]) {
    const digits = digitsFor(low, high);
    expect(numberText(low, digits)).not.toBe(numberText((low + high) / 2, digits));
    expect(numberText(high, digits)).not.toBe(numberText((low + high) / 2, digits));
  }
  expect(digitsFor(2, 2)).toBe(3);
});

test("the numbers at an axis have the same decimals, and none where all are whole", () => {
  expect(ticks([10, 110, 220])).toEqual(["10", "110", "220"]);
  expect(ticks([0, 0.6, 1.2])).toEqual(["0.00", "0.60", "1.20"]);
  expect(ticks([12.5, 22.5, 37.5])).toEqual(["12.5", "22.5", "37.5"]);
  expect(ticks([0.00001, 0.00002])).toEqual(["1.00e-5", "2.00e-5"]);
  expect(ticks([7])).toEqual(["7.00"]);
  expect(ticks([])).toEqual([]);
});

test("a number is read with a point as with a comma, and nothing of it is dropped", () => {
  const read = ["0,5", "0.5", " 12 ", ",5", "1,25", "0,125", "1e-3", "-2", "1234,567", ""];
  expect(read.map(numberIn)).toEqual([
    0.5,
    0.5,
    12,
    0.5,
    1.25,
    0.125,
    0.001,
    -2,
    1234.567,
    null,
  ]);
});

test("what is not clearly one number is none", () => {
  const texts = [
    "1,000",
    "12,345",
    "1.000,5",
    "1 000",
    "5 nm",
    "0x10",
    "--1",
    ",",
    "1e999",
  ];
  for (const text of texts) expect(numberIn(text), text).toBeNaN();
});
