import { expect, test, vi } from "vitest";
import { Outbox } from "../../src/later/classes/outbox.ts";

class No extends Error {
  constructor(readonly status: number | null) {
    super("no");
  }
}

function made() {
  const told: string[] = [];
  const pauses: number[] = [];
  const outbox = new Outbox(
    {
      statusOf: (problem) => (problem as No).status,
      wait: async (ms) => void pauses.push(ms),
    },
    {
      answered: () => told.push("answered"),
      waiting: (id, isWaiting) => told.push(`${isWaiting ? "+" : "-"}${id}`),
      offline: (isOffline) => told.push(isOffline ? "offline" : "online"),
      refused: () => told.push("refused"),
    },
  );
  return { outbox, told, pauses };
}
const rest = () => new Promise((resolve) => setTimeout(resolve));

test("what is added is sent in order, and one word follows all", async () => {
  const { outbox, told } = made();
  const sent: string[] = [];
  for (const id of ["a", "b", "c"]) outbox.add(id, async () => sent.push(id));
  expect(outbox.isEmpty).toBe(false);
  await rest();
  expect(sent).toEqual(["a", "b", "c"]);
  expect(outbox.isEmpty).toBe(true);
  expect(told.filter((word) => word === "answered").length).toBe(1);
  expect(told.at(-1)).toBe("answered");
});

test("a line that breaks is tried again, ever more slowly, and nothing is lost", async () => {
  const { outbox, told, pauses } = made();
  const send = vi.fn(async () => {
    if (send.mock.calls.length <= 7) throw new No(send.mock.calls.length % 2 ? null : 500);
  });
  outbox.add("a", send);
  await rest();
  expect(send).toHaveBeenCalledTimes(8);
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  expect(told.slice(-3)).toEqual(["-a", "online", "answered"]);
  expect(told).toContain("offline");
});

test("a program that was started anew, or is busy, refuses nothing", async () => {
  for (const status of [401, 403, 408, 421, 429]) {
    const { outbox, told } = made();
    let n = 0;
    outbox.add("a", async () => {
      if (n++ === 0) throw new No(status);
    });
    await rest();
    expect([n, told.includes("refused")]).toEqual([2, false]);
  }
});

test("what is refused is told once and holds up nothing", async () => {
  const { outbox, told } = made();
  const sent: string[] = [];
  outbox.add("a", () => Promise.reject(new No(404)));
  outbox.add("b", async () => sent.push("b"));
  await rest();
  expect(sent).toEqual(["b"]);
  expect(told.filter((word) => word === "refused").length).toBe(1);
});
