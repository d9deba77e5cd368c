/** Edits of one label set: painted at once, sent in order, settled by the server's answers. */

import type { Answer, Op } from "../api/types.ts";
import type { Box } from "./geometry.ts";
import type { LabelTiles } from "./labels.ts";
import type { Store, Waiting } from "./queue.ts";
import { strokeSpans } from "./raster.ts";

/** The doors of the server that a session needs. */
export interface Doors {
  postOp(label: string, op: Op): Promise<Answer>;
  undo(label: string, opId: string, base: number): Promise<Answer>;
  redo(label: string, opId: string, base: number): Promise<Answer>;
  /** All that happened after a revision, as one answer. */
  since(label: string, rev: number): Promise<Answer>;
  /** The HTTP status of a refusal; null for a line that is broken. */
  statusOf(problem: unknown): number | null;
  wait(ms: number): Promise<void>;
}

export interface Ears {
  /** Part of the picture looks different now. */
  changed(box: Box | null): void;
  /** The server's word on one edit, or on edits made elsewhere. */
  answered(answer: Answer): void;
  /** An edit waits for the server's word, or no longer does. */
  waiting(edit: Waiting, isWaiting: boolean): void;
  offline(isOffline: boolean): void;
  refused(edit: Waiting, problem: Error): void;
}

/** What of an edit is painted. */
export type Stroke = Pick<Waiting, "kind" | "points" | "width" | "overwrite" | "shown">;

const SKETCH = ""; // in the place of an edit's identifier
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

// A program that was started again knows this window only after it is opened anew, and
// one that is busy will have time: such answers say nothing of the edit.
const NOT_OF_THE_EDIT = [401, 403, 408, 421, 429];

const isRefused = (status: number | null) =>
  status !== null && status >= 400 && status < 500 && !NOT_OF_THE_EDIT.includes(status);

export class EditSession {
  #queue: Waiting[] = [];
  #sending = false;
  #pause = FIRST_PAUSE;
  #newest = 0;
  #isSketched = false;

  constructor(
    readonly label: string,
    readonly tiles: LabelTiles,
    readonly store: Store,
    readonly doors: Doors,
    private ears: Ears,
  ) {}

  /** Take up what an earlier visit could not send, and what changed while this one began. */
  resume(unsent: readonly Waiting[]): void {
    for (const edit of unsent) this.#show(edit);
    this.#newest = Number.POSITIVE_INFINITY;
    void this.#send();
  }

  /** Show an edit at once, keep it safe from a crash of the tab, and send it. */
  add(edit: Waiting): void {
    this.endSketch();
    this.#show(edit);
    // Without room in the browser's store, sending at once is the best that can be done.
    this.store.add(edit).catch(() => {});
    void this.#send();
  }

  /** Show part of a stroke that is still being drawn; its edit, or `endSketch`, follows. */
  sketch(stroke: Stroke): void {
    this.#paint(SKETCH, stroke);
    this.#isSketched = true;
  }

  endSketch(): void {
    if (!this.#isSketched) return;
    this.#isSketched = false;
    this.ears.changed(this.tiles.settle(SKETCH, this.tiles.rev, []));
  }

  /** Someone changed the labels: fetch what is new, after the answers that are under way. */
  noticed(rev: number): void {
    this.#newest = Math.max(this.#newest, rev);
    void this.#send();
  }

  /** Another picture is looked at: send what waits, but show nothing of the answers. */
  close(): void {
    this.#newest = 0;
    this.ears = { ...this.ears, changed() {}, answered() {} };
  }

  #show(edit: Waiting): void {
    this.#queue.push(edit);
    this.ears.waiting(edit, true);
    if (edit.kind === "draw" || edit.kind === "erase") this.#paint(edit.op_id, edit);
  }

  #paint(op: string, { kind, points, width, overwrite, shown }: Stroke): void {
    const spans = strokeSpans(points, width, this.tiles.size);
    const over = kind === "erase" || overwrite;
    this.ears.changed(this.tiles.paintAhead({ op, spans, id: shown, over }));
  }

  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#queue.length > 0 || this.#newest > this.tiles.rev) {
      await (this.#queue.length > 0 ? this.#sendFirst(this.#queue[0]) : this.#follow());
    }
    this.#sending = false;
  }

  async #sendFirst(edit: Waiting): Promise<void> {
    try {
      const answer = await this.#ask(edit);
      if (answer.rev > this.tiles.rev + 1) await this.#catchUp();
      // What was caught up with holds this answer already, and perhaps newer rows.
      const isNews = answer.rev > this.tiles.rev;
      this.#done(edit, answer.rev, isNews ? answer.patches : []);
      if (isNews) this.ears.answered(answer);
    } catch (problem) {
      await this.#answerTo(edit, problem);
    }
  }

  #ask(edit: Waiting): Promise<Answer> {
    const base = this.tiles.rev;
    if (edit.kind === "undo") return this.doors.undo(edit.label, edit.op_id, base);
    if (edit.kind === "redo") return this.doors.redo(edit.label, edit.op_id, base);
    return this.doors.postOp(edit.label, {
      op_id: edit.op_id,
      base,
      group: edit.group,
      kind: edit.kind,
      points: edit.points.map(([x, y]) => [x, y]),
      width: edit.width,
      ids: [...edit.ids],
      overwrite: edit.overwrite,
    });
  }

  async #answerTo(edit: Waiting, problem: unknown): Promise<void> {
    const status = this.doors.statusOf(problem);
    if (status === 409) {
      try {
        await this.#catchUp();
      } catch {
        await this.#rest();
      }
    } else if (isRefused(status)) {
      this.#done(edit, this.tiles.rev, []);
      this.ears.refused(edit, problem as Error);
    } else {
      await this.#rest();
    }
  }

  async #rest(): Promise<void> {
    this.ears.offline(true);
    await this.doors.wait(this.#pause);
    this.#pause = Math.min(LONGEST_PAUSE, 2 * this.#pause);
  }

  #done(edit: Waiting, rev: number, patches: Answer["patches"]): void {
    this.#queue.shift();
    this.ears.changed(this.tiles.settle(edit.op_id, rev, patches));
    // An edit that stays in the store is sent again and answered as before: no harm.
    this.store.remove(edit.op_id).catch(() => {});
    this.ears.waiting(edit, false);
    this.#online();
  }

  #online(): void {
    this.#pause = FIRST_PAUSE;
    this.ears.offline(false);
  }

  async #follow(): Promise<void> {
    const noticed = this.#newest;
    this.#newest = 0;
    try {
      await this.#catchUp();
      this.#online();
    } catch (problem) {
      if (isRefused(this.doors.statusOf(problem))) return;
      this.#newest = Math.max(this.#newest, noticed);
      await this.#rest();
    }
  }

  async #catchUp(): Promise<void> {
    const answer = await this.doors.since(this.label, this.tiles.rev);
    if (answer.rev <= this.tiles.rev) return;
    this.ears.changed(this.tiles.settle(null, answer.rev, answer.patches));
    this.ears.answered(answer);
  }
}
