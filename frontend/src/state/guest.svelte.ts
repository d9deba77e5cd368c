/** What a panel brings along that is loaded when it is asked for. */

import type { Component } from "svelte";
import type { Point } from "../engine/chunks.ts";

/** Who is told how the pointer, or the crosshair, is drawn over the picture. */
export interface Hand {
  begin(at: Point): void;
  move(points: readonly Point[]): void;
  /** `step`: how many pixels of the picture are too few to be told apart. */
  end(step: number): void;
  cancel(): void;
}

export interface Guest extends Hand {
  /** In the place of the step's own panel; it sees its guest off when it leaves. */
  readonly Panel: Component;
  /** Over the picture. */
  readonly Layer: Component;
  /** Whether it has a step to undo, or to redo; with `takes`, take it. */
  step(way: "undo" | "redo", takes?: boolean): boolean;
}

class Guests {
  now = $state.raw<Guest | null>(null);
}

export const guests = new Guests();
