/** The server as an edit session needs it. */

import * as api from "./client.ts";

export const DOORS = {
  postOp: api.postOp,
  undo: api.undo,
  redo: api.redo,
  since: api.opsSince,
  statusOf: (problem: unknown) => (problem instanceof api.Refusal ? problem.status : null),
  wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};
