import { expect, test } from "vitest";
import { filled } from "../../src/text/filled.ts";

test("values are put in, and what has none stays in sight", () => {
  expect(filled("{done} of {all}", { done: 1, all: 12 })).toBe("1 of 12");
  expect(filled("{done} of {all}", { all: "12,345" })).toBe("{done} of 12,345");
});

test("one is one, and all else is more", () => {
  const told = (n: string | number) => filled("{n} {n:object is|objects are} left", { n });
  expect(told(1)).toBe("1 object is left");
  expect(told("1")).toBe("1 object is left");
  expect(told(0)).toBe("0 objects are left");
  expect(told("1,001")).toBe("1,001 objects are left");
});
