/** A made-up micrograph: bright discs on grain, a banner below, and their labels. */

import { deflateSync } from "node:zlib";

export const WIDTH = 2048;
export const HEIGHT = 1536;
export const BANNER = 1408;

export interface Scene {
  pixels: Uint8Array;
  labels: Uint32Array;
  centres: Map<number, { x: number; y: number; radius: number }>;
}

/** Draw the scene that belongs to a seed. */
export function makeScene(seed: number): Scene {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const pixels = new Uint8Array(WIDTH * HEIGHT);
  const labels = new Uint32Array(WIDTH * HEIGHT);
  const centres: Scene["centres"] = new Map();
  for (let i = 0; i < pixels.length; i++) pixels[i] = 52 + 26 * random();
  const drawn: { x: number; y: number; radius: number }[] = [];
  for (let trial = 0; trial < 4000 && drawn.length < 620; trial++) {
    const radius =
      8 * Math.exp(0.38 * (random() + random() + random() + random() - 2) * 2) + 6;
    const x = random() * WIDTH;
    const y = random() * (BANNER - 2 * radius) + radius;
    const isFree = drawn.every(
      (o) => Math.hypot(o.x - x, o.y - y) > (o.radius + radius) * 0.93,
    );
    if (isFree) drawn.push({ x, y, radius });
  }
  drawn.sort((a, b) => a.y - b.y);
  drawn.forEach(({ x, y, radius }, i) => {
    centres.set(i + 1, { x, y, radius });
    for (let v = Math.floor(y - radius); v <= y + radius; v++) {
      for (
        let u = Math.max(0, Math.floor(x - radius));
        u <= Math.min(WIDTH - 1, x + radius);
        u++
      ) {
        const far = Math.hypot(u - x, v - y) / radius;
        if (far > 1) continue;
        pixels[v * WIDTH + u] = 120 + 90 * Math.sqrt(1 - far * far) + 22 * random();
        labels[v * WIDTH + u] = i + 1;
      }
    }
  });
  pixels.fill(20, BANNER * WIDTH);
  for (let row = BANNER + 60; row < BANNER + 68; row++) {
    pixels.fill(240, row * WIDTH + 1500, row * WIDTH + 1900);
  }
  return { pixels, labels, centres };
}

/** Every step-th pixel (the mean of each block for grey values) of a tile. */
export function greyTile(pixels: Uint8Array, z: number, y: number, x: number): Buffer {
  const [step, side] = [2 ** z, 512];
  const width = Math.min(side, Math.ceil(WIDTH / step) - x * side);
  const height = Math.min(side, Math.ceil(HEIGHT / step) - y * side);
  const rows = Buffer.alloc(height * (width + 1));
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      let [sum, count] = [0, 0];
      for (
        let b = (y * side + v) * step;
        b < Math.min(HEIGHT, (y * side + v + 1) * step);
        b++
      ) {
        for (
          let a = (x * side + u) * step;
          a < Math.min(WIDTH, (x * side + u + 1) * step);
          a++
        ) {
          sum += pixels[b * WIDTH + a];
          count++;
        }
      }
      rows[v * (width + 1) + 1 + u] = sum / count;
    }
  }
  return png(width, height, rows);
}

export function labelTile(labels: Uint32Array, z: number, y: number, x: number): Buffer {
  const [step, side] = [2 ** z, 1024];
  const width = Math.min(side, Math.ceil(WIDTH / step) - x * side);
  const height = Math.min(side, Math.ceil(HEIGHT / step) - y * side);
  const tile = new Uint32Array(width * height);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      tile[v * width + u] = labels[(y * side + v) * step * WIDTH + (x * side + u) * step];
    }
  }
  return Buffer.from(tile.buffer);
}

function png(width: number, height: number, rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 1 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const all = Buffer.alloc(body.length + 8);
  all.writeUInt32BE(data.length, 0);
  body.copy(all, 4);
  all.writeUInt32BE(crc(body), body.length + 4);
  return all;
}

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let k = 0; k < 8; k++)
      value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
