import { expect, test } from "vitest";
import { TileCache } from "../../src/engine/cache.ts";

const at = (z: number, x: number) => ({ z, y: 0, x });

test("the tile that was used longest ago goes first and the coarsest level stays", () => {
  const dropped: string[] = [];
  const cache = new TileCache<string>(3, 2, (tile) => dropped.push(tile));
  cache.set(at(2, 0), "whole");
  cache.set(at(0, 1), "one");
  cache.set(at(0, 2), "two");
  cache.get(at(0, 1));
  cache.set(at(0, 3), "three");
  expect(dropped).toEqual(["two"]);
  expect(cache.has(at(2, 0))).toBe(true);
  expect(cache.size).toBe(3);
});

test("where a tile is missing the nearest coarser one stands in", () => {
  const cache = new TileCache<string>(9, 3);
  cache.set(at(3, 0), "whole");
  cache.set(at(1, 2), "half");
  expect(cache.nearest(at(0, 5))?.tile).toBe("half");
  expect(cache.nearest(at(0, 1))?.tile).toBe("whole");
  cache.clear();
  expect(cache.nearest(at(0, 1))).toBeNull();
});
