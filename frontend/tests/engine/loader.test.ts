import { expect, test } from "vitest";
import type { Place } from "../../src/engine/geometry.ts";
import { Loader } from "../../src/engine/loader.ts";

const places = Array.from({ length: 10 }, (_, x) => ({ z: 0, y: 0, x }));
const soon = () => new Promise((resolve) => setTimeout(resolve, 1));

function bench() {
  const open = new Map<
    number,
    { give: (tile: string) => void; fail: (why: Error) => void; signal: AbortSignal }
  >();
  const got: [number, string][] = [];
  const failed: number[] = [];
  const again = new Set<number>();
  const loader = new Loader<string>(
    (place: Place, signal) =>
      new Promise((give, fail) => open.set(place.x, { give, fail, signal })),
    (place, tile) => {
      got.push([place.x, tile]);
      return !again.delete(place.x);
    },
    (place) => failed.push(place.x),
  );
  return { loader, open, got, failed, again };
}

test("six tiles are fetched at once and the next when one is there", async () => {
  const { loader, open, got } = bench();
  loader.want(places);
  expect([...open.keys()]).toEqual([0, 1, 2, 3, 4, 5]);
  open.get(3)!.give("three");
  await soon();
  expect(got).toEqual([[3, "three"]]);
  expect(open.has(6)).toBe(true);
});

test("tiles that are no longer wanted are stopped and what comes of them is dropped", async () => {
  const { loader, open, got } = bench();
  loader.want(places.slice(0, 2));
  loader.want(places.slice(1, 2));
  expect(open.get(0)!.signal.aborted).toBe(true);
  open.get(0)!.give("late");
  open.get(1)!.give("one");
  await soon();
  expect(got).toEqual([[1, "one"]]);
});

test("a tile that came too late is fetched again and a failure is told", async () => {
  const { loader, open, got, failed, again } = bench();
  again.add(0);
  loader.want(places.slice(0, 2));
  open.get(1)!.fail(new Error("gone"));
  open.get(0)!.give("old");
  await soon();
  open.get(0)!.give("new");
  await soon();
  expect(got).toEqual([
    [0, "old"],
    [0, "new"],
  ]);
  expect(failed).toEqual([1]);
});
