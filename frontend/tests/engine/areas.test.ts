import { expect, test } from "vitest";
import { boxBetween, moved, stretched } from "../../src/engine/areas.ts";
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
