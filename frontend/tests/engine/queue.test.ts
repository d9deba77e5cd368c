import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { memoryStore, openStore } from "../../src/engine/queue.ts";
import { edit } from "./edits.ts";

test.each([
  ["the browser's", openStore],
  ["the memory's", async () => memoryStore()],
])("%s store gives edits back in their order and forgets those that are done", async (_, open) => {
  const store = await open();
  for (const id of ["c", "a", "b"]) await store.add(edit(id));
  await store.add(edit("x", { label: "other" }));
  await store.remove("a");
  await store.remove("unknown");
  expect((await store.list("l")).map(({ op_id }) => op_id)).toEqual(["c", "b"]);
  expect((await store.list("other"))[0]).toEqual(edit("x", { label: "other" }));
});

test("edits are still there when the page is opened again", async () => {
  await (await openStore()).add(edit("kept", { label: "reload" }));
  expect(await (await openStore()).list("reload")).toHaveLength(1);
});
