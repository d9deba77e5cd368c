/** What the next drag over the picture marks, beside the tools: a length, an area, an outline. */

import type { Point } from "../engine/chunks.ts";
import { app } from "./app.svelte.ts";
import { type AreaKind, addArea, addOutline } from "./areas.svelte.ts";

export type Mark = "line" | "outline" | AreaKind;

class Marking {
  kind = $state<Mark | null>(null);
  line = $state.raw<readonly [Point, Point] | null>(null);
  /** Where the drag of an outline went. */
  way = $state.raw<readonly Point[]>([]);

  /** Begin, or give up what was begun. */
  toggle(kind: Mark): void {
    this.kind = this.kind === kind ? null : kind;
    this.cancel();
  }

  begin(at: Point): void {
    [this.line, this.way] = [[at, at], [at]];
  }

  move(points: readonly Point[]): void {
    if (this.line === null) return;
    this.line = [this.line[0], points[points.length - 1]];
    if (this.kind === "outline") this.way = [...this.way, ...points];
  }

  /** A drawn line stays for the panel that asked for it; an area is one at once. */
  end(step: number): void {
    const { kind, line, way } = this;
    this.kind = null;
    if (kind === "line" || kind === null || line === null || app.picture === null) return;
    this.cancel();
    if (kind === "outline") addOutline(app.picture, way, step);
    else addArea(app.picture, kind, line);
  }

  cancel(): void {
    [this.line, this.way] = [null, []];
  }
}

export const marking = new Marking();
