import { expect, test } from "vitest";
import { colourOf } from "../../src/engine/palette.ts";
import {
  areHounsfield,
  firstWindow,
  greysOf,
  meant,
  outlines,
  PRESETS,
  paintGreys,
  paintLabels,
} from "../../src/volume/values.ts";
import { dice } from "../dice.ts";

const EXACT = { slope: 1, intercept: 0 };

function shown(values: number[], window: { centre: number; width: number }): number[] {
  const out = new Uint32Array(values.length);
  paintGreys(Int16Array.from(values), greysOf(window, EXACT), out);
  return Array.from(out, (colour) => colour & 0xff);
}

test("a window is black below, white above, and linear between", () => {
  const window = { centre: 40, width: 400 };
  expect(shown([-2000, -160, 40, 240, 3000], window)).toEqual([0, 0, 128, 255, 255]);
});

test("every colour is opaque and grey", () => {
  const greys = greysOf(PRESETS.lung, EXACT);
  const isGrey = (colour: number) =>
    colour >>> 24 === 255 &&
    (colour & 255) === ((colour >> 8) & 255) &&
    (colour & 255) === ((colour >> 16) & 255);
  expect(greys.every(isGrey)).toBe(true);
  expect(new Set(greys).size).toBe(256);
});

test("stored numbers are windowed by their values", () => {
  const stored = { slope: 0.5, intercept: 100 };
  expect(meant(-200, stored)).toBe(0);
  const greys = greysOf({ centre: 50, width: 100 }, stored);
  expect(greys[-200 + 2 ** 15] & 255).toBe(0);
  expect(greys[0 + 2 ** 15] & 255).toBe(255);
});

test("objects have the colours of the app, and the ground is clear", () => {
  const out = new Uint32Array(4);
  paintLabels(Uint32Array.of(0, 5, 5, 0), out);
  const [red, green, blue] = colourOf(5);
  expect(out[0]).toBe(0);
  expect(out[3]).toBe(0);
  expect([out[1] & 255, (out[1] >> 8) & 255, (out[1] >> 16) & 255]).toEqual([
    red,
    green,
    blue,
  ]);
  paintLabels(Uint32Array.of(0, 5), out, true);
  expect(out[1]).toBe(0xffffffff);
});

test("the outline of a box is its four sides", () => {
  const labels = new Uint32Array(6 * 5);
  for (const [x, y] of [
    [1, 1],
    [2, 1],
    [3, 1],
    [1, 2],
    [2, 2],
    [3, 2],
  ])
    labels[y * 6 + x] = 4;
  const lines = outlines(labels, 6);
  expect([...lines.keys()]).toEqual([4]);
  const sides = lines.get(4)!;
  expect(sides.length).toBe(4 * 4);
  expect(new Set(chunked(sides))).toEqual(
    new Set(["1,1,4,1", "1,3,4,3", "1,1,1,3", "4,1,4,3"]),
  );
});

test("objects that touch, and the edge of the slice, are outlined too", () => {
  const lines = outlines(Uint32Array.of(1, 2), 2);
  expect(new Set(chunked(lines.get(1)!))).toEqual(
    new Set(["0,0,1,0", "0,1,1,1", "0,0,0,1", "1,0,1,1"]),
  );
  expect(lines.get(2)!.length).toBe(4 * 4);
});

test("the length of all outlines is the number of sides between different voxels", () => {
  const roll = dice(3);
  const [width, height] = [9, 7];
  const labels = Uint32Array.from({ length: width * height }, () => roll() % 3);
  let [sides, length] = [0, 0];
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : labels[y * width + x];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (at(x, y) === 0) continue;
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ]) {
        sides += Number(at(x + dx, y + dy) !== at(x, y));
      }
    }
  }
  for (const line of outlines(labels, width).values()) {
    for (let k = 0; k < line.length; k += 4) {
      length += line[k + 2] - line[k] + (line[k + 3] - line[k + 1]);
    }
  }
  expect(length).toBe(sides);
});

function chunked(line: number[]): string[] {
  return Array.from({ length: line.length / 4 }, (_, k) =>
    line.slice(4 * k, 4 * k + 4).join(","),
  );
}

test("what is less than air is left out of the first window of Hounsfield units alone", () => {
  const scan = { low: -3024, high: 3071, window: [-3000, 1200] } as const;
  expect(areHounsfield(scan)).toBe(true);
  expect(firstWindow(scan)).toEqual([-1024, 1200]);
  const bytes = { low: 0, high: 255, window: [10, 200] } as const;
  expect(areHounsfield(bytes)).toBe(false);
  expect(firstWindow(bytes)).toEqual([10, 200]);
  const difference = { low: -30000, high: 30000, window: [-9000, 9000] } as const;
  expect(firstWindow(difference)).toEqual([-9000, 9000]);
});
