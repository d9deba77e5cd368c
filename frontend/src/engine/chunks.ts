/** One stroke in pieces, so that the server follows while the brush still moves. */

export type Point = readonly [number, number];

const MOST_POINTS = 64;
const LARGEST_BOX = 512;
const LONGEST_MS = 250;

/** Collects a brush's points; each piece begins where the one before it ended. */
export class Chunks {
  #points: Point[] = [];
  #began = 0;
  #fresh = false; // whether there are points that no piece has told yet

  /** Where the stroke has come to. */
  get last(): Point | undefined {
    return this.#points.at(-1);
  }

  /** Add points; returns the piece that is now complete, if one is. */
  add(points: readonly Point[], now: number): Point[] | null {
    for (const point of points) {
      const last = this.#points.at(-1);
      if (last !== undefined && last[0] === point[0] && last[1] === point[1]) continue;
      if (this.#points.length === 0) this.#began = now;
      this.#points.push(point);
      this.#fresh = true;
    }
    return this.#isFull(now) ? this.#cut(now) : null;
  }

  /** The rest of the stroke; null where the last piece held all of it. */
  finish(): Point[] | null {
    const rest = this.#fresh ? this.#points : null;
    this.#points = [];
    this.#fresh = false;
    return rest;
  }

  #isFull(now: number): boolean {
    if (!this.#fresh) return false;
    if (this.#points.length >= MOST_POINTS || now - this.#began >= LONGEST_MS) return true;
    const xs = this.#points.map(([x]) => x);
    const ys = this.#points.map(([, y]) => y);
    const width = Math.max(...xs) - Math.min(...xs);
    return Math.max(width, Math.max(...ys) - Math.min(...ys)) >= LARGEST_BOX;
  }

  #cut(now: number): Point[] {
    const piece = this.#points;
    this.#points = piece.slice(-1);
    this.#began = now;
    this.#fresh = false;
    return piece;
  }
}
