import { expect, test } from "vitest";
import type { Axis, Triple } from "../../src/volume/geometry.ts";
import { Slices } from "../../src/volume/slices.ts";

const SHAPE: Triple = [100, 50, 20];

/** Slices of ten bytes, and the questions that wait for an answer. */
function made({ mostBytes = 2 ** 20 } = {}) {
  const asked: { axis: Axis; index: number; answer: () => void; refuse: () => void }[] = [];
  const heard: unknown[] = [];
  const slices = new Slices(
    SHAPE,
    (axis, index) =>
      new Promise<Uint8Array>((answer, refuse) => {
        asked.push({
          axis,
          index,
          answer: () => answer(new Uint8Array(10).fill(index)),
          refuse: () => refuse(new Error("gone")),
        });
      }),
    () => heard.push("arrived"),
    (problem) => heard.push(problem),
    mostBytes,
  );
  return { asked, heard, slices };
}

async function settled(asked: { answer: () => void }[]): Promise<void> {
  for (let done = 0; done < asked.length; done++) {
    asked[done].answer();
    await new Promise((next) => setTimeout(next));
  }
}

test("the slice that is wanted comes first, then its neighbours on both sides", async () => {
  const { asked, heard, slices } = made();
  slices.want(0, 10);
  await settled(asked);
  expect(asked.map(({ index }) => index)).toEqual([10, 11, 9, 12, 8, 13, 7]);
  expect(slices.get(0, 10)?.[0]).toBe(10);
  expect(heard.length).toBe(7);
  slices.want(0, 11);
  await settled(asked);
  expect(asked.slice(7).map(({ index }) => index)).toContain(14);
});

test("there are no neighbours before the first slice and after the last", async () => {
  const { asked, slices } = made();
  slices.want(2, 0);
  slices.want(0, 99);
  await settled(asked);
  const of = (wanted: Axis) =>
    asked.filter(({ axis }) => axis === wanted).map(({ index }) => index);
  expect(of(2)).toEqual([0, 1, 2, 3]);
  expect(of(0)).toEqual([99, 98, 97, 96]);
});

test("who scrolls on waits for the newest slice, not for those in between", async () => {
  const { asked, slices } = made();
  for (let index = 0; index < 40; index++) slices.want(1, index);
  await settled(asked);
  expect(asked.slice(0, 2).map(({ index }) => index)).toEqual([0, 39]);
  expect(asked.length).toBeLessThan(10);
});

test("slices looked at long ago make room", async () => {
  const { asked, slices } = made({ mostBytes: 250 });
  for (let index = 0; index < 100; index += 5) {
    slices.want(0, index);
    await settled(asked.splice(0));
    await settled(asked);
    expect(slices.bytes).toBeLessThanOrEqual(250);
  }
  expect(slices.get(0, 0)).toBeUndefined();
  expect(slices.get(0, 95)).toBeDefined();
});

test("what fails is told once and can be wanted again", async () => {
  const { asked, heard, slices } = made();
  slices.want(0, 5);
  asked[0].refuse();
  await new Promise((next) => setTimeout(next));
  expect(heard.length).toBe(1);
  slices.want(0, 5);
  await settled(asked.slice(1));
  expect(slices.get(0, 5)).toBeDefined();
});

test("after it is closed nothing comes any more", async () => {
  const { asked, heard, slices } = made();
  slices.want(0, 5);
  slices.close();
  await settled(asked);
  expect(heard).toEqual([]);
  expect(slices.get(0, 5)).toBeUndefined();
});
