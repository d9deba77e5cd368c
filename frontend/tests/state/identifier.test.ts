import { expect, test } from "vitest";
import { newIdentifier } from "../../src/state/identifier.ts";

test("identifiers are version 4 UUIDs and differ", () => {
  const many = Array.from({ length: 1000 }, newIdentifier);
  expect(new Set(many).size).toBe(1000);
  for (const one of many) {
    expect(one).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  }
});
