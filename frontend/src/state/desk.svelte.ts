/** What lies on the desk: one picture, its objects, the tool in hand, and what is chosen. */

import * as api from "../api/client.ts";
import { DOORS } from "../api/doors.ts";
import type { Act, Answer, Summary } from "../api/types.ts";
import { Chunks, type Point } from "../engine/chunks.ts";
import type { Box } from "../engine/geometry.ts";
import { Inquiry } from "../engine/inquiry.ts";
import { LabelTiles } from "../engine/labels.ts";
import { memoryStore, openStore, type Waiting } from "../engine/queue.ts";
import type { Look } from "../engine/renderer.ts";
import { EditSession, type Stroke } from "../engine/session.ts";
import { ObjectTable, sizeAmong } from "../engine/table.ts";
import type { View } from "../engine/view.ts";
import type { Viewer } from "../engine/viewer.ts";
import { t } from "../text/text.svelte.ts";
import { app } from "./app.svelte.ts";
import { newEditIdentifier, newIdentifier } from "./identifier.ts";
import { marking } from "./marking.svelte.ts";
import { type Tool, widened } from "./tools.ts";

const NO_STEPS = { undo: null, redo: null };
const PAINTED_AHEAD = 0xf0000000; // numbers that the server never gives out

class Desk {
  tool = $state<Tool>("select");
  width = $state(12);
  overwrite = $state(false);
  look = $state.raw<Look>({ low: 0, high: 1, opacity: 0.5, mode: "colour", outline: true });
  isHidden = $state(false);
  showsIds = $state(false);
  view = $state.raw<View>({ width: 1, height: 1, ratio: 1, scale: 1, left: 0, top: 0 });
  label = $state<string | null>(null);
  /** Rises with every change of the objects; what is drawn from the table depends on it. */
  revision = $state(0);
  chosen = $state.raw<ReadonlySet<number>>(new Set());
  selected = $state(0);
  pending = $state.raw<readonly number[]>([]);
  warnings = $state.raw<readonly string[]>([]);
  summary = $state.raw<Summary | null>(null);
  measure = $state("");
  /** Of the histogram's bars, as a person typed it; null: as it is offered. */
  binWidth = $state<number | null>(null);
  weight = $state<"number" | "volume">("number");
  /** What the next undo takes back, and the next redo does again. */
  steps = $state.raw<Readonly<Record<"undo" | "redo", Act | null>>>(NO_STEPS);
  nWaiting = $state(0);
  isOffline = $state(false);
  trail = $state.raw<readonly Point[]>([]);
  /** The version that the picture shows instead of the labels of now; null within: as found. */
  before = $state.raw<{ version: string | null } | null>(null);
  table = new ObjectTable();
  tiles: LabelTiles | null = null;
  viewer: Viewer | null = null;
  #session: EditSession | null = null;
  #chunks = new Chunks();
  #stroke: { group: string; shown: number } | null = null;
  #nPainted = 0;
  readonly #numbers = new Inquiry(
    () => this.#fetchSummary(),
    () => this.nWaiting === 0 && this.#stroke === null,
  );
  #nLaid = 0;
  /** Edits of all pictures: those of one that was put away are still being sent. */
  readonly #unsaved = new Set<string>();
  // One for the window: where the browser has none, edits still outlive a change of picture.
  readonly #store = openStore().catch(memoryStore);

  /** Bring another label set to the desk; null clears it. */
  async lay(label: string | null): Promise<void> {
    const turn = ++this.#nLaid;
    this.#session?.close();
    this.#session = null;
    this.label = label;
    this.table = new ObjectTable();
    this.summary = null;
    [this.pending, this.warnings] = [[], []];
    this.steps = NO_STEPS;
    [marking.kind, this.before] = [null, null];
    this.cancel();
    this.choose([]);
    this.tiles = null;
    this.viewer?.showLabels(null);
    this.revision++;
    const { picture } = app;
    if (label === null || picture === null) return;
    // In this order the rows may be newer than the revision, which is then caught up with.
    const set = await api.labelSet(label);
    const rows = await api.objects(label);
    const store = await this.#store;
    const unsent = await store.list(label).catch(() => []);
    if (this.#nLaid !== turn) return; // another picture was chosen meanwhile
    this.table = new ObjectTable(rows, set.accepted);
    this.tiles = new LabelTiles(picture, set.rev, {
      dropped: (tile) => this.viewer?.forget(tile),
    });
    this.steps = set;
    [this.pending, this.warnings] = [set.pending, set.warnings];
    this.#count(set.n_objects);
    this.#chooseMeasure();
    this.#session = new EditSession(label, this.tiles, store, DOORS, this.#ears());
    this.viewer?.showLabels(this.tiles);
    this.revision++;
    this.askSummary();
    this.#session.resume(unsent);
  }

  /** Show the labels as they were; null shows those of now again. */
  showBefore(before: { version: string | null } | null): void {
    if (this.before === before || app.picture === null) return;
    this.before = before;
    this.viewer?.showLabels(before === null ? this.tiles : new LabelTiles(app.picture, 0));
  }

  noticed(label: string, rev: number): void {
    if (label === this.label) this.#session?.noticed(rev);
  }

  /** The server is there again: fetch what was missed, or what could not be laid. */
  async comeBack(): Promise<void> {
    if (this.#session !== null) this.#session.noticed(Number.POSITIVE_INFINITY);
    else if (this.label !== null) await this.lay(this.label);
  }

  choose(ids: Iterable<number>, selected = 0): void {
    [this.chosen, this.selected] = [new Set(ids), selected];
    const marks = new Uint8Array(Math.max(0, ...this.chosen) + 1);
    for (const id of this.chosen) marks[id] = 1;
    this.viewer?.setMarks(this.chosen.size > 1 ? marks : new Uint8Array(0));
    if (this.viewer !== null) this.viewer.selected = selected;
  }

  begin(at: Point): void {
    const under = this.tiles?.idAt(...at) ?? 0;
    const isNew = under === 0 || this.overwrite;
    const shown =
      this.tool === "erase" ? 0 : isNew ? PAINTED_AHEAD + ++this.#nPainted : under;
    this.#stroke = { group: newIdentifier(), shown };
    this.move([at]);
  }

  move(points: readonly Point[]): void {
    if (this.tool !== "draw" && this.tool !== "erase") {
      this.trail = [...this.trail, ...points];
      return;
    }
    const { last } = this.#chunks;
    const piece = this.#chunks.add(points, performance.now());
    if (piece !== null) this.#send(piece);
    else this.#session?.sketch(this.#painted(last ? [last, ...points] : points));
  }

  end(): void {
    const isPainting = this.tool === "draw" || this.tool === "erase";
    const rest = isPainting ? this.#chunks.finish() : this.trail;
    if (rest !== null && rest.length > 0) this.#send(rest);
    this.trail = [];
    this.#stroke = null;
    void this.#numbers.goOn();
  }

  cancel(): void {
    marking.cancel();
    this.#chunks.finish();
    this.#session?.endSketch();
    this.trail = [];
    this.#stroke = null;
  }

  widen(steps: number): void {
    this.width = widened(this.width, steps);
  }

  /** Note what the server has not confirmed yet, or has. */
  waits(op: string, isWaiting: boolean): void {
    if (isWaiting) this.#unsaved.add(op);
    else this.#unsaved.delete(op);
    this.nWaiting = this.#unsaved.size;
  }

  /** An act on whole objects, as from the table, a filter or the review. */
  act(kind: "delete" | "merge" | "accept" | "reject", ids: readonly number[]): void {
    if (ids.length > 0) this.#add({ kind, ids });
    if (kind !== "accept") this.choose([]);
    else for (const id of ids) this.table.accepted.add(id);
    this.revision++;
  }

  undo(): void {
    this.#add({ kind: "undo" });
  }

  redo(): void {
    this.#add({ kind: "redo" });
  }

  /** Ask for the numbers with their intervals, once no edit waits and no stroke is drawn. */
  askSummary(): void {
    this.#numbers.want();
  }

  async #fetchSummary(): Promise<void> {
    const { label, measure, weight } = this;
    if (label === null || measure === "") return;
    const summary = await api.summary(label, measure, weight).catch(() => null);
    const isWanted =
      this.label === label && this.measure === measure && this.weight === weight;
    if (isWanted) this.summary = summary;
    else this.askSummary();
  }

  #send(points: readonly Point[]): void {
    this.trail = [];
    if (this.tool === "select" || this.#stroke === null) return;
    this.#add({ ...this.#painted(points), group: this.#stroke.group });
  }

  /** What the tool in hand makes of a way over the picture. */
  #painted(points: readonly Point[]): Stroke {
    return {
      kind: this.tool === "select" ? "draw" : this.tool,
      points,
      shown: this.#stroke?.shown ?? 0,
      width: this.width,
      overwrite: this.overwrite && this.tool === "draw",
    };
  }

  #add(edit: Partial<Waiting> & Pick<Waiting, "kind">): void {
    if (this.label === null || this.#session === null) return;
    this.#session.add({
      op_id: newEditIdentifier(),
      label: this.label,
      group: null,
      points: [],
      width: this.width,
      ids: [],
      overwrite: false,
      shown: 0,
      ...edit,
    });
  }

  #ears() {
    return {
      changed: (box: Box | null) => box !== null && this.viewer?.redraw(box),
      answered: (answer: Answer) => this.#answered(answer),
      waiting: ({ op_id }: Waiting, isWaiting: boolean) => {
        this.waits(op_id, isWaiting);
        // An edit that is refused has no answer after which to ask.
        queueMicrotask(() => void this.#numbers.goOn());
      },
      offline: (isOffline: boolean) => {
        this.isOffline = isOffline;
      },
      refused: (_: Waiting, problem: Error) => {
        app.problem = t("problem.refused", { why: problem.message });
      },
    };
  }

  #answered(answer: Answer): void {
    this.table.apply(answer.rows, answer.gone, answer.accepted);
    this.pending = answer.pending;
    this.steps = answer;
    if (answer.message) app.problem = answer.message;
    this.#count(answer.n_objects);
    const left = Array.from(this.chosen).filter((id) => this.table.has(id));
    if (left.length < this.chosen.size) {
      this.choose(left, this.table.has(this.selected) ? this.selected : 0);
    }
    this.#chooseMeasure();
    this.revision++;
    this.askSummary();
  }

  #count(n: number): void {
    const shown = app.pictures.find(({ labels }) => labels === this.label);
    if (shown && shown.n_objects !== n) app.putPicture({ ...shown, n_objects: n });
  }

  #chooseMeasure(): void {
    const columns = this.table.columnsOf("number");
    if (columns.includes(this.measure)) return;
    [this.measure, this.binWidth] = [sizeAmong(columns), null];
  }
}

export const desk = new Desk();
app.labelsChanged = (label, rev) => desk.noticed(label, rev);
app.cameBack = () => desk.comeBack();
