/** The volume in sight: where the crosshair is, and how grey values are shown. */

import { app } from "../state/app.svelte.ts";
import { desk } from "../state/desk.svelte.ts";
import * as api from "./api.ts";
import {
  type Axis,
  clamped,
  isInside,
  offsetIn,
  type PlaneName,
  planesOf,
  shownSpacing,
  type Triple,
  withAxes,
} from "./geometry.ts";
import { Slices } from "./slices.ts";
import { firstWindow, greysOf, meant, type Window } from "./values.ts";

const MOST_ZOOM = 32;
const LEAST_WINDOW = 1e-4; // of all values: a window of nothing shows nothing
const CENTROID = ["centroid_z_px", "centroid_y_px", "centroid_x_px"];

class Volume {
  facts = $state.raw<api.Facts | null>(null);
  cursor = $state.raw<Triple>([0, 0, 0]);
  /** The voxel under the pointer. */
  hovered = $state.raw<Triple | null>(null);
  window = $state.raw<Window>({ centre: 0, width: 1 });
  zoom = $state(1);
  /** What is in the middle of the windows, where they are zoomed. */
  #focus = $state.raw<Triple>([0, 0, 0]);
  /** The plane that is shown alone. */
  alone = $state<PlaneName | null>(null);
  /** Rises with every slice that comes. */
  nArrived = $state(0);
  planes = $derived(planesOf(this.facts?.orientation ?? ""));
  spacing = $derived(shownSpacing(this.facts?.spacing_mm ?? null));
  shape = $derived<Triple>(this.facts?.shape ?? [1, 1, 1]);
  greys = $derived(greysOf(this.window, this.facts ?? { slope: 1, intercept: 0 }));
  middle = $derived<Triple>(this.zoom === 1 ? clampedMiddle(this.shape) : this.#focus);
  #values: Slices<Int16Array> | null = null;
  #labels: Slices<Uint32Array> | null = null;
  #picture = "";
  /** What was chosen by a click into a plane, where the crosshair is already. */
  #own: ReadonlySet<number> | null = null;

  async open(picture: string): Promise<void> {
    if (this.#picture !== picture) this.close(); // what was shown is of another one
    const facts = await app.try(() => api.facts(picture));
    if (facts === undefined || app.pictureId !== picture) return;
    this.facts = facts;
    if (this.#picture === picture) return; // its voxels have another size now
    this.#picture = picture;
    this.cursor = clamped(clampedMiddle(facts.shape), facts.shape);
    [this.zoom, this.alone, this.hovered] = [1, null, null];
    this.showAutomatic();
    this.#values?.close();
    this.#values = this.#slices(api.values(picture));
    this.#want();
  }

  /** Show the objects of other labels; null shows none. */
  showLabels(label: string | null): void {
    this.#labels?.close();
    this.#labels = label === null ? null : this.#slices(api.labels(label));
    this.nArrived++;
    this.#want();
  }

  close(): void {
    this.#values?.close();
    this.#labels?.close();
    [this.#values, this.#labels, this.facts, this.#picture] = [null, null, null, ""];
  }

  showAutomatic(): void {
    if (this.facts !== null) this.#show(...firstWindow(this.facts));
  }

  showAll(): void {
    if (this.facts !== null) this.#show(this.facts.low, this.facts.high);
  }

  /** Change the window by parts of half of all values: its width, and its centre. */
  widenWindow(across: number, down: number): void {
    if (this.facts === null) return;
    const all = (this.facts.high - this.facts.low) / 2;
    const { centre, width } = this.window;
    this.window = {
      centre: centre + down * all,
      width: Math.max(LEAST_WINDOW * all, width + across * all),
    };
  }

  moveTo(voxel: readonly number[]): void {
    this.cursor = clamped(voxel, this.shape);
    this.#want();
  }

  step(axis: Axis, by: number): void {
    this.moveTo(withAxes(this.cursor, [[axis, this.cursor[axis] + by]]));
  }

  /** Zoom about the crosshair. */
  zoomBy(factor: number): void {
    this.zoom = Math.max(1, Math.min(MOST_ZOOM, this.zoom * factor));
    if (this.zoom < 1.01) this.zoom = 1;
    this.#focus = this.cursor;
  }

  /** Bring the crosshair into the middle, where that is wanted. */
  centre(): void {
    this.#focus = this.cursor;
  }

  /** Choose the object of a voxel, if there is one. */
  pick(voxel: Triple): void {
    const id = this.objectAt(voxel) ?? 0;
    this.#own = new Set();
    desk.choose(id === 0 ? [] : [id], id);
    this.#own = desk.chosen;
  }

  /** Go to the object that was chosen in the table, or the like. */
  follow(): void {
    const { chosen, selected } = desk;
    if (selected === 0 || chosen === this.#own) return;
    const place = CENTROID.map((column) => desk.table.value(selected, column));
    if (place.some((index) => typeof index !== "number")) return;
    this.moveTo(place.map(Number));
    this.centre();
  }

  valuesOf(axis: Axis): Int16Array | undefined {
    return this.#values?.get(axis, this.cursor[axis]);
  }

  labelsOf(axis: Axis): Uint32Array | undefined {
    return this.#labels?.get(axis, this.cursor[axis]);
  }

  /** The value of a voxel of a slice in sight; null where it has not come yet. */
  valueAt(voxel: Triple): number | null {
    const stored = this.#numberAt((axis) => this.valuesOf(axis), voxel);
    return stored === null ? null : meant(stored, this.facts!);
  }

  objectAt(voxel: Triple): number | null {
    return this.#numberAt((axis) => this.labelsOf(axis), voxel);
  }

  #numberAt(
    slice: (axis: Axis) => ArrayLike<number> | undefined,
    voxel: Triple,
  ): number | null {
    if (!isInside(voxel, this.shape)) return null;
    for (const axis of [0, 1, 2] as const) {
      const found = voxel[axis] === this.cursor[axis] ? slice(axis) : undefined;
      if (found !== undefined) return found[offsetIn(axis, voxel, this.shape)];
    }
    return null;
  }

  #show(low: number, high: number): void {
    const width = high > low ? high - low : 1;
    this.window = { centre: low + width / 2, width };
  }

  #want(): void {
    for (const axis of [0, 1, 2] as const) {
      this.#values?.want(axis, this.cursor[axis]);
      this.#labels?.want(axis, this.cursor[axis]);
    }
  }

  #slices<T extends ArrayBufferView>(fetch: (axis: Axis, index: number) => Promise<T>) {
    return new Slices(
      this.shape,
      fetch,
      () => {
        this.nArrived++;
      },
      (problem) => void app.try(() => Promise.reject(problem)),
    );
  }
}

const clampedMiddle = (shape: Triple): Triple => [
  (shape[0] - 1) / 2,
  (shape[1] - 1) / 2,
  (shape[2] - 1) / 2,
];

export const volume = new Volume();
