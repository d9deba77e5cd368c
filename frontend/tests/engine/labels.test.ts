import { expect, test } from "vitest";
import { tileBox } from "../../src/engine/geometry.ts";
import { LABEL_SIDE, LabelTiles, type Patch, spansBox } from "../../src/engine/labels.ts";
import { strokeSpans } from "../../src/engine/raster.ts";
import { dice } from "../dice.ts";

const size = { width: 1100, height: 1040 };

/** A whole label picture, and its tiles as the server cuts them: the first pixel of each block. */
function sampled(
  picture: Uint32Array,
  place: { z: number; y: number; x: number },
): Uint32Array {
  const box = tileBox(place, size, LABEL_SIDE);
  const step = 2 ** place.z;
  return Uint32Array.from({ length: box.width * box.height }, (_, i) => {
    const x = (box.x + (i % box.width)) * step;
    const y = (box.y + Math.floor(i / box.width)) * step;
    return picture[y * size.width + x];
  });
}

const PLACES = [
  { z: 0, y: 0, x: 0 },
  { z: 0, y: 0, x: 1 },
  { z: 0, y: 1, x: 0 },
  { z: 0, y: 1, x: 1 },
  { z: 1, y: 0, x: 0 },
];

function filled(picture: Uint32Array): LabelTiles {
  const tiles = new LabelTiles(size, 0);
  for (const place of PLACES)
    tiles.receive(place, sampled(picture, place), { rev: 0, asked: 0 });
  return tiles;
}

const bytes = (numbers: Uint32Array) => Buffer.from(numbers.buffer);

function expectSame(tiles: LabelTiles, picture: Uint32Array): void {
  for (const place of PLACES) {
    const cached = tiles.cache.get(place)?.data;
    expect(Buffer.compare(bytes(cached!), bytes(sampled(picture, place)))).toBe(0);
  }
}

/** What the server does with a stroke: number `id` on background, or 0 everywhere. */
function served(
  picture: Uint32Array,
  points: [number, number][],
  width: number,
  id: number,
): Patch[] {
  const spans = strokeSpans(points, width, size);
  const box = spansBox(spans);
  if (box === null) return [];
  const runs: [number, number][] = [];
  const inside = new Set<number>();
  for (let i = 0; i < spans.length; i += 3) {
    for (let x = spans[i + 1]; x < spans[i + 2]; x++) inside.add(spans[i] * size.width + x);
  }
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      const at = y * size.width + x;
      const isChanged =
        inside.has(at) && (id === 0 ? picture[at] !== 0 : picture[at] === 0);
      if (isChanged) picture[at] = id;
      const value = isChanged ? id : -1;
      const last = runs.at(-1);
      if (last !== undefined && last[0] === value) last[1]++;
      else runs.push([value, 1]);
    }
  }
  return [{ ...box, runs }];
}

test("patches bring tiles of every level to what the server has", () => {
  const next = dice(1);
  const picture = new Uint32Array(size.width * size.height);
  const tiles = filled(picture);
  for (let rev = 1; rev <= 30; rev++) {
    const points = [0, 1, 2].map(() => [next() % 1100, next() % 1040] as [number, number]);
    tiles.settle(
      null,
      rev,
      served(picture, points, 1 + (next() % 40), rev % 4 === 0 ? 0 : rev),
    );
  }
  expectSame(tiles, picture);
});

test("strokes painted ahead are settled exactly, in whatever order answers and strokes mix", () => {
  const next = dice(4);
  const picture = new Uint32Array(size.width * size.height);
  const tiles = filled(picture);
  const sent: { op: string; points: [number, number][]; width: number; id: number }[] = [];
  let rev = 0;
  for (let i = 0; i < 60; i++) {
    if (sent.length === 0 || next() % 2 === 0) {
      const points = [0, 1].map(() => [next() % 1100, next() % 1040] as [number, number]);
      const [width, id] = [1 + (next() % 60), next() % 3 === 0 ? 0 : 100 + i];
      const op = `op${i}`;
      tiles.paintAhead({
        op,
        spans: strokeSpans(points, width, size),
        id: id && 4e9 + i,
        over: id === 0,
      });
      sent.push({ op, points, width, id });
    } else {
      const { op, points, width, id } = sent.shift()!;
      tiles.settle(op, ++rev, served(picture, points, width, id));
    }
  }
  for (const { op, points, width, id } of sent)
    tiles.settle(op, ++rev, served(picture, points, width, id));
  expectSame(tiles, picture);
});

test("a tile fetched before an edit and arriving after it is brought up to date", () => {
  const picture = new Uint32Array(size.width * size.height);
  const old = sampled(picture, PLACES[0]);
  const tiles = new LabelTiles(size, 0);
  tiles.settle(null, 1, served(picture, [[50, 50]], 20, 7));
  expect(tiles.receive(PLACES[0], old, { rev: 0, asked: 0 })).toBe(true);
  expect(tiles.idAt(50, 50)).toBe(7);
});

test("a tile that is too old to be brought up to date is asked for again", () => {
  const tiles = new LabelTiles(size, 0);
  for (let rev = 1; rev <= 600; rev++) tiles.settle(null, rev, []);
  const tile = new Uint32Array(LABEL_SIDE * LABEL_SIDE);
  expect(tiles.receive(PLACES[0], tile, { rev: 0, asked: 3 })).toBe(false);
  expect(tiles.receive(PLACES[0], tile, { rev: 0, asked: 590 })).toBe(true);
});

test("an answer that comes twice changes nothing the second time", () => {
  const picture = new Uint32Array(size.width * size.height);
  const tiles = filled(picture);
  const first = served(picture, [[50, 50]], 20, 7);
  tiles.settle(null, 1, first);
  tiles.settle(null, 2, served(picture, [[50, 50]], 30, 0));
  tiles.settle("again", 1, first);
  expectSame(tiles, picture);
});

test("the number under a point comes from the finest tile, and outside there is none", () => {
  const picture = new Uint32Array(size.width * size.height);
  picture[301 * size.width + 1041] = 9;
  const tiles = filled(picture);
  expect(tiles.idAt(1041, 301)).toBe(9);
  expect(tiles.idAt(1040, 300)).toBe(0);
  expect(tiles.idAt(-1, 5)).toBe(0);
});

test("only what a stroke touched is marked for drawing", () => {
  const tiles = filled(new Uint32Array(size.width * size.height));
  for (const tile of tiles.cache.all()) tile.dirty = null;
  const box = tiles.paintAhead({
    op: "a",
    spans: strokeSpans([[100, 40]], 9, size),
    id: 5,
    over: false,
  });
  expect(box).toEqual({ x: 96, y: 36, width: 9, height: 9 });
  expect(tiles.cache.get(PLACES[0])?.dirty).toEqual(box);
  expect(tiles.cache.get(PLACES[1])?.dirty).toBeNull();
});
