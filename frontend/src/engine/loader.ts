/** Fetches the tiles that are wanted now, a few at a time; what is no longer wanted is dropped. */

import { type Place, placeKey } from "./geometry.ts";

const AT_ONCE = 6;

export class Loader<T> {
  readonly #running = new Map<string, AbortController>();
  #wanted: Place[] = [];

  constructor(
    readonly fetchTile: (place: Place, signal: AbortSignal) => Promise<T>,
    /** Takes a tile in; false asks for it again. */
    readonly arrived: (place: Place, tile: T) => boolean,
    readonly failed: (place: Place, problem: unknown) => void,
  ) {}

  /** Say which tiles are missing, the most urgent first. */
  want(places: readonly Place[]): void {
    const keys = new Set(places.map(placeKey));
    for (const [key, stop] of this.#running) {
      if (keys.has(key)) continue;
      stop.abort();
      this.#running.delete(key);
    }
    this.#wanted = places.filter((place) => !this.#running.has(placeKey(place)));
    this.#start();
  }

  stop(): void {
    this.want([]);
  }

  #start(): void {
    while (this.#running.size < AT_ONCE && this.#wanted.length > 0) {
      const place = this.#wanted.shift()!;
      const stop = new AbortController();
      this.#running.set(placeKey(place), stop);
      void this.#load(place, stop);
    }
  }

  async #load(place: Place, stop: AbortController): Promise<void> {
    const key = placeKey(place);
    try {
      const tile = await this.fetchTile(place, stop.signal);
      if (stop.signal.aborted) return;
      this.#running.delete(key);
      if (!this.arrived(place, tile)) this.#wanted.push(place);
    } catch (problem) {
      if (stop.signal.aborted) return;
      this.#running.delete(key);
      this.failed(place, problem);
    }
    this.#start();
  }
}
