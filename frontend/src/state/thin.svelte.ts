/** Thin structures: what the next run is asked for, and the lines of the labels in sight. */

import { Refusal } from "../api/client.ts";
import { type Lines, linesOf, pathsOf, type ThinChoice } from "../api/thin.ts";
import { type Paths, pathsFrom } from "../engine/lines.ts";
import { ObjectTable } from "../engine/table.ts";

const PAUSE = 500; // ms without another correction

export interface Found extends Lines {
  readonly label: string;
  readonly table: ObjectTable;
  readonly paths: Paths;
}

class Thin {
  choice = $state.raw<ThinChoice>({ enabled: false, grey: "none" });
  found = $state.raw<Found | null>(null);
  isDue = $state(false);
  /** Why there are none, in a sentence of the server. */
  problem = $state<string | null>(null);
  /** The segment that is lit; 0: none. */
  lit = $state(0);
  /** Whether the lines are drawn over the picture. */
  isDrawn = $state(true);
  #timer = 0;
  #wanted = "";
  #isOld = false;

  /** Measure labels, or measure them anew: soon, for more corrections may follow. */
  follow(label: string): void {
    const isOther = label !== this.#wanted;
    if (isOther) [this.found, this.problem, this.lit] = [null, null, 0];
    this.#wanted = label;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), isOther ? 0 : PAUSE);
  }

  /** While one answer is due, ask once more after it. */
  async #ask(): Promise<void> {
    this.#isOld = true;
    if (this.isDue) return;
    this.isDue = true;
    while (this.#isOld) {
      this.#isOld = false;
      const label = this.#wanted;
      try {
        const found = await measured(label);
        if (label !== this.#wanted) continue;
        if (found?.rev !== this.found?.rev) this.lit = 0; // its number is another's now
        [this.found, this.problem] = [found, null];
      } catch (problem) {
        if (!(problem instanceof Refusal || problem instanceof TypeError)) throw problem;
        if (label === this.#wanted) this.problem = problem.message;
      }
    }
    this.isDue = false;
  }
}

async function measured(label: string): Promise<Found | null> {
  for (;;) {
    const lines = await linesOf(label);
    if (lines === null) return null;
    const { rev, points } = await pathsOf(label);
    if (rev !== lines.rev) continue; // corrected in between
    const [, ...columns] = lines.segments.columns;
    const table = new ObjectTable({ ...lines.segments, columns: ["label", ...columns] });
    return { ...lines, label, table, paths: pathsFrom(points) };
  }
}

export const thin = new Thin();
