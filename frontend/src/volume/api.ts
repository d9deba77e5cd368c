/** The server's doors to volumes. */

import { call } from "../api/client.ts";
import { AXES, type Axis, type Triple } from "./geometry.ts";
import type { Stored } from "./values.ts";

export interface Facts extends Stored {
  shape: Triple;
  /** Between voxels along Z, Y and X; null within: not known; null: none of them is. */
  spacing_mm: readonly (number | null)[] | null;
  /** The least and the greatest value, and those to be shown black and white at first. */
  low: number;
  high: number;
  window: [number, number];
  /** Towards which sides of a patient x, y and z grow, as "LPS"; "" where nobody knows. */
  orientation: string;
  /** "HU", or "" where the file does not tell. */
  unit: string;
}

export const facts = async (picture: string): Promise<Facts> =>
  (await call(`images/${picture}/volume`)).json();

export const values =
  (picture: string) =>
  async (axis: Axis, index: number): Promise<Int16Array> => {
    const answer = await call(`images/${picture}/volume/${AXES[axis]}/${index}`);
    return new Int16Array(await answer.arrayBuffer());
  };

export const labels =
  (label: string) =>
  async (axis: Axis, index: number): Promise<Uint32Array> => {
    const answer = await call(`labels/${label}/volume/${AXES[axis]}/${index}`);
    return new Uint32Array(await answer.arrayBuffer());
  };
