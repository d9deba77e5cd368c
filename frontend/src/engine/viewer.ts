/** The picture and its objects in a canvas: which tiles to fetch, and when to draw what. */

import { TileCache } from "./cache.ts";
import {
  around,
  type Box,
  lastLevel,
  overlap,
  type Place,
  tileBox,
  tilesIn,
} from "./geometry.ts";
import { LABEL_SIDE, type LabelTile, type LabelTiles } from "./labels.ts";
import { Loader } from "./loader.ts";
import type { Size } from "./raster.ts";
import { type Look, type PictureTile, type Piece, Renderer } from "./renderer.ts";
import { fitted, levelFor, shown, type View } from "./view.ts";

export const PICTURE_SIDE = 512;
const PICTURE_TILES = 96;

export interface Sources {
  picture(place: Place, signal: AbortSignal): Promise<ImageBitmap>;
  labels(place: Place, signal: AbortSignal): Promise<{ data: Uint32Array; rev: number }>;
  failed(problem: unknown): void;
}

interface Layer<T extends PictureTile | LabelTile> {
  readonly side: number;
  readonly cache: TileCache<T>;
  readonly loader: { want(places: readonly Place[]): void; stop(): void };
}

export class Viewer {
  readonly #renderer: Renderer;
  #view: View;
  #size: Size = { width: 1, height: 1 };
  #picture: Layer<PictureTile> | null = null;
  #labels: Layer<LabelTile> | null = null;
  #look: Look = { low: 0, high: 1, opacity: 0.5, mode: "colour", outline: true };
  #selected = 0;
  #preview: LabelTile | null = null;
  #ground: readonly [number, number, number] = [0.5, 0.5, 0.5];
  #due: Box | null | undefined; // null: all of it; undefined: nothing
  #frame = 0;

  /** Throws `NoGraphics` where the browser has no WebGL 2. */
  constructor(
    canvas: HTMLCanvasElement,
    view: View,
    readonly sources: Sources,
  ) {
    this.#renderer = new Renderer(canvas);
    this.#view = view;
  }

  get view(): View {
    return this.#view;
  }

  set view(view: View) {
    this.#view = view;
    this.redraw();
  }

  set look(look: Look) {
    this.#look = look;
    this.redraw();
  }

  set selected(id: number) {
    if (id === this.#selected) return;
    this.#selected = id;
    this.redraw();
  }

  set ground(colour: readonly [number, number, number]) {
    this.#ground = colour;
    this.redraw();
  }

  /** Objects that are not the picture's own, shown instead of them; null ends that. */
  set preview(tile: LabelTile | null) {
    if (this.#preview !== null) this.#renderer.forget(this.#preview);
    this.#preview = tile;
    this.redraw();
  }

  setMarks(marks: Uint8Array): void {
    this.#renderer.setMarks(marks);
    this.redraw();
  }

  /** Show another picture, or another channel of it when the size stays. */
  showPicture(size: Size, { refit }: { refit: boolean }): void {
    this.#picture?.loader.stop();
    this.#picture?.cache.clear();
    this.#size = size;
    const coarsest = lastLevel(size, PICTURE_SIDE);
    const cache = new TileCache<PictureTile>(PICTURE_TILES, coarsest, (tile) => {
      this.#renderer.forget(tile);
      tile.bitmap.close();
    });
    const loader = new Loader<ImageBitmap>(
      this.sources.picture,
      (place, bitmap) => {
        const box = tileBox(place, size, PICTURE_SIDE);
        cache.set(place, { ...place, box, bitmap });
        this.redraw(coverOf(place, size, PICTURE_SIDE));
        return true;
      },
      (_, problem) => this.sources.failed(problem),
    );
    this.#picture = { side: PICTURE_SIDE, cache, loader };
    if (refit) this.#view = fitted(this.#view, size);
    this.redraw();
  }

  /** Show a label set; null shows the bare picture. */
  showLabels(tiles: LabelTiles | null): void {
    this.#labels?.loader.stop();
    this.#labels?.cache.clear();
    this.#labels = null;
    if (tiles !== null) {
      const loader = new Loader(
        async (place: Place, signal: AbortSignal) => {
          const asked = tiles.rev;
          return { asked, ...(await this.sources.labels(place, signal)) };
        },
        (place, { data, ...revs }) => {
          const isTaken = tiles.receive(place, data, revs);
          this.redraw(coverOf(place, this.#size, LABEL_SIDE));
          return isTaken;
        },
        (_, problem) => this.sources.failed(problem),
      );
      this.#labels = { side: LABEL_SIDE, cache: tiles.cache, loader };
    }
    this.redraw();
  }

  /** Free what a label tile that left the cache held on the graphics card. */
  forget(tile: LabelTile): void {
    this.#renderer.forget(tile);
  }

  /** Draw a box of the picture, or all, in the next frame. */
  redraw(box: Box | null = null): void {
    this.#due = this.#due === null || box === null ? null : around(this.#due ?? null, box);
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = -1; // nothing is drawn any more
    this.#picture?.loader.stop();
    this.#labels?.loader.stop();
  }

  #draw(): void {
    const only = this.#due ?? null;
    this.#frame = 0;
    this.#due = undefined;
    const area =
      only === null
        ? shown(this.#view)
        : overlap(shown(this.#view), grown(only, this.#view));
    if (area === null) return;
    const scene = {
      pictures: this.#pieces(this.#picture, area),
      labels:
        this.#preview === null
          ? this.#pieces(this.#labels, area)
          : [{ wanted: this.#preview.box, tile: this.#preview }],
      look: this.#look,
      selected: this.#preview === null ? this.#selected : 0,
      only,
    };
    this.#renderer.draw(this.#view, scene, this.#ground);
    if (only === null) this.#fetchMissing();
  }

  #pieces<T extends PictureTile | LabelTile>(
    layer: Layer<T> | null,
    area: Box,
  ): Piece<T>[] {
    if (layer === null) return [];
    const z = levelFor(this.#view, layer.cache.coarsest);
    return tilesIn(area, z, this.#size, layer.side).flatMap((place) => {
      const found = layer.cache.nearest(place);
      if (found === null) return [];
      return [{ wanted: coverOf(place, this.#size, layer.side), tile: found.tile }];
    });
  }

  #fetchMissing(): void {
    for (const layer of [this.#picture, this.#labels]) {
      if (layer === null) continue;
      const { coarsest } = layer.cache;
      const z = levelFor(this.#view, coarsest);
      const places = tilesIn(shown(this.#view), z, this.#size, layer.side);
      const first = { z: coarsest, y: 0, x: 0 };
      const wanted = z === coarsest ? places : [first, ...nearMiddle(places)];
      layer.loader.want(wanted.filter((place) => !layer.cache.has(place)));
    }
  }
}

/** The part of the picture that a tile covers. */
function coverOf(place: Place, size: Size, side: number): Box {
  const box = tileBox(place, size, side);
  const step = 2 ** place.z;
  const [x, y] = [box.x * step, box.y * step];
  return {
    x,
    y,
    width: Math.min(box.width * step, size.width - x),
    height: Math.min(box.height * step, size.height - y),
  };
}

// Outlines reach a little beyond what changed.
function grown(box: Box, view: View): Box {
  const margin = 4 / view.scale;
  return {
    x: box.x - margin,
    y: box.y - margin,
    width: box.width + 2 * margin,
    height: box.height + 2 * margin,
  };
}

function nearMiddle(places: readonly Place[]): Place[] {
  const middleX = places.reduce((sum, { x }) => sum + x, 0) / places.length;
  const middleY = places.reduce((sum, { y }) => sum + y, 0) / places.length;
  const far = ({ x, y }: Place) => Math.hypot(x - middleX, y - middleY);
  return places.toSorted((a, b) => far(a) - far(b));
}
