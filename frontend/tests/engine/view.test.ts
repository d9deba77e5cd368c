import { expect, test } from "vitest";
import type { CalibrationFound } from "../../src/api/calibration.ts";
import {
  centreOn,
  fitted,
  hasFoot,
  keyStep,
  levelFor,
  oneToOne,
  panBy,
  resized,
  shown,
  toPicture,
  toWindow,
  visiblePart,
  zoomAbout,
} from "../../src/engine/view.ts";
import { dice } from "../dice.ts";

const size = { width: 4096, height: 2048 };
const start = { width: 1000, height: 700, ratio: 2, scale: 1, left: 0, top: 0 };

test("the part for a preview is visible, inside the picture, and not too large", () => {
  const roll = dice(3);
  for (let turn = 0; turn < 300; turn++) {
    const scale = 2 ** ((roll() % 80) / 10 - 4);
    const [left, top] = [(roll() % 4000) - 3000, (roll() % 2000) - 1500];
    const view = { ...start, scale, left, top };
    const part = visiblePart(view, size, 2 ** 20);
    if (part === null) continue;
    const seen = shown(view);
    expect(part.width * part.height).toBeLessThanOrEqual(2 ** 20);
    expect(part.x).toBeGreaterThanOrEqual(Math.max(0, Math.floor(seen.x)));
    expect(part.y).toBeGreaterThanOrEqual(Math.max(0, Math.floor(seen.y)));
    expect(part.x + part.width).toBeLessThanOrEqual(
      Math.min(size.width, Math.ceil(seen.x + seen.width)),
    );
    expect(part.y + part.height).toBeLessThanOrEqual(
      Math.min(size.height, Math.ceil(seen.y + seen.height)),
    );
  }
  expect(visiblePart({ ...start, left: 5000 }, size, 2 ** 20)).toBeNull();
});

test("an arrow key goes about four points of the window, and never less than a pixel", () => {
  expect([0.1, 1, 2, 8, 64].map((scale) => keyStep({ ...start, scale }))).toEqual([
    40, 4, 2, 1, 1,
  ]);
});

test("a fitted picture lies whole and centred in the window", () => {
  const view = fitted(start, size);
  const [left, top] = toWindow(view, 0, 0);
  const [right, bottom] = toWindow(view, size.width, size.height);
  expect(left + right).toBeCloseTo(1000);
  expect(top + bottom).toBeCloseTo(700);
  expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
  expect(Math.max(right - 1000, bottom - 700)).toBeLessThanOrEqual(0);
});

test("what is written at a picture's foot lies above the boxes of the window", () => {
  const tall = { width: 1000, height: 1000 };
  const view = fitted(start, tall, true);
  const [, top] = toWindow(view, 0, 0);
  const [, bottom] = toWindow(view, 1000, 1000);
  expect(view.height).toBe(start.height);
  expect(top).toBeCloseTo(16);
  expect(bottom).toBeCloseTo(start.height - 16 - 36);

  const plain = { banner: null, rectangles: [], regions: [], only: false };
  const unknown = { pixel_size: null, unit: null, source: null, agrees: null, found: [] };
  const picture = { height: 1000, excluded: plain, calibration: unknown };
  expect(hasFoot(picture)).toBe(false);
  expect(hasFoot({ ...picture, excluded: { ...plain, banner: [940, 1000] } })).toBe(true);
  expect(hasFoot({ ...picture, excluded: { ...plain, banner: [0, 60] } })).toBe(false);
  const bar = (y: number): CalibrationFound => ({
    ...{ source: "bar", pixel_size: 1, unit: "nm", evidence: "" },
    line: [
      [10, y],
      [90, y],
    ],
  });
  for (const [y, expected] of [
    [970, true],
    [100, false],
  ] as const) {
    const calibration = { ...unknown, found: [bar(y)] };
    expect(hasFoot({ ...picture, calibration })).toBe(expected);
  }
});

test("zooming keeps what lies under the pointer where it is", () => {
  const next = dice(2);
  let view = fitted(start, size);
  for (let trial = 0; trial < 300; trial++) {
    const at = { x: 300 + (next() % 400), y: 250 + (next() % 200) };
    const before = toPicture(view, at.x, at.y);
    const closer = zoomAbout(view, at, 0.5 + (next() % 1000) / 500, size);
    const [x, y] = toPicture(closer, at.x, at.y);
    const isHeld =
      before[0] > 0 && before[1] > 0 && before[0] < size.width && before[1] < size.height;
    if (isHeld) expect(Math.hypot(x - before[0], y - before[1])).toBeLessThan(1e-6);
    view = closer;
  }
});

test("window and picture coordinates are each other's inverse", () => {
  const view = { ...start, scale: 0.37, left: -13.5, top: 88 };
  const [x, y] = toPicture(view, ...toWindow(view, 123, 456));
  expect([x, y]).toEqual([expect.closeTo(123), expect.closeTo(456)]);
});

test("1:1 puts one picture pixel on one device pixel", () => {
  expect(oneToOne(fitted(start, size), size).scale * 2).toBeCloseTo(1);
});

test("a picture cannot be moved out of sight", () => {
  const view = panBy(fitted(start, size), 1e6, -1e6, size);
  const area = shown(view);
  expect(area.x).toBeLessThan(size.width);
  expect(area.y).toBeLessThan(size.height);
  expect(area.x + area.width).toBeGreaterThan(0);
});

test("the level's pixels are never larger than the device's", () => {
  for (const scale of [0.01, 0.13, 0.25, 0.5, 0.9, 3]) {
    const z = levelFor({ ...start, scale }, 8);
    expect(scale * start.ratio * 2 ** z).toBeLessThanOrEqual(
      Math.max(1, scale * start.ratio) + 1e-5,
    );
  }
  expect(levelFor({ ...start, scale: 0.001 }, 3)).toBe(3);
});

test("another window shape keeps the middle, and centring brings a point there", () => {
  const view = { ...start, scale: 2, left: -900, top: -700 };
  expect(toPicture(resized(view, 600, 500, 1), 300, 250)).toEqual(
    toPicture(view, 500, 350),
  );
  expect(toPicture(centreOn(view, 800, 400, size), 500, 350)).toEqual([800, 400]);
  // At a corner the picture goes on filling the window, but for a rim.
  const corner = centreOn(view, 0, 0, size);
  expect([corner.left, corner.top]).toEqual([64, 64]);
  const other = centreOn(view, size.width, size.height, size);
  expect(other.left + 2 * size.width).toBe(view.width - 64);
  // What is smaller than the window stays in its middle.
  const small = centreOn({ ...view, scale: 0.1 }, 0, 0, size);
  expect(toPicture(small, view.width / 2, view.height / 2)).toEqual([
    size.width / 2,
    size.height / 2,
  ]);
});
