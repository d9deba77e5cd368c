import { expect, test } from "vitest";
import type { Point } from "../../src/engine/chunks.ts";
import { strokeSpans } from "../../src/engine/raster.ts";
import { along } from "../../src/later/classes/way.ts";
import { dice } from "../dice.ts";

const SIZE = { width: 200, height: 150 };

test("a point, and a brush that rests, is one point", () => {
  expect(along([[3, 4]], 9)).toEqual([[[3, 4]]]);
  expect(
    along(
      [
        [3, 4],
        [3, 4],
        [3, 4],
      ],
      9,
    ),
  ).toEqual([[[3, 4]]]);
  expect(along([], 9)).toEqual([]);
});

test("points nearer than an eighth of the brush are left out, but never the ends", () => {
  const way: Point[] = Array.from({ length: 101 }, (_, x) => [x, 0]);
  const [piece] = along(way, 80);
  expect(piece[0]).toEqual([0, 0]);
  expect(piece.at(-1)).toEqual([100, 0]);
  expect(piece.length).toBe(11);
  expect(along(way, 3)).toEqual([way]);
});

test("long ways are cut into pieces that begin where the one before ended", () => {
  const way: Point[] = Array.from({ length: 10_000 }, (_, x) => [x, x % 2]);
  const pieces = along(way, 1);
  expect(pieces.every((piece) => piece.length <= 4096)).toBe(true);
  for (let i = 1; i < pieces.length; i++)
    expect(pieces[i][0]).toEqual(pieces[i - 1].at(-1));
  expect(pieces.flatMap((piece, i) => (i === 0 ? piece : piece.slice(1)))).toEqual(way);
});

test("what is left out changes hardly any pixel that is painted", () => {
  const roll = dice(3);
  for (let turn = 0; turn < 30; turn++) {
    const way: Point[] = [[100, 75]];
    for (let i = 0; i < 200; i++) {
      const [x, y] = way[way.length - 1];
      way.push([x + Math.round(4 * roll() - 2), y + Math.round(4 * roll() - 2)]);
    }
    const width = 2 + Math.floor(40 * roll());
    const count = (points: readonly Point[]) => {
      const spans = strokeSpans(points, width, SIZE);
      let n = 0;
      for (let i = 0; i < spans.length; i += 3) n += spans[i + 2] - spans[i + 1];
      return n;
    };
    const [all, [piece]] = [count(way), along(way, width)];
    expect(count(piece)).toBeLessThanOrEqual(all);
    expect(count(piece)).toBeGreaterThan(0.95 * all - 12);
  }
});
