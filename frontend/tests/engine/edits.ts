import type { Waiting } from "../../src/engine/queue.ts";

/** An edit that waits: a dab of three pixels unless told otherwise. */
export const edit = (opId: string, over: Partial<Waiting> = {}): Waiting => ({
  op_id: opId,
  label: "l",
  kind: "draw",
  group: null,
  points: [[5, 5]],
  width: 3,
  ids: [],
  overwrite: false,
  shown: 4e9,
  ...over,
});
