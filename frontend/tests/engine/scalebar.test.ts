import { expect, test } from "vitest";
import { lengthText, scaleBar } from "../../src/engine/scalebar.ts";

test("the bar has a round length and is never wider than asked", () => {
  for (let scale = 0.01; scale < 60; scale *= 1.17) {
    const bar = scaleBar(4.52, "nm", scale, 150);
    expect(bar.pixels).toBeLessThanOrEqual(150 + 1e-6);
    expect(bar.pixels).toBeGreaterThan(59);
    expect(bar.text).toMatch(/^[125]0{0,2} (nm|µm|mm)$|^0\.[125] nm$/);
  }
});

test("the bar's length on the screen is that of the picture", () => {
  const bar = scaleBar(2, "nm", 0.5, 160);
  expect(bar).toEqual({ pixels: 125, text: "500 nm" });
});

test("lengths take the unit that a person would choose", () => {
  expect([200, 2000, 2_000_000, 2500].map(lengthText)).toEqual([
    "200 nm",
    "2 µm",
    "2 mm",
    "2.5 µm",
  ]);
});
