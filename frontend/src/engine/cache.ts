/** Tiles that were fetched, least recently used out first. */

import { type Place, parent, placeKey } from "./geometry.ts";

/** A cache of at most `capacity` tiles; those of the coarsest level stay for good. */
export class TileCache<T> {
  readonly #tiles = new Map<string, { place: Place; tile: T }>();

  constructor(
    readonly capacity: number,
    readonly coarsest: number,
    readonly dropped: (tile: T) => void = () => {},
  ) {}

  get size(): number {
    return this.#tiles.size;
  }

  /** The tile at a place, which then counts as just used. */
  get(place: Place): T | undefined {
    const key = placeKey(place);
    const entry = this.#tiles.get(key);
    if (entry === undefined) return undefined;
    this.#tiles.delete(key);
    this.#tiles.set(key, entry);
    return entry.tile;
  }

  has(place: Place): boolean {
    return this.#tiles.has(placeKey(place));
  }

  set(place: Place, tile: T): void {
    this.#tiles.delete(placeKey(place));
    this.#tiles.set(placeKey(place), { place, tile });
    this.#makeRoom();
  }

  /** The tile at a place or, where it is missing, the nearest coarser one over it. */
  nearest(place: Place): { place: Place; tile: T } | null {
    for (let at = place; at.z <= this.coarsest; at = parent(at)) {
      const tile = this.get(at);
      if (tile !== undefined) return { place: at, tile };
    }
    return null;
  }

  all(): T[] {
    return Array.from(this.#tiles.values(), ({ tile }) => tile);
  }

  clear(): void {
    for (const { tile } of this.#tiles.values()) this.dropped(tile);
    this.#tiles.clear();
  }

  #makeRoom(): void {
    for (const [key, { place, tile }] of this.#tiles) {
      if (this.#tiles.size <= this.capacity) return;
      if (place.z === this.coarsest) continue;
      this.#tiles.delete(key);
      this.dropped(tile);
    }
  }
}
