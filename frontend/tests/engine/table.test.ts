import { expect, test } from "vitest";
import { ObjectTable, sizeAmong } from "../../src/engine/table.ts";

const rows = {
  columns: ["label", "area_px", "origin", "touches_edge"],
  values: [
    [1, 30, "found", false],
    [2, null, "drawn", null],
    [3, 10, "found", true],
    [4, 30, "edited", false],
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
  expect(table.row(4)).toEqual([4, 30, "edited", false]);
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

test("numbers of a column come with their objects, and only columns of one kind are offered", () => {
  const table = new ObjectTable(rows);
  expect(table.numbers("area_px")).toEqual({ ids: [1, 3, 4], values: [30, 10, 30] });
  expect(table.columnsOf("number")).toEqual(["label", "area_px"]);
  expect(table.columnsOf("boolean")).toEqual(["touches_edge"]);
});

test("an empty table takes the columns of its first rows", () => {
  const table = new ObjectTable();
  table.apply(rows, []);
  expect(table.columns).toEqual(rows.columns);
});

test("an object is accepted until an answer names its row without it", () => {
  const values = (...ids: number[]) => ({
    columns: ["label"],
    values: ids.map((id) => [id]),
  });
  const table = new ObjectTable(values(1, 2, 3), [1]);
  table.apply(values(2), [], [2]);
  expect([...table.accepted].toSorted()).toEqual([1, 2]);
  table.apply(values(1), []); // an undo of the first verdict
  expect([...table.accepted]).toEqual([2]);
});

test("of several columns the one that tells the size best is chosen", () => {
  expect(sizeAmong(["area_px", "equivalent_diameter_um"])).toBe("equivalent_diameter_um");
  expect(sizeAmong(["roundness", "area_px"])).toBe("area_px");
  expect(sizeAmong(["roundness"])).toBe("");
});
