import { expect, test } from "vitest";
import {
  axesOfSlice,
  clamped,
  fitScale,
  frameOf,
  isInside,
  matrixOf,
  offsetIn,
  placeOf,
  planesOf,
  shownSpacing,
  type Triple,
  voxelAt,
} from "../../src/volume/geometry.ts";
import { dice } from "../dice.ts";

const SHAPE: Triple = [5, 40, 30];
const SPACING: Triple = [5, 0.7, 0.8];
const WINDOW = { width: 300, height: 200 };
const LIES = ["LPS", "LAS", "RAS", "RPI", "PSR", "SLA", ""];

test("where nobody knows, indices grow to the right and down and no side is named", () => {
  const planes = planesOf("");
  expect(planes.map(({ normal, across, down }) => [normal, across, down])).toEqual([
    [0, 2, 1],
    [1, 2, 0],
    [2, 1, 0],
  ]);
  for (const plane of planes) {
    expect([plane.turnsX, plane.turnsY, plane.sides]).toEqual([false, false, null]);
  }
});

test("a volume of DICOM is seen from the feet, the front and the left, head up", () => {
  const [axial, coronal, sagittal] = planesOf("LPS");
  expect([axial.turnsX, axial.turnsY]).toEqual([false, false]);
  expect([coronal.turnsX, coronal.turnsY]).toEqual([false, true]);
  expect([sagittal.turnsX, sagittal.turnsY]).toEqual([false, true]);
  expect(axial.sides).toEqual(["R", "L", "A", "P"]);
  expect(coronal.sides).toEqual(["R", "L", "S", "I"]);
  expect(sagittal.sides).toEqual(["A", "P", "S", "I"]);
});

test("a volume that is stored the other way round is turned to look the same", () => {
  const [axial, coronal, sagittal] = planesOf("RAI");
  expect([axial.turnsX, axial.turnsY]).toEqual([true, true]);
  expect([coronal.turnsX, coronal.turnsY]).toEqual([true, false]);
  expect([sagittal.turnsX, sagittal.turnsY]).toEqual([true, false]);
});

test("axes in another order give the planes of the patient all the same", () => {
  const [axial, coronal, sagittal] = planesOf("PSR"); // x to the back, y to the head
  expect([axial.normal, coronal.normal, sagittal.normal]).toEqual([1, 2, 0]);
  expect([axial.across, axial.down]).toEqual([0, 2]);
});

test("each plane shows the two axes across its normal", () => {
  for (const orientation of LIES) {
    const planes = planesOf(orientation);
    expect(planes.map(({ normal }) => normal).toSorted()).toEqual([0, 1, 2]);
    for (const { normal, across, down } of planes) {
      expect([normal, across, down].toSorted()).toEqual([0, 1, 2]);
      expect(axesOfSlice(normal)).toEqual([across, down].toSorted());
    }
  }
});

test("the middle of a voxel is where that voxel is found", () => {
  const roll = dice(7);
  for (const orientation of LIES) {
    for (const plane of planesOf(orientation)) {
      for (let n = 0; n < 50; n++) {
        const voxel = clamped(
          SHAPE.map((side) => roll() % side),
          SHAPE,
        );
        const frame = frameOf(
          plane,
          SPACING,
          WINDOW,
          0.5 + (roll() % 400) / 100,
          [2, 20, 15],
        );
        expect(voxelAt(plane, frame, placeOf(plane, frame, voxel), voxel)).toEqual(voxel);
      }
    }
  }
});

test("lengths on the screen are those of the sample on both axes", () => {
  const [, coronal] = planesOf("LPS");
  const frame = frameOf(coronal, SPACING, WINDOW, 3, [2, 20, 15]);
  const [one, other] = [
    placeOf(coronal, frame, [0, 0, 0]),
    placeOf(coronal, frame, [4, 0, 29]),
  ];
  expect(other[0] - one[0]).toBeCloseTo(3 * 0.8 * 29);
  expect(one[1] - other[1]).toBeCloseTo(3 * 5 * 4); // the head is up
});

test("at the scale that fits, all planes are inside and one touches the edge", () => {
  const planes = planesOf("LPS");
  const scale = fitScale(planes, SHAPE, SPACING, WINDOW);
  const sides = planes.flatMap(({ across, down }) => [
    (scale * SHAPE[across] * SPACING[across]) / WINDOW.width,
    (scale * SHAPE[down] * SPACING[down]) / WINDOW.height,
  ]);
  expect(Math.max(...sides)).toBeCloseTo(1);
});

test("the matrix takes columns and rows to the same places, transposed slices too", () => {
  const voxel: Triple = [3, 11, 7];
  for (const orientation of LIES) {
    for (const plane of planesOf(orientation)) {
      const frame = frameOf(plane, SPACING, WINDOW, 2, [2, 20, 15]);
      const [a, b, c, d, e, f] = matrixOf(plane, frame);
      const [rows, columns] = axesOfSlice(plane.normal);
      const [u, v] = [voxel[columns] + 0.5, voxel[rows] + 0.5];
      const [x, y] = placeOf(plane, frame, voxel);
      expect(a * u + c * v + e).toBeCloseTo(x);
      expect(b * u + d * v + f).toBeCloseTo(y);
    }
  }
});

test("a value is at its row and column", () => {
  expect(offsetIn(0, [1, 2, 3], SHAPE)).toBe(2 * 30 + 3);
  expect(offsetIn(1, [1, 2, 3], SHAPE)).toBe(1 * 30 + 3);
  expect(offsetIn(2, [1, 2, 3], SHAPE)).toBe(1 * 40 + 2);
});

test("unknown distances are shown as long as the others", () => {
  expect(shownSpacing(null)).toEqual([1, 1, 1]);
  expect(shownSpacing([null, 2, 3])).toEqual([3, 2, 3]);
  expect(shownSpacing([5, 0.7, 0.8])).toEqual([5, 0.7, 0.8]);
});

test("voxels outside are told and brought inside", () => {
  expect(isInside([0, 0, 0], SHAPE)).toBe(true);
  expect(isInside([5, 0, 0], SHAPE)).toBe(false);
  expect(isInside([0, -1, 0], SHAPE)).toBe(false);
  expect(clamped([9, -4, 3.4], SHAPE)).toEqual([4, 0, 3]);
});
