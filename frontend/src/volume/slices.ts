/** Slices that were fetched, and those that will be looked at next. */

import type { Axis, Triple } from "./geometry.ts";

const AHEAD = 3; // slices on either side

/**
 * The slices of a volume, least recently used out first. While a person scrolls, only the
 * newest slice of each axis is asked for, and neighbours once nobody waits.
 */
export class Slices<T extends ArrayBufferView> {
  readonly #kept = new Map<string, T>();
  readonly #wanted = new Map<Axis, number>();
  readonly #busy = new Set<Axis>();
  #bytes = 0;
  #isClosed = false;

  constructor(
    private readonly shape: Triple,
    private readonly fetch: (axis: Axis, index: number) => Promise<T>,
    private readonly arrived: () => void,
    private readonly failed: (problem: unknown) => void,
    private readonly mostBytes = 2 ** 26,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** A slice that is there; it then counts as just used. */
  get(axis: Axis, index: number): T | undefined {
    const key = `${axis}/${index}`;
    const slice = this.#kept.get(key);
    if (slice === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, slice);
    return slice;
  }

  /** Let a slice and its neighbours be there soon; any other of this axis can wait. */
  want(axis: Axis, index: number): void {
    this.#wanted.set(axis, index);
    void this.#goOn(axis);
  }

  /** Let nothing more come. */
  close(): void {
    this.#isClosed = true;
  }

  async #goOn(axis: Axis): Promise<void> {
    if (this.#busy.has(axis)) return;
    this.#busy.add(axis);
    try {
      for (let next = this.#next(axis); next !== null; next = this.#next(axis)) {
        const slice = await this.fetch(axis, next);
        if (this.#isClosed) return;
        this.#keep(`${axis}/${next}`, slice);
        this.arrived();
      }
    } catch (problem) {
      this.#wanted.delete(axis);
      if (!this.#isClosed) this.failed(problem);
    } finally {
      this.#busy.delete(axis);
    }
  }

  /** The nearest slice to the wanted one that is not there yet. */
  #next(axis: Axis): number | null {
    const wanted = this.#wanted.get(axis);
    if (wanted === undefined) return null;
    for (let away = 0; away <= AHEAD; away++) {
      for (const index of [wanted + away, wanted - away]) {
        const isThere = index >= 0 && index < this.shape[axis];
        if (isThere && !this.#kept.has(`${axis}/${index}`)) return index;
      }
    }
    return null;
  }

  #keep(key: string, slice: T): void {
    this.#kept.set(key, slice);
    this.#bytes += slice.byteLength;
    for (const [old, { byteLength }] of this.#kept) {
      // What was just fetched, and what is around it on each axis, always has room.
      if (this.#bytes <= this.mostBytes || this.#kept.size <= 3 * (2 * AHEAD + 1)) return;
      this.#kept.delete(old);
      this.#bytes -= byteLength;
    }
  }
}
