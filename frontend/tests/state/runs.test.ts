import { expect, test } from "vitest";
import type { Job } from "../../src/api/types.ts";
import { lastRun } from "../../src/state/runs.ts";

const job = (id: string, picture: string, kind = "run"): Job => ({
  id,
  picture,
  kind,
  project: "X",
  title: "",
  status: "failed",
  progress: null,
  seconds_left: null,
  message: null,
});

test("the newest run of a picture is found in whatever order news of jobs came", () => {
  const jobs = [job("01", "a"), job("04", "b"), job("03", "a"), job("05", "a", "training")];
  expect(lastRun(jobs, "a")?.id).toBe("03");
  expect(lastRun(jobs.toReversed(), "a")?.id).toBe("03");
  expect(lastRun(jobs, "c")).toBeUndefined();
});
