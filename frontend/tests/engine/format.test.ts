import { expect, test } from "vitest";
import { columnName, dimensionOf, numberText } from "../../src/engine/format.ts";

test("a column's name is parted into words and unit", () => {
  expect(columnName("area_um2")).toEqual({ name: "area", unit: "µm²" });
  expect(columnName("equivalent_diameter_px")).toEqual({
    name: "equivalent diameter",
    unit: "px",
  });
  expect(columnName("solidity")).toEqual({ name: "solidity", unit: "" });
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
