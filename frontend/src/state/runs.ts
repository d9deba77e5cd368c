/** What became of the runs of a picture. */

import type { Job } from "../api/types.ts";

/** The newest run of a picture; jobs that came later have higher numbers. */
export function lastRun(jobs: readonly Job[], picture: string | null): Job | undefined {
  const runs = jobs.filter((job) => job.kind === "run" && job.picture === picture);
  return runs.sort((a, b) => (a.id < b.id ? 1 : -1))[0];
}
