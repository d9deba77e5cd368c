import { expect, test } from "vitest";
import type { Answer, Op } from "../../src/api/types.ts";
import { LABEL_SIDE, LabelTiles } from "../../src/engine/labels.ts";
import { memoryStore, type Waiting } from "../../src/engine/queue.ts";
import { type Doors, EditSession } from "../../src/engine/session.ts";
import { edit } from "./edits.ts";

const size = { width: 100, height: 100 };

/** A small server: one pixel an edit, a journal, and revisions that must fit. */
class Server {
  journal: Answer[] = [];
  byOp = new Map<string, Answer>();
  received: Op[] = [];
  troubles: (number | null | "lost")[] = [];

  take(op: Op): Answer {
    this.received.push(op);
    const trouble = this.troubles.shift();
    if (trouble !== undefined && trouble !== "lost") throw { status: trouble };
    const done = this.byOp.get(op.op_id);
    if (done !== undefined) return done;
    if (op.base !== this.journal.length) throw { status: 409 };
    const answer = this.write(
      op.points[0],
      op.kind === "erase" ? 0 : this.journal.length + 1,
    );
    this.byOp.set(op.op_id, answer);
    if (trouble === "lost") throw { status: null };
    return answer;
  }

  write([x, y]: readonly [number, number], id: number): Answer {
    const rows = { columns: ["label"], values: id > 0 ? [[id]] : [] };
    const patches = [{ x, y, width: 1, height: 1, runs: [[id, 1] as [number, number]] }];
    const rev = this.journal.length + 1;
    const answer = {
      rev,
      patches,
      rows,
      gone: [],
      pending: [],
      n_objects: rev,
      undo: { kind: "draw", n_ids: 0, first_id: null, op_id: `${rev}` } as const,
      redo: null,
    };
    this.journal.push(answer);
    return answer;
  }

  since(rev: number): Answer {
    const answers = this.journal.slice(rev);
    return { ...this.journal.at(-1)!, patches: answers.flatMap(({ patches }) => patches) };
  }
}

function bench(server = new Server(), store = memoryStore(), doors: Partial<Doors> = {}) {
  const tiles = new LabelTiles(size, 0);
  const data = new Uint32Array(100 * 100);
  tiles.receive({ z: 0, y: 0, x: 0 }, data, { rev: 0, asked: 0 });
  const told = {
    waiting: 0,
    offline: 0,
    refused: [] as Waiting[],
    revs: [] as number[],
    changes: 0,
  };
  const session = new EditSession(
    "l",
    tiles,
    store,
    {
      postOp: async (_, op) => server.take(op),
      undo: async (_, op_id, base) =>
        server.take({
          ...edit("u"),
          op_id,
          base,
          kind: "erase",
          points: [[1, 1]],
          ids: [],
        } as Op),
      redo: async () => server.journal[0],
      since: async (_, rev) => server.since(rev),
      statusOf: (problem) => (problem as { status: number | null }).status,
      wait: async () => {},
      ...doors,
    },
    {
      changed: () => {
        told.changes++;
      },
      answered: ({ rev }) => told.revs.push(rev),
      waiting: (_, isWaiting) => {
        told.waiting += isWaiting ? 1 : -1;
      },
      offline: (isOffline) => {
        told.offline += isOffline ? 1 : 0;
      },
      refused: (which) => told.refused.push(which),
    },
  );
  return { server, tiles, store, told, session };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("an edit is seen at once and takes the server's number when it answers", async () => {
  const { tiles, session, told, store } = bench();
  session.add(edit("a", { width: 1 }));
  expect(tiles.idAt(5, 5)).toBe(4e9);
  await settled();
  expect(tiles.idAt(5, 5)).toBe(1);
  expect(told.waiting).toBe(0);
  expect(await store.list("l")).toEqual([]);
});

test("a line that breaks after the server did its work does not do it twice", async () => {
  const { server, session, told } = bench();
  server.troubles = [null, "lost", 503];
  session.add(edit("a"));
  session.add(edit("b", { points: [[9, 9]] }));
  await settled();
  expect(server.journal).toHaveLength(2);
  expect([told.offline, told.waiting]).toEqual([3, 0]);
  expect(told.revs).toEqual([1, 2]);
});

test("a program that was started again and knows us no more costs no edit", async () => {
  const { server, session, told } = bench();
  server.troubles = [null, 401, 403, 421, 429];
  session.add(edit("a"));
  await settled();
  expect(server.journal).toHaveLength(1);
  expect(told.offline).toBe(5);
  expect(told.refused).toEqual([]);
});

test("edits made elsewhere are fetched before this one is sent again", async () => {
  const { server, tiles, session, told } = bench();
  server.write([70, 70], 50);
  server.write([71, 71], 51);
  session.add(edit("a"));
  await settled();
  expect([tiles.idAt(70, 70), tiles.idAt(71, 71), tiles.idAt(5, 5)]).toEqual([50, 51, 3]);
  expect(told.revs).toEqual([2, 3]);
});

test("an answer that skips revisions brings what came between, and old rows do not return", async () => {
  const { server, tiles, session, told } = bench();
  const take = server.take.bind(server);
  server.take = (op) => {
    const at = server.journal.length;
    if (at === 0) server.write([70, 70], 50);
    const answer = take({ ...op, base: server.journal.length });
    server.write([72, 72], 60);
    return answer;
  };
  session.add(edit("a"));
  await settled();
  expect([tiles.idAt(70, 70), tiles.idAt(5, 5), tiles.idAt(72, 72)]).toEqual([50, 2, 60]);
  expect(told.revs).toEqual([3]);
});

test("an edit that the server refuses is taken off the screen and told", async () => {
  const { server, tiles, session, told, store } = bench();
  server.troubles = [413];
  session.add(edit("a"));
  await settled();
  expect(tiles.idAt(5, 5)).toBe(0);
  expect(told.refused.map(({ op_id }) => op_id)).toEqual(["a"]);
  expect(await store.list("l")).toEqual([]);
});

test("what an earlier visit could not send is shown and sent", async () => {
  const { tiles, session, store, server } = bench();
  await store.add(edit("old", { width: 1 }));
  session.resume(await store.list("l"));
  await settled();
  expect(server.received.map(({ op_id }) => op_id)).toEqual(["old"]);
  expect(tiles.idAt(5, 5)).toBe(1);
});

test("undo goes through the same queue, after what was drawn before it", async () => {
  const { session, server } = bench();
  session.add(edit("a"));
  session.add(edit("b", { kind: "undo", points: [] }));
  await settled();
  expect(server.received.map(({ op_id }) => op_id)).toEqual(["a", "b"]);
});

test("an idle window takes in what another one did", async () => {
  const { session, server, tiles } = bench();
  server.write([30, 31], 8);
  session.noticed(1);
  await settled();
  expect(tiles.idAt(30, 31)).toBe(8);
  expect(tiles.rev).toBe(1);
});

test("what changed while the session began is fetched at once", async () => {
  const { session, server, told } = bench();
  server.write([30, 31], 8);
  session.resume([]);
  await settled();
  expect(told.revs).toEqual([1]);
});

test("news that cannot be fetched are fetched when the line is whole again", async () => {
  const problems = [{ status: null }, { status: 503 }];
  const server = new Server();
  const since = async (_: string, rev: number) => {
    const problem = problems.shift();
    if (problem !== undefined) throw problem;
    return server.since(rev);
  };
  const { session, tiles, told } = bench(server, memoryStore(), { since });
  server.write([30, 31], 8);
  session.noticed(1);
  await settled();
  expect(tiles.rev).toBe(1);
  expect(told.offline).toBe(2);
});

test("labels that are no more are asked for once", async () => {
  let asked = 0;
  const since = async () => {
    asked++;
    throw { status: 404 };
  };
  const { session } = bench(new Server(), memoryStore(), { since });
  session.noticed(1);
  await settled();
  expect(asked).toBe(1);
});

/** A door that answers only when it is let. */
function held<T extends unknown[], R>(door: (...args: T) => Promise<R>) {
  const waiting: (() => void)[] = [];
  const answer = async (...args: T) => {
    const result = await door(...args);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return result;
  };
  return { answer, letGo: () => waiting.splice(0).forEach((go) => void go()) };
}

test("what another window did while an answer was under way is fetched after it", async () => {
  const server = new Server();
  const door = held(async (_: string, op: Op) => server.take(op));
  const { session, tiles, told } = bench(server, memoryStore(), { postOp: door.answer });
  session.add(edit("a"));
  await settled();
  server.write([30, 31], 8);
  session.noticed(2); // these news outrun the answer
  door.letGo();
  await settled();
  expect(tiles.idAt(30, 31)).toBe(8);
  expect(told.revs).toEqual([1, 2]);
});

test("a picture that is put away shows no answer, but its edits are sent", async () => {
  const server = new Server();
  const door = held(async (_: string, op: Op) => server.take(op));
  const { session, told, store } = bench(server, memoryStore(), { postOp: door.answer });
  session.add(edit("a"));
  session.add(edit("b", { points: [[9, 9]] }));
  await settled();
  session.close();
  const { changes } = told;
  for (let i = 0; i < 2; i++) {
    door.letGo();
    await settled();
  }
  expect([told.revs, told.changes]).toEqual([[], changes]);
  expect(server.received.map(({ op_id }) => op_id)).toEqual(["a", "b"]);
  expect(told.waiting).toBe(0);
  expect(await store.list("l")).toEqual([]);
});

test("news that come after their picture was put away tell nobody", async () => {
  const server = new Server();
  const door = held(async (_: string, rev: number) => server.since(rev));
  const { session, told } = bench(server, memoryStore(), { since: door.answer });
  server.write([30, 31], 8);
  session.noticed(1);
  await settled();
  session.close();
  door.letGo();
  await settled();
  expect([told.revs, told.changes]).toEqual([[], 0]);
});

test("edits without an answer are sent when their picture is opened again, and done once", async () => {
  const server = new Server();
  const door = held(async (_: string, op: Op) => server.take(op));
  const first = bench(server, memoryStore(), { postOp: door.answer });
  first.session.add(edit("a"));
  first.session.add(edit("b", { points: [[9, 9]] }));
  await settled();
  first.session.close(); // the server did "a", but its answer is still on the way
  const second = bench(server, first.store);
  second.session.resume(await first.store.list("l"));
  await settled();
  expect(server.received.map(({ op_id }) => op_id)).toEqual(["a", "a", "b"]);
  for (let i = 0; i < 2; i++) {
    door.letGo();
    await settled();
  }
  expect(server.journal).toHaveLength(2);
  expect(first.told.revs).toEqual([]);
  expect(second.told.revs).toEqual([1, 2]);
  expect([second.tiles.idAt(5, 5), second.tiles.idAt(9, 9)]).toEqual([1, 2]);
  expect(await first.store.list("l")).toEqual([]);
});

test("a refusal is told although its picture was put away", async () => {
  const { server, session, told } = bench();
  server.troubles = [413];
  session.add(edit("a"));
  session.close();
  await settled();
  expect(told.refused.map(({ op_id }) => op_id)).toEqual(["a"]);
});

test("the size of a tile is that of the protocol", () => expect(LABEL_SIDE).toBe(1024));

test("a stroke is seen while it is drawn, and gone when it is given up", () => {
  const { tiles, session, server } = bench();
  session.sketch(edit("", { points: [[5, 5]] }));
  session.sketch(
    edit("", {
      points: [
        [5, 5],
        [30, 5],
      ],
    }),
  );
  expect([5, 20, 30].map((x) => tiles.idAt(x, 5))).toEqual([4e9, 4e9, 4e9]);
  session.endSketch();
  expect([5, 20, 30].map((x) => tiles.idAt(x, 5))).toEqual([0, 0, 0]);
  expect(server.received).toEqual([]);
});

test("what was sketched becomes the edit: nothing else stays when it is answered", async () => {
  const { tiles, session } = bench();
  session.sketch(
    edit("", {
      points: [
        [5, 5],
        [30, 5],
      ],
    }),
  );
  session.add(
    edit("a", {
      points: [
        [5, 5],
        [30, 5],
      ],
    }),
  );
  expect(tiles.idAt(30, 5)).toBe(4e9);
  await settled();
  // This server paints the first point alone.
  expect([5, 20, 30].map((x) => tiles.idAt(x, 5))).toEqual([1, 0, 0]);
});

test("an answer that comes while a stroke is drawn leaves the stroke where it is", async () => {
  const { tiles, session } = bench();
  session.add(edit("a", { points: [[50, 50]] }));
  session.sketch(edit("", { kind: "erase", shown: 0, points: [[50, 50]] }));
  session.sketch(edit("", { points: [[70, 70]], shown: 5e8 }));
  await settled();
  expect([tiles.idAt(50, 50), tiles.idAt(70, 70)]).toEqual([0, 5e8]);
  session.endSketch();
  expect([tiles.idAt(50, 50), tiles.idAt(70, 70)]).toEqual([1, 0]);
});
