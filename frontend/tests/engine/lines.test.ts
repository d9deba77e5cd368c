import { expect, test } from "vitest";
import { binOf, middleOf, pathsFrom, piecesOf, RAMP } from "../../src/engine/lines.ts";
import type { View } from "../../src/engine/view.ts";
import { dice } from "../dice.ts";

const NONE = Number.NaN;
const MARK = [NONE, NONE, NONE];
const VIEW: View = { width: 200, height: 100, ratio: 1, scale: 1, left: 0, top: 0 };

/** A straight line of points a pixel apart. */
function line(x: number, y: number, n: number, width: number): number[] {
  return [...Array.from({ length: n }, (_, k) => [x + k, y, width]).flat(), ...MARK];
}

const TWO = pathsFrom(Float32Array.from([...line(10, 20, 30, 4), ...line(50, 60, 11, 8)]));

test("each segment begins after the mark of the one before", () => {
  expect(TWO.starts).toEqual([0, 31, 43]);
  expect(TWO.top).toBe(8);
  expect(pathsFrom(new Float32Array(0)).starts).toEqual([0]);
});

test("the middle of a segment is on it", () => {
  expect(middleOf(TWO, 1)).toEqual([25, 20]);
  expect(middleOf(TWO, 2)).toEqual([55, 60]);
});

test("colours go from none to the widest, and what was not measured has its own", () => {
  expect(binOf(0, 8)).toBe(0);
  expect(binOf(8, 8)).toBe(9);
  expect(binOf(80, 8)).toBe(9);
  expect(binOf(NONE, 8)).toBe(10);
  expect(RAMP.split(",")).toHaveLength(10);
});

test("a point lies in the middle of its pixel, at any scale", () => {
  const view = { ...VIEW, scale: 2, left: 5, top: 7 };
  const [piece] = piecesOf(TWO, view).filter(({ length }) => length > 0);
  expect(piece.slice(0, 4)).toEqual([
    2 * 10.5 + 5,
    2 * 20.5 + 7,
    2 * 11.5 + 5,
    2 * 20.5 + 7,
  ]);
});

test("lines stay whole however far one zooms out, and no piece joins two of them", () => {
  const next = dice(4);
  const roll = () => next() / 2 ** 28;
  for (let trial = 0; trial < 50; trial++) {
    const n = 2 + Math.floor(roll() * 60);
    const scale = 0.05 + roll() * 3;
    const paths = pathsFrom(Float32Array.from([...line(0, 5, n, 3), ...line(0, 90, n, 3)]));
    const view = { ...VIEW, width: 1e4, height: 1e4, scale };
    const pieces = piecesOf(paths, view).flat();
    let total = 0;
    for (let k = 0; k < pieces.length; k += 4) {
      expect(pieces[k + 1]).toBe(pieces[k + 3]);
      total += pieces[k + 2] - pieces[k];
    }
    expect(total).toBeCloseTo(2 * (n - 1) * scale, 3);
  }
});

test("what is out of sight is not drawn, and one segment can be had alone", () => {
  expect(piecesOf(TWO, { ...VIEW, left: -1000 }).flat()).toEqual([]);
  expect(piecesOf(TWO, VIEW, 2).flat()).toHaveLength(4 * 10);
  expect(piecesOf(TWO, VIEW).flat()).toHaveLength(4 * (29 + 10));
});
