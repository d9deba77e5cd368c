/** What the chosen method would find in the visible part, while its options change. */

import * as api from "../api/client.ts";
import type { Box } from "../engine/geometry.ts";
import { visiblePart } from "../engine/view.ts";
import { app } from "./app.svelte.ts";
import { desk } from "./desk.svelte.ts";
import { thin } from "./thin.svelte.ts";

const MOST_PIXELS = 2 ** 20;
const PAUSE = 150; // ms without another change

class Preview {
  shown = $state.raw<{
    box: Box;
    n: number;
    cutoff: number;
    map: Uint8Array | null;
  } | null>(null);
  /** Whether the map in which objects are found is shown too. */
  wantsMap = $state(false);
  isDue = $state(false);
  /** Why there is none, in a sentence of the server. */
  problem = $state<string | null>(null);
  #timer = 0;
  #asked: AbortController | null = null;

  /** Let the server read a picture ahead; what is wrong with it, a preview will say. */
  prepare(id: string): void {
    if (!app.isVolume) void api.makeReady(id).catch(() => {});
  }

  /** Ask soon; what was asked before is not waited for any more. */
  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), PAUSE);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#asked = null;
    this.isDue = false;
    this.problem = null;
    this.shown = null;
    if (desk.viewer !== null) desk.viewer.preview = null;
  }

  async #ask(): Promise<void> {
    const { picture, method, options } = app;
    const box = picture && !app.isVolume && visiblePart(desk.view, picture, MOST_PIXELS);
    if (!picture || !box) return;
    this.#asked?.abort();
    const asked = new AbortController();
    this.#asked = asked;
    this.isDue = true;
    try {
      const body = {
        ...{ segmenter: method, params: options, thin: thin.choice },
        ...{ window: box, with_map: this.wantsMap },
      };
      const made = await api.preview(picture.id, body, asked.signal);
      if (this.#asked === asked) this.#show(box, made);
    } catch (problem) {
      if (this.#asked === asked) this.#fail(problem);
    }
    if (this.#asked === asked) this.isDue = false;
  }

  #show(box: Box, { data, ...told }: api.Previewed): void {
    this.problem = null;
    this.shown = { box, ...told };
    if (desk.viewer === null) return;
    desk.viewer.preview = { z: 0, y: 0, x: 0, box, data, rev: 0, dirty: null };
  }

  #fail(problem: unknown): void {
    if (!(problem instanceof api.Refusal)) throw problem;
    if (problem.code !== "superseded") this.problem = problem.message;
  }
}

export const preview = new Preview();
