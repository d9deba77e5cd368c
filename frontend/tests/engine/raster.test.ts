import { describe, expect, test } from "vitest";
import { coverage, type Points, type Spans, strokeSpans } from "../../src/engine/raster.ts";
import { dice } from "../dice.ts";

function belongs(x: number, y: number, points: Points, width: number): boolean {
  const pairs =
    points.length === 1
      ? [[points[0], points[0]]]
      : points.slice(1).map((p, i) => [points[i], p]);
  return pairs.some(([from, to]) => {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const [u, v] = [x - from[0], y - from[1]];
    const length2 = dx * dx + dy * dy;
    const t = u * dx + v * dy;
    const width2 = width * width;
    if (t <= 0) return 4 * (u * u + v * v) <= width2;
    if (t >= length2) return 4 * ((x - to[0]) ** 2 + (y - to[1]) ** 2) <= width2;
    return 4 * (dx * v - dy * u) ** 2 <= width2 * length2;
  });
}

function painted(spans: Spans, width: number, height: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < spans.length; i += 3) {
    mask.fill(1, spans[i] * width + spans[i + 1], spans[i] * width + spans[i + 2]);
  }
  return mask;
}

describe("a stroke", () => {
  test("holds exactly the pixels whose centre the rule takes in", () => {
    const next = dice(7);
    for (let trial = 0; trial < 100; trial++) {
      const size = { width: 20 + (next() % 30), height: 20 + (next() % 30) };
      const count = 1 + (next() % 4);
      const points = Array.from(
        { length: count },
        () => [(next() % 80) - 20, (next() % 80) - 20] as const,
      );
      const width = 1 + (next() % 20);
      const mask = painted(strokeSpans(points, width, size), size.width, size.height);
      const expected = mask.map((_, at) =>
        belongs(at % size.width, Math.floor(at / size.width), points, width) ? 1 : 0,
      );
      expect(mask).toEqual(expected);
    }
  });

  test("of width 1 is a line without gaps", () => {
    const next = dice(11);
    for (let trial = 0; trial < 200; trial++) {
      const size = { width: 64, height: 64 };
      const from = [next() % 64, next() % 64] as const;
      const to = [next() % 64, next() % 64] as const;
      const mask = painted(strokeSpans([from, to], 1, size), 64, 64);
      const seen = new Set<number>();
      const todo = [from[1] * 64 + from[0]];
      while (todo.length > 0) {
        const at = todo.pop()!;
        if (seen.has(at) || mask[at] !== 1) continue;
        seen.add(at);
        for (const step of [-65, -64, -63, -1, 1, 63, 64, 65]) todo.push(at + step);
      }
      expect(seen.has(to[1] * 64 + to[0])).toBe(true);
    }
  });

  test("of one point is a disc of the asked width", () => {
    const spans = strokeSpans([[10, 10]], 5, { width: 40, height: 40 });
    expect(Array.from(spans)).toEqual([
      8, 9, 12, 9, 8, 13, 10, 8, 13, 11, 8, 13, 12, 9, 12,
    ]);
  });

  test("far outside the picture stays exact", () => {
    const spans = strokeSpans(
      [
        [-(2 ** 20), -(2 ** 20)],
        [2 ** 20, 2 ** 20],
      ],
      1,
      { width: 9, height: 9 },
    );
    expect(Array.from(spans)).toEqual(
      Array.from({ length: 9 }, (_, i) => [i, i, i + 1]).flat(),
    );
  });

  test("is the same drawn backwards", () => {
    const next = dice(3);
    for (let trial = 0; trial < 100; trial++) {
      const points = Array.from({ length: 5 }, () => [next() % 200, next() % 200] as const);
      const size = { width: 180, height: 160 };
      const width = 1 + (next() % 200);
      expect(strokeSpans(points, width, size)).toEqual(
        strokeSpans(points.toReversed(), width, size),
      );
    }
  });

  test("counts its pixels", () => {
    expect(
      coverage(
        strokeSpans(
          [
            [0, 0],
            [9, 0],
          ],
          1,
          { width: 30, height: 30 },
        ),
      ),
    ).toBe(10);
  });
});
