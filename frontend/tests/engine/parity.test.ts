import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { strokeSpans } from "../../src/engine/raster.ts";

/** Made by the Python side, which says in tests/edit/test_raster.py how strokes are drawn. */
const SUMS = JSON.parse(
  readFileSync(new URL("../../../tests/edit/strokes.json", import.meta.url), "utf8"),
);

function* strokes(count: number) {
  let state = 1n;
  const below = (limit: number) => {
    state = (state * 1664525n + 1013904223n) % 2n ** 32n;
    return Number((state * BigInt(limit)) >> 32n);
  };
  for (let i = 0; i < count; i++) {
    const size = { height: 1 + below(256), width: 1 + below(256) };
    const kind = below(8);
    const width = 1 + below(kind === 0 ? 200 : 16);
    const coordinate = (side: number) => {
      if (kind === 1) return below(2 ** 21 + 1) - 2 ** 20;
      return kind === 2 ? 5 * below(32) - 16 : below(side + 64) - 32;
    };
    const points: [number, number][] = [];
    for (let left = 1 + below(6); left > 0; left--) {
      points.push([coordinate(size.width), coordinate(size.height)]);
    }
    yield { points, width, size };
  }
}

test("10,000 strokes give the same spans here and in Python", () => {
  const sums: number[] = [];
  let [sum, number] = [0, 0];
  for (const { points, width, size } of strokes(SUMS.strokes)) {
    const spans = strokeSpans(points, width, size);
    sum = crc32(new Uint8Array(spans.buffer, spans.byteOffset, spans.byteLength), sum);
    if (++number % SUMS.per_sum === 0) {
      sums.push(sum);
      sum = 0;
    }
  }
  expect(sums).toEqual(SUMS.crc32);
});
