import { expect, test } from "vitest";
import {
  boxBetween,
  boxOf,
  freeName,
  moved,
  pulled,
  ringAlong,
  ringOf,
  stretched,
} from "../../src/engine/areas.ts";
import { dice } from "../dice.ts";

const SIZE = { width: 100, height: 60 };

test("a rectangle holds both pixels between which it was drawn, whichever came first", () => {
  const box = { x: 10, y: 5, width: 21, height: 16 };
  expect(boxBetween([10, 5], [30, 20], SIZE)).toEqual(box);
  expect(boxBetween([30, 20], [10, 5], SIZE)).toEqual(box);
  expect(boxBetween([10, 20], [30, 5], SIZE)).toEqual(box);
});

test("what lies beyond the picture is cut off, and a slip of the hand is none", () => {
  expect(boxBetween([-20, -20], [300, 300], SIZE)).toEqual({ x: 0, y: 0, ...SIZE });
  expect(boxBetween([5, 5], [5, 40], SIZE)).toBeNull();
  expect(boxBetween([120, 5], [140, 40], SIZE)).toBeNull();
});

test("a rectangle that is moved keeps its sides, and one that is stretched its corner", () => {
  const box = { x: 10, y: 5, width: 20, height: 10 };
  expect(moved(box, 7, -3, SIZE)).toEqual({ ...box, x: 17, y: 2 });
  expect(stretched(box, 7, -3, SIZE)).toEqual({ ...box, width: 27, height: 7 });
});

test("wherever a rectangle is pulled to, it stays inside of the picture", () => {
  const roll = dice(5);
  let box = { x: 10, y: 5, width: 20, height: 10 };
  for (let turn = 0; turn < 500; turn++) {
    const pull = turn % 2 === 0 ? moved : stretched;
    box = pull(box, (roll() % 301) - 150, (roll() % 301) - 150, SIZE);
    expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
    expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(2);
    expect(box.x + box.width).toBeLessThanOrEqual(SIZE.width);
    expect(box.y + box.height).toBeLessThanOrEqual(SIZE.height);
  }
});

test("the outline of a rectangle runs along its edges, once around", () => {
  const box = { x: 10, y: 5, width: 20, height: 10 };
  expect(ringOf(box)).toEqual([
    [10, 5],
    [30, 5],
    [30, 15],
    [10, 15],
  ]);
  expect(boxOf([ringOf(box)])).toEqual(box);
});

test("a drawn outline goes through the middles of pixels, and leaves out near points", () => {
  const way: [number, number][] = [
    [10, 10],
    [11, 10],
    [20, 10],
    [20, 20],
    [20, 21],
    [10, 20],
  ];
  expect(ringAlong(way, SIZE, 3)).toEqual([
    [10.5, 10.5],
    [20.5, 10.5],
    [20.5, 20.5],
    [10.5, 20.5],
  ]);
});

test("an outline ends at the picture's edge, and a line or a slip of the hand is none", () => {
  const around: [number, number][] = [
    [-9, -9],
    [300, -9],
    [300, 300],
    [-9, 300],
  ];
  expect(boxOf([ringAlong(around, SIZE, 3)!])).toEqual({ x: 0, y: 0, ...SIZE });
  expect(ringAlong(around.slice(0, 2), SIZE, 3)).toBeNull();
  expect(
    ringAlong(
      [
        [5, 5],
        [20, 5],
        [40, 5],
      ],
      SIZE,
      3,
    ),
  ).toBeNull();
  expect(ringAlong([[5, 5]], SIZE, 3)).toBeNull();
  expect(ringAlong([], SIZE, 3)).toBeNull();
});

test("a region that is pulled keeps its name, its holes and its shape", () => {
  const hole = ringOf({ x: 20, y: 10, width: 10, height: 5 });
  const outer = ringOf({ x: 10, y: 5, width: 40, height: 20 });
  const region = { name: "CA1", classification: "layer", rings: [outer, hole] };
  const there = pulled(region, { x: 20, y: 15, width: 80, height: 20 });
  expect(there.name).toBe("CA1");
  expect(there.classification).toBe("layer");
  expect(boxOf(there.rings)).toEqual({ x: 20, y: 15, width: 80, height: 20 });
  expect(boxOf([there.rings[1]])).toEqual({ x: 40, y: 20, width: 20, height: 5 });
  expect(pulled(there, boxOf(region.rings)).rings).toEqual(region.rings);
});

test("a new region gets a name that none has yet", () => {
  const named = (n: number) => `Region ${n}`;
  const called = (...names: string[]) => names.map((name) => ({ name, rings: [] }));
  expect(freeName([], named)).toBe("Region 1");
  expect(freeName(called("CA1"), named)).toBe("Region 2");
  expect(freeName(called("CA1", "Region 3"), named)).toBe("Region 4");
});
