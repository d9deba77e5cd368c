import { expect, test } from "vitest";
import { pinch } from "../../src/engine/pinch.ts";
import { panBy, toPicture, zoomAbout } from "../../src/engine/view.ts";

const [left, right] = [
  { x: 100, y: 200 },
  { x: 300, y: 200 },
];

test("fingers that part zoom by how far they part, about the place between them", () => {
  const apart = [
    { x: 50, y: 200 },
    { x: 450, y: 200 },
  ];
  expect(pinch([left, right], apart)).toEqual({
    dx: 50,
    dy: 0,
    at: { x: 250, y: 200 },
    factor: 2,
  });
});

test("fingers that stay apart alike only move the picture", () => {
  const down = [left, right].map(({ x, y }) => ({ x: x - 10, y: y + 40 }));
  const { dx, dy, factor } = pinch([left, right], down);
  expect([dx, dy, factor]).toEqual([-10, 40, 1]);
});

test("what lay between the fingers lies between them afterwards", () => {
  const size = { width: 4000, height: 3000 };
  const view = { width: 900, height: 700, ratio: 1, scale: 0.5, left: -300, top: -200 };
  const after = [
    { x: 180, y: 90 },
    { x: 420, y: 500 },
  ];
  const { dx, dy, at, factor } = pinch([left, right], after);
  const next = zoomAbout(panBy(view, dx, dy, size), at, factor, size);
  const [x, y] = toPicture(view, 200, 200);
  const [toX, toY] = toPicture(next, at.x, at.y);
  expect(toX).toBeCloseTo(x);
  expect(toY).toBeCloseTo(y);
});

test("one finger is no pinch, and two at one place do not make the picture vanish", () => {
  expect(pinch([left], [right])).toMatchObject({ dx: 0, dy: 0, factor: 1 });
  expect(pinch([left, left], [left, left]).factor).toBe(1);
});
