/** The queue of objects to look through, the most doubtful first, and when to stop. */

import * as api from "../api/client.ts";
import type { ReviewTold } from "../api/types.ts";
import { resized, type View } from "../engine/view.ts";
import { app } from "./app.svelte.ts";
import { desk } from "./desk.svelte.ts";

const CONFIDENCE = "confidence";

class Review {
  queue = $state.raw<readonly number[]>([]);
  at = $state(0);
  isOn = $state(false);
  /** What the verdicts so far tell of all objects. */
  told = $state.raw<ReviewTold | null>(null);
  #before: { picture: string | null; view: View } | null = null;
  current = $derived(this.queue[this.at] ?? null);
  /** Brings an object into sight; the actions set it. */
  shown: (id: number) => void = () => {};
  /** Those that are accepted or gone; an undo brings them back. */
  judged = $derived.by(() => {
    void desk.revision;
    const { table } = desk;
    return new Set(this.queue.filter((id) => !table.has(id) || table.accepted.has(id)));
  });

  /** Where the method tells no doubts, the smallest come first: specks are the usual ones. */
  async begin(): Promise<void> {
    const told = await this.ask(true);
    if (told === null) return;
    const ids = told.queue.values.map(([id]) => Number(id));
    const known = new Set(ids);
    const inOrder = told.basis === "none" ? desk.table.sorted(desk.measure) : ids;
    this.queue = inOrder.filter((id) => known.has(id) && desk.table.has(id));
    this.isOn = true;
    this.at = 0;
    this.#before = { picture: app.pictureId, view: desk.view };
    this.#look();
  }

  /** Ask what the verdicts tell, with the queue or without; null where it came too late. */
  async ask(withQueue = false): Promise<ReviewTold | null> {
    const { label } = desk;
    if (label === null) return null;
    const told = await app.try(() => api.review(label, withQueue));
    if (told === undefined || desk.label !== label) return null;
    this.told = told;
    return told;
  }

  /** Leave the queue; the picture lies as before it. */
  end(): void {
    const { width, height, ratio } = desk.view;
    if (this.isOn && this.#before?.picture === app.pictureId) {
      desk.view = resized(this.#before.view, width, height, ratio);
    }
    this.isOn = false;
    this.queue = [];
  }

  step(by: number): void {
    if (!this.isOn) return;
    this.at = Math.min(this.queue.length - 1, Math.max(0, this.at + by));
    this.#look();
  }

  judge(verdict: "accept" | "reject"): void {
    const id = this.current;
    if (id === null) return;
    if (desk.table.has(id)) desk.act(verdict, [id]);
    this.step(1);
  }

  confidence(id: number): number | null {
    const value = desk.table.value(id, CONFIDENCE);
    return typeof value === "number" ? value : null;
  }

  #look(): void {
    const id = this.current;
    if (id === null) return;
    desk.choose([id], id);
    this.shown(id);
  }
}

export const review = new Review();
