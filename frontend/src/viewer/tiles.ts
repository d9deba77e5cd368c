/** Tiles over HTTP. */

import { call, labelTile, pictureTile, tileBefore } from "../api/client.ts";
import type { Place } from "../engine/geometry.ts";

export async function fetchPicture(
  picture: string,
  channel: number | null,
  { z, y, x }: Place,
  signal: AbortSignal,
): Promise<ImageBitmap> {
  const response = await call(pictureTile(picture, channel)(z, y, x), { signal });
  // Colours must reach the canvas as they are stored: no colour management, no alpha.
  return createImageBitmap(await response.blob(), {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  });
}

export async function fetchLabels(
  label: string,
  { z, y, x }: Place,
  signal: AbortSignal,
): Promise<{ data: Uint32Array; rev: number }> {
  // The tile's own revision is in its ETag, which also lets the browser keep it.
  const response = await call(labelTile(label)(z, y, x), { signal, cache: "no-cache" });
  const rev = Number(response.headers.get("ETag")?.match(/\d+/)?.[0] ?? 0);
  return { data: new Uint32Array(await response.arrayBuffer()), rev };
}

/** Labels that nobody changes any more: they need no revision. */
export async function fetchBefore(
  label: string,
  version: string | null,
  { z, y, x }: Place,
  signal: AbortSignal,
): Promise<{ data: Uint32Array; rev: number }> {
  const response = await call(tileBefore(label, version)(z, y, x), { signal });
  return { data: new Uint32Array(await response.arrayBuffer()), rev: 0 };
}
