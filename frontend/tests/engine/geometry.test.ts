import { expect, test } from "vitest";
import {
  around,
  lastLevel,
  levelSize,
  overlap,
  parent,
  tileBox,
  tilesIn,
} from "../../src/engine/geometry.ts";
import { dice } from "../dice.ts";

const size = { width: 5000, height: 2600 };

test("the overlap of two boxes is in both and the box around them holds both", () => {
  const a = { x: 0, y: 0, width: 10, height: 10 };
  expect(overlap(a, { x: 8, y: 4, width: 9, height: 2 })).toEqual({
    x: 8,
    y: 4,
    width: 2,
    height: 2,
  });
  expect(overlap(a, { x: 10, y: 0, width: 5, height: 5 })).toBeNull();
  expect(around(a, { x: 20, y: -5, width: 1, height: 1 })).toEqual({
    x: 0,
    y: -5,
    width: 21,
    height: 15,
  });
  expect(around(null, a)).toBe(a);
  expect(around(null, null)).toBeNull();
});

test("the coarsest level fits into one tile and the one before does not", () => {
  const z = lastLevel(size, 512);
  expect(levelSize(size, z).width).toBeLessThanOrEqual(512);
  expect(levelSize(size, z - 1).width).toBeGreaterThan(512);
  expect(lastLevel({ width: 20, height: 9 }, 512)).toBe(0);
});

test("the tiles of a level cover it once", () => {
  for (let z = 0; z <= lastLevel(size, 512); z++) {
    const level = levelSize(size, z);
    const all = tilesIn({ x: 0, y: 0, ...size }, z, size, 512).map((place) =>
      tileBox(place, size, 512),
    );
    const area = all.reduce((sum, box) => sum + box.width * box.height, 0);
    expect(area).toBe(level.width * level.height);
  }
});

test("a point lies in a tile's parent too", () => {
  const next = dice(5);
  for (let trial = 0; trial < 200; trial++) {
    const box = { x: next() % 5000, y: next() % 2600, width: 1, height: 1 };
    const [place] = tilesIn(box, 0, size, 512);
    expect(parent(place)).toEqual(tilesIn(box, 1, size, 512)[0]);
  }
});

test("a box outside the picture needs no tile", () => {
  expect(tilesIn({ x: -50, y: 0, width: 50, height: 9 }, 0, size, 512)).toEqual([]);
});
