import { expect, test } from "vitest";
import { actionOf, KEYS } from "../../src/state/keys.ts";

const press = (key: string, over: object = {}) =>
  actionOf({
    key,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    target: null,
    ...over,
  });

test("no key does two things", () => {
  const keys = Object.values(KEYS).map(([key]) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

test("letters work in both cases and with the keyboard's own shift", () => {
  expect([press("d"), press("D"), press("?", { shiftKey: true }), press("[")]).toEqual([
    "draw",
    "draw",
    "help",
    "thinner",
  ]);
});

test("undo and redo need Ctrl, or the Mac's own key", () => {
  expect(press("z", { ctrlKey: true })).toBe("undo");
  expect(press("Z", { metaKey: true, shiftKey: true })).toBe("redo");
  expect(press("y", { ctrlKey: true })).toBe("redo");
  expect(press("z")).toBeNull();
});

test("the browser keeps its own keys and a text field its letters", () => {
  expect(press("r", { ctrlKey: true })).toBeNull();
  expect(press("d", { altKey: true })).toBeNull();
  expect(press("d", { target: { tagName: "INPUT", type: "number" } })).toBeNull();
  expect(press("d", { target: { tagName: "SELECT" } })).toBeNull();
  expect(press("d", { target: { tagName: "INPUT", type: "range" } })).toBe("draw");
});
