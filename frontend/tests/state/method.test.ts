import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepMethod, keptMethod } from "../../src/state/method.ts";

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
});
afterEach(() => vi.unstubAllGlobals());

const NO_LINES = { enabled: false, grey: "none" } as const;

test("each project has its own method and values, and a new one the automatic", () => {
  const thin = { enabled: true, grey: "green" } as const;
  const chosen = { method: "threshold", options: { min_area: 50, dark: true }, thin };
  keepMethod("powder", chosen);
  keepMethod("cells", { method: "nuclei", options: {}, thin: NO_LINES });
  expect(keptMethod("powder")).toEqual(chosen);
  expect(keptMethod("cells").method).toBe("nuclei");
  expect(keptMethod("new")).toEqual({ method: "auto", options: {}, thin: NO_LINES });
});
