/** Draws picture and label tiles with WebGL 2, and only the part that changed. */

import { type Box, overlap, type Place } from "./geometry.ts";
import type { LabelTile } from "./labels.ts";
import { paletteBytes } from "./palette.ts";
import { LABELS, PICTURE, VERTEX } from "./shaders.ts";
import { shown, toWindow, type View } from "./view.ts";

export type Mode = "colour" | "bw" | "outline";

/** How the picture and its objects look. */
export interface Look {
  readonly low: number;
  readonly high: number;
  readonly opacity: number;
  readonly mode: Mode;
  readonly outline: boolean;
}

export interface PictureTile extends Place {
  readonly box: Box;
  readonly bitmap: ImageBitmap;
}

/** What to draw where a tile belongs: itself or part of a coarser one. */
export interface Piece<T> {
  readonly wanted: Box; // in picture pixels
  readonly tile: T;
}

export interface Scene {
  readonly pictures: readonly Piece<PictureTile>[];
  readonly labels: readonly Piece<LabelTile>[];
  readonly look: Look;
  readonly selected: number;
  /** In picture pixels; null draws everything. */
  readonly only: Box | null;
}

export class NoGraphics extends Error {}

const MODES: readonly Mode[] = ["colour", "bw", "outline"];
const MARKS_WIDTH = 4096;

export class Renderer {
  readonly #gl: WebGL2RenderingContext;
  readonly #picture: Program;
  readonly #labels: Program;
  readonly #marks: WebGLTexture;
  readonly #textures = new WeakMap<PictureTile | LabelTile, WebGLTexture>();
  #anyMark = false;

  constructor(readonly canvas: HTMLCanvasElement) {
    // The picture of the last frame is kept, so that a dab redraws only its own box.
    const gl = canvas.getContext("webgl2", {
      alpha: false,
      antialias: false,
      depth: false,
      preserveDrawingBuffer: true,
    });
    if (gl === null) throw new NoGraphics("WebGL 2 is missing");
    this.#gl = gl;
    this.#picture = new Program(gl, PICTURE);
    this.#labels = new Program(gl, LABELS);
    gl.bindVertexArray(gl.createVertexArray());
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    newTexture(gl, 1, gl.NEAREST); // the palette stays bound to its unit
    const bytes = paletteBytes();
    const colours = bytes.length / 4;
    gl.texImage2D(
      gl.TEXTURE_2D,
      0,
      gl.RGBA8,
      colours,
      1,
      0,
      gl.RGBA,
      gl.UNSIGNED_BYTE,
      bytes,
    );
    this.#marks = newTexture(gl, 2, gl.NEAREST);
    this.setMarks(new Uint8Array(0));
  }

  /** One byte per object number: 1 lights it up. */
  setMarks(marks: Uint8Array): void {
    const gl = this.#gl;
    const rows = Math.max(1, Math.ceil(marks.length / MARKS_WIDTH));
    const padded = new Uint8Array(rows * MARKS_WIDTH);
    padded.set(marks);
    this.#anyMark = marks.includes(1);
    gl.activeTexture(gl.TEXTURE2);
    gl.bindTexture(gl.TEXTURE_2D, this.#marks);
    const kind = [gl.RED_INTEGER, gl.UNSIGNED_BYTE] as const;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8UI, MARKS_WIDTH, rows, 0, ...kind, padded);
  }

  forget(tile: PictureTile | LabelTile): void {
    const texture = this.#textures.get(tile);
    if (texture !== undefined) this.#gl.deleteTexture(texture);
    this.#textures.delete(tile);
  }

  draw(view: View, scene: Scene, ground: readonly [number, number, number]): void {
    const gl = this.#gl;
    this.#fitCanvas(view);
    if (!this.#scissor(view, scene.only)) return;
    gl.disable(gl.BLEND);
    gl.clearColor(ground[0], ground[1], ground[2], 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const area = shown(view);
    this.#picture.use(area);
    const { look } = scene;
    gl.uniform2f(
      this.#picture.at("uRange"),
      look.low,
      Math.max(look.high, look.low + 1e-3),
    );
    for (const piece of scene.pictures) this.#drawPicture(view, piece);
    if (scene.labels.length === 0) return;
    gl.enable(gl.BLEND);
    this.#useLabels(area, scene);
    for (const piece of scene.labels) this.#drawLabels(view, piece);
  }

  #fitCanvas(view: View): void {
    const [width, height] = [view.width, view.height].map((side) =>
      Math.round(side * view.ratio),
    );
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.#gl.viewport(0, 0, width, height);
  }

  /** Limit drawing to a box of the picture; false where none of it is in sight. */
  #scissor(view: View, only: Box | null): boolean {
    const gl = this.#gl;
    if (only === null) {
      gl.disable(gl.SCISSOR_TEST);
      return true;
    }
    const [left, top] = toWindow(view, only.x, only.y).map(
      (at) => Math.floor(at * view.ratio) - 3,
    );
    const wide = Math.ceil(only.width * view.scale * view.ratio) + 6;
    const high = Math.ceil(only.height * view.scale * view.ratio) + 6;
    const { width, height } = this.canvas;
    const part = overlap(
      { x: left, y: top, width: wide, height: high },
      { x: 0, y: 0, width, height },
    );
    if (part === null) return false;
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(part.x, height - part.y - part.height, part.width, part.height);
    return true;
  }

  #useLabels(area: Box, { look, selected }: Scene): void {
    const gl = this.#gl;
    this.#labels.use(area);
    gl.uniform1i(this.#labels.at("uPalette"), 1);
    gl.uniform1i(this.#labels.at("uMarks"), 2);
    gl.uniform1f(this.#labels.at("uOpacity"), look.opacity);
    gl.uniform1i(this.#labels.at("uMode"), MODES.indexOf(look.mode));
    gl.uniform1i(
      this.#labels.at("uOutline"),
      look.outline || look.mode === "outline" ? 1 : 0,
    );
    gl.uniform1i(this.#labels.at("uAnyMark"), this.#anyMark ? 1 : 0);
    gl.uniform1ui(this.#labels.at("uSelected"), selected);
  }

  #drawPicture(view: View, { wanted, tile }: Piece<PictureTile>): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0);
    let texture = this.#textures.get(tile);
    if (texture === undefined) {
      texture = newTexture(gl, 0, gl.LINEAR);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, tile.bitmap);
      this.#textures.set(tile, texture);
    }
    gl.bindTexture(gl.TEXTURE_2D, texture);
    // Above 2:1 a person wants to see the pixels as they are.
    const filter =
      view.scale * view.ratio * 2 ** tile.z > 2 && tile.z === 0 ? gl.NEAREST : gl.LINEAR;
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
    this.#picture.quad(wanted, tile);
  }

  #drawLabels(view: View, { wanted, tile }: Piece<LabelTile>): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0);
    this.#upload(tile);
    gl.uniform2f(this.#labels.at("uSize"), tile.box.width, tile.box.height);
    const texels = 1 / (view.scale * view.ratio * 2 ** tile.z);
    gl.uniform2f(this.#labels.at("uStep"), texels, texels);
    this.#labels.quad(wanted, tile);
  }

  /** Bring a label tile's texture up to date, sending only the part that changed. */
  #upload(tile: LabelTile): void {
    const gl = this.#gl;
    let texture = this.#textures.get(tile);
    const { width, height } = tile.box;
    if (texture === undefined) {
      texture = newTexture(gl, 0, gl.NEAREST);
      gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32UI, width, height);
      this.#textures.set(tile, texture);
      tile.dirty = { x: 0, y: 0, width, height };
    }
    gl.bindTexture(gl.TEXTURE_2D, texture);
    if (tile.dirty === null) return;
    const { x, y, width: wide, height: high } = tile.dirty;
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, width);
    gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, x);
    gl.pixelStorei(gl.UNPACK_SKIP_ROWS, y);
    const kind = [gl.RED_INTEGER, gl.UNSIGNED_INT] as const;
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, wide, high, ...kind, tile.data);
    for (const state of [
      gl.UNPACK_ROW_LENGTH,
      gl.UNPACK_SKIP_PIXELS,
      gl.UNPACK_SKIP_ROWS,
    ]) {
      gl.pixelStorei(state, 0);
    }
    tile.dirty = null;
  }
}

class Program {
  readonly #program: WebGLProgram;
  readonly #places = new Map<string, WebGLUniformLocation | null>();

  constructor(
    readonly gl: WebGL2RenderingContext,
    fragment: string,
  ) {
    this.#program = gl.createProgram();
    for (const [kind, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(kind)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.#program, shader);
    }
    gl.linkProgram(this.#program);
    if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS)) {
      throw new NoGraphics(gl.getProgramInfoLog(this.#program) ?? "a shader does not link");
    }
  }

  at(name: string): WebGLUniformLocation | null {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = this.gl.getUniformLocation(this.#program, name);
      this.#places.set(name, place);
    }
    return place;
  }

  use(area: Box): void {
    this.gl.useProgram(this.#program);
    this.gl.uniform4f(this.at("uView"), area.x, area.y, area.width, area.height);
  }

  /** Draw the part of a tile that covers `wanted`. */
  quad(wanted: Box, tile: { readonly box: Box; readonly z: number }): void {
    const step = 2 ** tile.z;
    const { box } = tile;
    this.gl.uniform4f(this.at("uTile"), wanted.x, wanted.y, wanted.width, wanted.height);
    this.gl.uniform4f(
      this.at("uPart"),
      (wanted.x / step - box.x) / box.width,
      (wanted.y / step - box.y) / box.height,
      wanted.width / step / box.width,
      wanted.height / step / box.height,
    );
    this.gl.drawArrays(this.gl.TRIANGLE_STRIP, 0, 4);
  }
}

function newTexture(
  gl: WebGL2RenderingContext,
  unit: number,
  filter: number,
): WebGLTexture {
  const texture = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return texture;
}
