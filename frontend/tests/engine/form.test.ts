import { expect, test } from "vitest";
import { fieldsOf, problemOf } from "../../src/engine/form.ts";

const fields = fieldsOf({
  properties: {
    min_area: {
      type: "integer",
      minimum: 1,
      default: 16,
      description: "Smaller objects are dropped.",
    },
    method: { enum: ["otsu", "li"], default: "otsu" },
    separate: { type: "boolean", default: true },
    sigma: {
      anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "null" }],
      default: null,
    },
    note: { type: "string", default: "", title: "A note" },
    nested: { type: "object" },
    either: { anyOf: [{ type: "number" }, { type: "string" }] },
  },
});

test("each property that a form can show becomes a field of its kind", () => {
  expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
    ["min_area", "number"],
    ["method", "choice"],
    ["separate", "yes-no"],
    ["sigma", "number"],
    ["note", "text"],
  ]);
  expect(fields[0]).toMatchObject({
    title: "Min area",
    help: "Smaller objects are dropped.",
    whole: true,
    low: 1,
  });
  expect(fields[3].optional).toBe(true);
  expect(fields[4].title).toBe("A note");
});

test("a value is judged as the schema says", () => {
  expect(problemOf(fields[0], 16)).toBeNull();
  expect(problemOf(fields[0], 1.5)).toBe("whole");
  expect(problemOf(fields[0], 0)).toBe("range");
  expect(problemOf(fields[0], null)).toBe("needed");
  expect(problemOf(fields[0], "many")).toBe("unclear");
  expect(problemOf(fields[0], Number.NaN)).toBe("unclear");
  expect(problemOf(fields[3], null)).toBeNull();
  expect(problemOf(fields[1], "li")).toBeNull();
});

test("a schema without properties gives an empty form", () =>
  expect(fieldsOf({})).toEqual([]));
