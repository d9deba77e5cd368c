/** Label tiles in memory: what the server said, and strokes that it has not seen yet. */

import { TileCache } from "./cache.ts";
import { around, type Box, lastLevel, type Place, placeKey, tileBox } from "./geometry.ts";
import type { Size, Spans } from "./raster.ts";

export const LABEL_SIDE = 1024;
const KEPT_REVISIONS = 512;

export interface LabelTile extends Place {
  /** In pixels of the tile's level. */
  readonly box: Box;
  readonly data: Uint32Array;
  /** The server's revision that the tile stands at. */
  rev: number;
  /** The part that changed since it was drawn last, within the tile. */
  dirty: Box | null;
}

/** New numbers for part of a box, row by row; -1 leaves pixels as they are. */
export interface Patch extends Box {
  readonly runs: readonly (readonly [number, number])[];
}

/** A stroke painted before the server answered: these pixels take this number. */
export interface Ahead {
  readonly op: string;
  readonly spans: Spans;
  readonly id: number;
  /** Whether pixels of other objects are painted too, as an eraser does. */
  readonly over: boolean;
}

interface Overwritten {
  readonly tile: LabelTile;
  readonly at: number;
  readonly before: Uint32Array;
}

/** The cached tiles of one label set. Boxes that it returns are in picture pixels. */
export class LabelTiles {
  readonly coarsest: number;
  readonly cache: TileCache<LabelTile>;
  rev: number;
  #ahead: Ahead[] = [];
  #overwritten: Overwritten[] = [];
  #recent: { rev: number; patches: readonly Patch[] }[] = [];

  constructor(
    readonly size: Size,
    rev: number,
    { capacity = 64, dropped = (_: LabelTile) => {} } = {},
  ) {
    this.rev = rev;
    this.coarsest = lastLevel(size, LABEL_SIDE);
    this.cache = new TileCache(capacity, this.coarsest, dropped);
  }

  /**
   * Take in a tile that was fetched. `asked` is the revision known when it was asked for.
   * False means that answers in between are no longer at hand: fetch it again.
   */
  receive(place: Place, data: Uint32Array, { rev, asked }: { rev: number; asked: number }) {
    const oldest = this.#recent[0]?.rev ?? this.rev + 1;
    const known = Math.max(rev, asked);
    if (known < this.rev && oldest > known + 1) return false;
    const box = tileBox(place, this.size, LABEL_SIDE);
    const tile: LabelTile = { ...place, box, data, rev, dirty: null };
    for (const answer of this.#recent) {
      if (answer.rev <= rev) continue;
      for (const patch of answer.patches) applyPatch(tile, patch);
    }
    tile.rev = Math.max(rev, this.rev);
    tile.dirty = { x: 0, y: 0, width: box.width, height: box.height };
    const key = placeKey(place);
    this.#overwritten = this.#overwritten.filter((was) => placeKey(was.tile) !== key);
    for (const stroke of this.#ahead) this.#paint(tile, stroke);
    this.cache.set(place, tile);
    return true;
  }

  /** Show a stroke at once. The server's answer will settle it. */
  paintAhead(stroke: Ahead): Box | null {
    this.#ahead.push(stroke);
    for (const tile of this.cache.all()) this.#paint(tile, stroke);
    return spansBox(stroke.spans);
  }

  /** Take in the server's answer to an op: its patches hold, and strokes after it are laid anew. */
  settle(op: string | null, rev: number, patches: readonly Patch[]): Box | null {
    let changed = this.#lift();
    if (op !== null) this.#ahead = this.#ahead.filter((stroke) => stroke.op !== op);
    for (const patch of patches) {
      changed = around(changed, patch);
      for (const tile of this.cache.all()) if (tile.rev < rev) applyPatch(tile, patch);
    }
    if (rev > this.rev) {
      this.rev = rev;
      this.#recent.push({ rev, patches });
      if (this.#recent.length > KEPT_REVISIONS) this.#recent.shift();
    }
    for (const tile of this.cache.all()) tile.rev = Math.max(tile.rev, rev);
    for (const stroke of this.#ahead) {
      for (const tile of this.cache.all()) this.#paint(tile, stroke);
    }
    return changed;
  }

  /** The number under a point of the picture, from the finest tile at hand; 0 where none is. */
  idAt(x: number, y: number): number {
    if (x < 0 || y < 0 || x >= this.size.width || y >= this.size.height) return 0;
    for (let z = 0; z <= this.coarsest; z++) {
      const [column, row] = [Math.floor(x / 2 ** z), Math.floor(y / 2 ** z)];
      const tile = this.cache.get({
        z,
        y: Math.floor(row / LABEL_SIDE),
        x: Math.floor(column / LABEL_SIDE),
      });
      if (tile === undefined) continue;
      return tile.data[(row - tile.box.y) * tile.box.width + column - tile.box.x];
    }
    return 0;
  }

  #paint(tile: LabelTile, { spans, id, over }: Ahead): void {
    eachRun(tile, spans, (at, length) => {
      const run = tile.data.subarray(at, at + length);
      this.#overwritten.push({ tile, at, before: run.slice() });
      if (over) run.fill(id);
      else for (let i = 0; i < length; i++) if (run[i] === 0) run[i] = id;
    });
  }

  /** Take off every stroke painted ahead, the last one first. */
  #lift(): Box | null {
    for (const { tile, at, before } of this.#overwritten.toReversed()) {
      tile.data.set(before, at);
      markRun(tile, at, before.length);
    }
    this.#overwritten = [];
    return this.#ahead.reduce<Box | null>(
      (box, stroke) => around(box, spansBox(stroke.spans)),
      null,
    );
  }
}

/** The box around spans, in picture pixels. */
export function spansBox(spans: Spans): Box | null {
  if (spans.length === 0) return null;
  let [left, right] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < spans.length; i += 3) {
    left = Math.min(left, spans[i + 1]);
    right = Math.max(right, spans[i + 2]);
  }
  const last = spans[spans.length - 3];
  return { x: left, y: spans[0], width: right - left, height: last + 1 - spans[0] };
}

/** Visit what a tile holds of the spans, as runs of its data. */
function eachRun(
  tile: LabelTile,
  spans: Spans,
  visit: (at: number, length: number) => void,
): void {
  const { box } = tile;
  const step = 2 ** tile.z;
  const [from, to] = [box.y * step, (box.y + box.height) * step];
  for (let i = firstSpan(spans, from); i < spans.length && spans[i] < to; i += 3) {
    if (spans[i] % step !== 0) continue;
    const start = Math.max(box.x, Math.ceil(spans[i + 1] / step));
    const stop = Math.min(box.x + box.width, Math.ceil(spans[i + 2] / step));
    if (start >= stop) continue;
    const at = (spans[i] / step - box.y) * box.width + start - box.x;
    visit(at, stop - start);
    markRun(tile, at, stop - start);
  }
}

function firstSpan(spans: Spans, row: number): number {
  let [low, high] = [0, spans.length / 3];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[3 * middle] < row) low = middle + 1;
    else high = middle;
  }
  return 3 * low;
}

function markRun(tile: LabelTile, at: number, length: number): void {
  const row = Math.floor(at / tile.box.width);
  const run = { x: at - row * tile.box.width, y: row, width: length, height: 1 };
  tile.dirty = around(tile.dirty, run);
}

/** Write a patch's numbers into a tile of any level. */
function applyPatch(tile: LabelTile, patch: Patch): void {
  let position = 0;
  for (const [id, length] of patch.runs) {
    if (id >= 0) {
      eachRun(tile, patchSpans(patch, position, length), (at, count) => {
        tile.data.fill(id, at, at + count);
      });
    }
    position += length;
  }
}

/** The spans of a run that starts `position` pixels into a patch. */
function patchSpans(patch: Patch, position: number, length: number): Spans {
  const spans: number[] = [];
  let at = position;
  while (at < position + length) {
    const row = Math.floor(at / patch.width);
    const start = at - row * patch.width;
    const count = Math.min(patch.width - start, position + length - at);
    spans.push(patch.y + row, patch.x + start, patch.x + start + count);
    at += count;
  }
  return Int32Array.from(spans);
}
