import { expect, test } from "vitest";
import { Chunks, type Point } from "../../src/engine/chunks.ts";
import { strokeSpans } from "../../src/engine/raster.ts";
import { dice } from "../dice.ts";

test("the pieces of a stroke paint the same pixels as the whole", () => {
  const size = { width: 900, height: 900 };
  const next = dice(8);
  const path: Point[] = [[450, 450]];
  for (let i = 0; i < 500; i++) {
    const [x, y] = path[path.length - 1];
    path.push([x + (next() % 31) - 15, y + (next() % 31) - 15]);
  }
  const chunks = new Chunks();
  const pieces: Point[][] = [];
  path.forEach((point, i) => {
    const piece = chunks.add([point], 3 * i);
    if (piece !== null) pieces.push(piece);
  });
  const rest = chunks.finish();
  if (rest !== null) pieces.push(rest);
  expect(pieces.length).toBeGreaterThan(7);
  expect(pieces.every((piece) => piece.length <= 64)).toBe(true);
  const mask = new Uint8Array(size.width * size.height);
  const paint = (points: Point[], value: number) => {
    const spans = strokeSpans(points, 7, size);
    for (let i = 0; i < spans.length; i += 3) {
      mask.fill(value, spans[i] * 900 + spans[i + 1], spans[i] * 900 + spans[i + 2]);
    }
  };
  for (const piece of pieces) paint(piece, 1);
  const ofPieces = mask.slice();
  mask.fill(0);
  paint(path, 1);
  expect(Buffer.compare(ofPieces, mask)).toBe(0);
});

test("a piece is cut when it grows old or wide", () => {
  const old = new Chunks();
  expect(old.add([[0, 0]], 0)).toBeNull();
  expect(old.add([[1, 0]], 249)).toBeNull();
  expect(old.add([[2, 0]], 250)).toHaveLength(3);
  const wide = new Chunks();
  expect(
    wide.add(
      [
        [0, 0],
        [512, 3],
      ],
      0,
    ),
  ).toHaveLength(2);
});

test("a brush that rests tells nothing twice", () => {
  const chunks = new Chunks();
  chunks.add(
    [
      [5, 5],
      [5, 5],
    ],
    0,
  );
  expect(chunks.add([[5, 5]], 300)).toEqual([[5, 5]]);
  expect(chunks.add([[5, 5]], 900)).toBeNull();
  expect(chunks.finish()).toBeNull();
});
