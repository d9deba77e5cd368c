import { expect, test, vi } from "vitest";
import {
  isOfThisWindow,
  newEditIdentifier,
  newIdentifier,
} from "../../src/state/identifier.ts";

test("identifiers are version 4 UUIDs and differ", () => {
  const many = Array.from({ length: 1000 }, newIdentifier);
  expect(new Set(many).size).toBe(1000);
  for (const one of many) {
    expect(one).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  }
});

test("a window knows its own edits from those of another", () => {
  const window = () => {
    const kept = new Map<string, string>();
    return {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
    };
  };
  const first = window();
  vi.stubGlobal("sessionStorage", first);
  const edit = newEditIdentifier();
  expect(edit).toMatch(/^[0-9A-Za-z-]{8,64}$/); // as the server wants them
  expect(isOfThisWindow(edit)).toBe(true);
  vi.stubGlobal("sessionStorage", window());
  expect(isOfThisWindow(edit)).toBe(false);
  vi.stubGlobal("sessionStorage", first);
  expect(isOfThisWindow(edit)).toBe(true);
  vi.unstubAllGlobals();
});
