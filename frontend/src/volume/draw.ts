/** One slice on a canvas: grey values, objects in colours, and their outlines. */

import { colourOf } from "../engine/palette.ts";
import type { Mode } from "../engine/renderer.ts";
import type { Size } from "./geometry.ts";
import { outlines, paintGreys, paintLabels } from "./values.ts";

export interface Overlay {
  readonly opacity: number;
  readonly mode: Mode;
  readonly selected: number;
}

// Pixels come from the program with every slice: kept where it is quick to write them.
const PLAIN: CanvasRenderingContext2DSettings = { willReadFrequently: true };

type Matrix = [number, number, number, number, number, number];

/** A slice at its own size; what did not change is not painted again. */
export class SlicePainter {
  readonly #layers = [document.createElement("canvas"), document.createElement("canvas")];
  #values: Int16Array | null = null;
  #greys: Uint32Array | null = null;
  #labels: Uint32Array | null = null;
  #isWhite = false;
  #lines = new Map<number, number[]>();

  paint(
    values: Int16Array,
    labels: Uint32Array | undefined,
    size: Size,
    greys: Uint32Array,
    isWhite: boolean,
  ): void {
    if (this.#values !== values || this.#greys !== greys) {
      [this.#values, this.#greys] = [values, greys];
      fill(this.#layers[0], size, (out) => paintGreys(values, greys, out));
    }
    const isOther = this.#labels !== (labels ?? null);
    if (isOther || this.#isWhite !== isWhite) {
      [this.#labels, this.#isWhite] = [labels ?? null, isWhite];
      if (labels !== undefined) {
        fill(this.#layers[1], size, (out) => paintLabels(labels, out, isWhite));
        if (isOther) this.#lines = outlines(labels, size.width);
      }
    }
  }

  /** Show what was painted, `ratio` device pixels to a CSS pixel. */
  show(canvas: HTMLCanvasElement, matrix: Matrix, ratio: number, overlay: Overlay): void {
    const context = canvas.getContext("2d", PLAIN);
    if (context === null) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const place = matrix.map((part) => part * ratio) as Matrix;
    context.setTransform(...place);
    context.imageSmoothingQuality = "low";
    context.imageSmoothingEnabled = true;
    context.drawImage(this.#layers[0], 0, 0);
    if (this.#labels === null || overlay.opacity === 0) return;
    if (overlay.mode !== "outline") {
      context.imageSmoothingEnabled = false;
      context.globalAlpha = overlay.opacity;
      context.drawImage(this.#layers[1], 0, 0);
      context.globalAlpha = 1;
    }
    for (const [id, line] of this.#lines) {
      const isSelected = id === overlay.selected;
      if (overlay.mode === "bw" && !isSelected) continue;
      context.setTransform(...place);
      context.beginPath();
      for (let at = 0; at < line.length; at += 4) {
        context.moveTo(line[at], line[at + 1]);
        context.lineTo(line[at + 2], line[at + 3]);
      }
      context.setTransform(1, 0, 0, 1, 0, 0); // lines are as thick at every scale
      context.lineWidth = (isSelected ? 3 : 1.5) * ratio;
      context.strokeStyle = isSelected ? "#fff" : `rgb(${colourOf(id).join(" ")})`;
      context.stroke();
    }
  }
}

function fill(
  layer: HTMLCanvasElement,
  { width, height }: Size,
  paint: (out: Uint32Array) => void,
): void {
  if (layer.width !== width || layer.height !== height) {
    [layer.width, layer.height] = [width, height];
  }
  const image = new ImageData(width, height);
  paint(new Uint32Array(image.data.buffer));
  layer.getContext("2d", PLAIN)?.putImageData(image, 0, 0);
}
