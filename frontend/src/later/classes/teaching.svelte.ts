/** Painting classes on pictures, and seeing what the strokes teach. */

import { Refusal } from "../../api/client.ts";
import { DOORS } from "../../api/doors.ts";
import type { Point } from "../../engine/chunks.ts";
import type { Box } from "../../engine/geometry.ts";
import { Inquiry } from "../../engine/inquiry.ts";
import { visiblePart } from "../../engine/view.ts";
import { app } from "../../state/app.svelte.ts";
import { desk } from "../../state/desk.svelte.ts";
import { newIdentifier } from "../../state/identifier.ts";
import { t } from "../../text/text.svelte.ts";
import * as api from "./api.ts";
import { Outbox } from "./outbox.ts";
import { c } from "./text.ts";
import { along } from "./way.ts";

const MOST_PIXELS = 2 ** 20; // of a window, as the server has it
const ERASER = null;

class Teaching {
  classes = $state.raw<readonly api.PixelClass[]>([]);
  /** The class that the brush paints; null is the eraser. */
  chosen = $state<number | null>(ERASER);
  strokes = $state.raw<readonly api.Stroke[]>([]);
  /** The stroke under the brush. */
  drawn = $state.raw<api.Stroke | null>(null);
  map = $state.raw<{ readonly box: Box; readonly data: Uint8Array } | null>(null);
  opacity = $state(0.5);
  isHidden = $state(false);
  isDue = $state(false);
  /** Why there is no map, in a sentence of the server. */
  problem = $state<string | null>(null);
  canTeach = $derived(this.classes.filter(({ n_strokes: n }) => n > 0).length > 1);
  #undone = $state.raw<readonly api.Stroke[]>([]);
  #picture: string | null = null;
  #nSent = 0;
  #isStale = false;
  readonly #inquiry = new Inquiry(
    () => this.#askMap(),
    () => this.#outbox.isEmpty,
  );
  readonly #outbox = new Outbox(DOORS, {
    answered: () => {
      if (this.#isStale) void this.#fetchStrokes();
      this.look();
    },
    waiting: (id, isWaiting) => desk.waits(id, isWaiting),
    offline: (isOffline) => {
      desk.isOffline = isOffline;
    },
    refused: (problem) => {
      app.problem = t("problem.refused", { why: problem.message });
      void this.#fetchStrokes();
    },
  });

  /** Show what is painted on the picture in sight. */
  async begin(): Promise<void> {
    const { project, pictureId } = app;
    [this.#picture, this.strokes, this.#undone] = [pictureId, [], []];
    [this.map, this.drawn, this.problem] = [null, null, null];
    if (project === null || pictureId === null) return;
    const box = this.#window();
    if (box !== null) void api.makeReady(pictureId, box).catch(() => {});
    await this.change(() => api.classes(project.id));
    if (this.chosen === ERASER) this.#chooseFirst();
    await this.#fetchStrokes();
    this.look();
  }

  /** The background, which is to be painted first, until it has a stroke. */
  #chooseFirst(): void {
    const [background, next] = this.classes;
    this.chosen = (background?.n_strokes === 0 ? background : next)?.id ?? ERASER;
  }

  /** Take over the classes that the server tells after a change of them. */
  async change(ask: () => Promise<api.PixelClass[]>): Promise<void> {
    const told = await app.try(ask);
    if (told !== undefined) this.classes = told;
    const isKnown =
      this.chosen === ERASER || this.classes.some(({ id }) => id === this.chosen);
    if (!isKnown) this.#chooseFirst(); // the one that was painted is gone
  }

  /** Classes came, went or were renamed: what the strokes teach is another thing. */
  async changeClasses(ask: () => Promise<api.PixelClass[]>): Promise<void> {
    await this.change(ask);
    await this.#fetchStrokes();
    this.look();
  }

  /** Ask what the pixels in sight are, once all strokes have arrived. */
  look(): void {
    if (this.canTeach) this.#inquiry.want();
    else this.map = null;
  }

  begun(at: Point): void {
    if (this.classes.length === 0) return; // they are on their way
    const { chosen: class_id } = this;
    this.drawn = { op_id: newIdentifier(), class_id, width: desk.width, points: [at] };
  }

  moved(points: readonly Point[]): void {
    const { drawn } = this;
    if (drawn !== null) this.drawn = { ...drawn, points: [...drawn.points, ...points] };
  }

  ended(): void {
    if (this.drawn === null) return;
    const { drawn } = this;
    this.drawn = null;
    this.#undone = [];
    for (const points of along(drawn.points, drawn.width)) {
      this.#send({ ...drawn, op_id: newIdentifier(), points });
    }
  }

  cancelled(): void {
    this.drawn = null;
  }

  step(way: "undo" | "redo", takes = false): boolean {
    const stroke = (way === "undo" ? this.strokes : this.#undone).at(-1);
    if (stroke === undefined || this.#picture === null) return false;
    if (takes && way === "redo") {
      this.#undone = this.#undone.slice(0, -1);
      this.#send(stroke);
    } else if (takes) {
      const [picture, { op_id }] = [this.#picture, stroke];
      this.strokes = this.strokes.slice(0, -1);
      this.#undone = [...this.#undone, stroke];
      this.#add(`-${op_id}`, () => api.takeBack(picture, op_id));
    }
    return true;
  }

  #send(stroke: api.Stroke): void {
    const picture = this.#picture;
    if (picture === null) return;
    this.strokes = [...this.strokes, stroke];
    this.#add(stroke.op_id, () => api.draw(picture, stroke));
  }

  #add(id: string, ask: () => Promise<api.PixelClass[]>): void {
    this.#nSent++;
    this.#outbox.add(id, async () => {
      this.classes = await ask();
    });
  }

  async #fetchStrokes(): Promise<void> {
    const picture = this.#picture;
    if (picture === null) return;
    const [isQuiet, nSent] = [this.#outbox.isEmpty, this.#nSent];
    const told = await app.try(() => api.strokes(picture));
    if (told === undefined || this.#picture !== picture) return;
    // What was on its way meanwhile may not be told yet: then it is asked once more.
    this.#isStale = !isQuiet || nSent !== this.#nSent;
    const known = new Set(told.map(({ op_id }) => op_id));
    const own = this.#isStale ? this.strokes.filter(({ op_id }) => !known.has(op_id)) : [];
    this.strokes = [...told, ...own];
  }

  #window(): Box | null {
    const { picture } = app;
    return picture?.width ? visiblePart(desk.view, picture, MOST_PIXELS) : null;
  }

  async #askMap(): Promise<void> {
    const [picture, box] = [this.#picture, this.#window()];
    if (picture === null || box === null || !this.canTeach) return;
    this.isDue = true;
    try {
      const data = await api.classMap(picture, box);
      if (this.#picture === picture) [this.map, this.problem] = [{ box, data }, null];
    } catch (problem) {
      const isNews = problem instanceof Refusal && problem.code !== "superseded";
      if (isNews) this.problem = problem.message;
    }
    this.isDue = false;
  }

  /** The class after the one that is painted. */
  next(): void {
    const at = this.classes.findIndex(({ id }) => id === this.chosen);
    this.chosen = this.classes[(at + 1) % this.classes.length]?.id ?? ERASER;
  }

  /** Whether only a part of what is in sight has a map. */
  get isPart(): boolean {
    const { map } = this;
    const all = app.picture && visiblePart(desk.view, app.picture, Number.MAX_VALUE);
    return map !== null && all !== null && map.box.width < all.width - 1;
  }

  freshName(): string {
    const names = this.classes.map(({ name }) => name);
    let n = this.classes.length;
    while (names.includes(c("fresh", { n }))) n++;
    return c("fresh", { n });
  }
}

export const teaching = new Teaching();
