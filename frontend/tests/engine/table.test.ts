import { expect, test } from "vitest";
import { ObjectTable } from "../../src/engine/table.ts";

const rows = {
  columns: ["label", "area_px", "origin"],
  values: [
    [1, 30, "found"],
    [2, null, "drawn"],
    [3, 10, "found"],
    [4, 30, "edited"],
  ],
};

test("rows are changed, added and taken out by their number", () => {
  const table = new ObjectTable(rows);
  table.apply(
    {
      columns: ["area_px", "label"],
      values: [
        [99, 3],
        [5, 7],
      ],
    },
    [1],
  );
  expect(table.size).toBe(4);
  expect(table.value(3, "area_px")).toBe(99);
  expect(table.value(7, "origin")).toBeNull();
  expect(table.has(1)).toBe(false);
  expect(table.row(4)).toEqual([4, 30, "edited"]);
});

test("sorting puts empty cells last both ways and keeps ties in order of number", () => {
  const table = new ObjectTable(rows);
  expect(table.sorted("area_px")).toEqual([3, 1, 4, 2]);
  expect(table.sorted("area_px", { descending: true })).toEqual([1, 4, 3, 2]);
  expect(table.sorted("origin")).toEqual([2, 4, 1, 3]);
});

test("a filter keeps what is within its limits, ends included", () => {
  const table = new ObjectTable(rows);
  expect(table.matching([{ column: "area_px", low: 10, high: 29 }])).toEqual([3]);
  expect(table.matching([{ column: "area_px", low: 30, high: null }])).toEqual([1, 4]);
  expect(table.matching([])).toHaveLength(4);
});

test("numbers of a column come with their objects, and only columns of numbers are offered", () => {
  const table = new ObjectTable(rows);
  expect(table.numbers("area_px")).toEqual({ ids: [1, 3, 4], values: [30, 10, 30] });
  expect(table.numberColumns()).toEqual(["label", "area_px"]);
});

test("an empty table takes the columns of its first rows", () => {
  const table = new ObjectTable();
  table.apply(rows, []);
  expect(table.columns).toEqual(rows.columns);
});
