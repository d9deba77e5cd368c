/** Answers of a made-up server, to look at the client with. No part of the product. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import type { Answer, Op, Picture, Rows } from "../src/api/types.ts";
import { strokeSpans } from "../src/engine/raster.ts";
import {
  BANNER,
  greyTile,
  HEIGHT,
  labelTile,
  makeScene,
  type Scene,
  WIDTH,
} from "./scene.ts";

const PIXEL = 0.0045; // µm
const scene: Scene = makeScene(11);
let rev = 0;
let nextId = scene.centres.size + 1;
const ACT = { kind: "draw", n_ids: 0, first_id: null, op_id: "1" };
const journal: { before: Map<number, number>; after: Map<number, number> }[] = [];
let undone: typeof journal = [];

function picture(id: string, name: string, over: Partial<Picture> = {}): Picture {
  return {
    id,
    project: "X1",
    name,
    width: WIDTH,
    height: HEIGHT,
    status: "done",
    message: null,
    channels: [],
    channel: null,
    calibration: {
      pixel_size: 4.5,
      unit: "nm",
      source: "metadata",
      agrees: true,
      found: [
        {
          source: "metadata",
          pixel_size: 4.52,
          unit: "nm",
          evidence: "Zeiss tag AP_PIXEL_SIZE",
          line: null,
        },
        {
          source: "bar",
          pixel_size: 4.5,
          unit: "nm",
          evidence: "1.8 µm = 400 px",
          line: [
            [1500, 1471],
            [1899, 1471],
          ],
        },
      ],
    },
    excluded: { banner: [BANNER, HEIGHT], rectangles: [], regions: [], only: false },
    labels: "L1",
    n_objects: scene.centres.size,
    ...over,
  };
}

const unknown = { pixel_size: null, unit: null, source: null, agrees: null, found: [] };
const PICTURES = [
  picture("P1", "powder_batch7_01.tif"),
  picture("P2", "powder_batch7_02.tif", {
    status: "look",
    calibration: unknown,
    message: "Out of focus.",
  }),
  picture("P3", "powder_batch7_03.tif", {
    status: "running",
    labels: null,
    n_objects: null,
  }),
  picture("P4", "粉末样品 4.tif", {
    status: "ready",
    labels: null,
    n_objects: null,
    calibration: { ...unknown, agrees: false },
  }),
  picture("P5", "broken.tif", {
    status: "failed",
    labels: null,
    n_objects: null,
    message: "The file ends before its pixels do; copy it again.",
    calibration: unknown,
  }),
];

function rowsOf(ids: Iterable<number>): Rows {
  const wanted = new Set(ids);
  const sums = new Map<number, [number, number, number]>();
  for (let i = 0; i < scene.labels.length; i++) {
    const id = scene.labels[i];
    if (!wanted.has(id)) continue;
    const sum = sums.get(id) ?? [0, 0, 0];
    sums.set(id, [sum[0] + 1, sum[1] + (i % WIDTH), sum[2] + Math.floor(i / WIDTH)]);
  }
  return {
    columns: [
      "label",
      "area_um2",
      "equivalent_diameter_um",
      "solidity",
      "confidence",
      "centroid_x_px",
      "centroid_y_px",
      "origin",
    ],
    values: [...sums].map(([id, [n, x, y]]) => {
      const area = n * PIXEL * PIXEL;
      const confidence = 0.5 + 0.5 * Math.abs(Math.sin(id * 7.1));
      return [
        id,
        area,
        2 * Math.sqrt(area / Math.PI),
        0.97,
        confidence,
        x / n,
        y / n,
        id < nextId0 ? "found" : "drawn",
      ];
    }),
  };
}
const nextId0 = nextId;

function write(change: Map<number, number>): Answer {
  const before = new Set<number>();
  const after = new Set<number>();
  let [x0, y0, x1, y1] = [WIDTH, HEIGHT, 0, 0];
  for (const [at, id] of change) {
    before.add(scene.labels[at]);
    after.add(id);
    scene.labels[at] = id;
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
  }
  const runs: [number, number][] = [];
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const id = change.get(y * WIDTH + x) ?? -1;
      const last = runs.at(-1);
      if (last?.[0] === id) last[1]++;
      else runs.push([id, 1]);
    }
  }
  rev++;
  const touched = new Set([...before, ...after].filter((id) => id > 0));
  const rows = rowsOf(touched);
  const left = new Set(rows.values.map(([id]) => Number(id)));
  const patches =
    change.size === 0
      ? []
      : [{ x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1, runs }];
  return {
    rev,
    patches,
    rows,
    gone: [...touched].filter((id) => !left.has(id)),
    pending: [],
    accepted: [],
    n_objects: 0,
    undo: journal.length > 0 ? ACT : null,
    redo: undone.length > 0 ? ACT : null,
  };
}

function apply(op: Op): Answer {
  const after = new Map<number, number>();
  const ids = new Set(op.ids);
  const spans = strokeSpans(op.points, op.width, { width: WIDTH, height: HEIGHT });
  const under: number[] = [];
  for (let i = 0; i < spans.length; i += 3) {
    for (let x = spans[i + 1]; x < spans[i + 2]; x++) under.push(spans[i] * WIDTH + x);
  }
  if (op.kind === "draw") {
    const [x, y] = op.points[0];
    const id = scene.labels[y * WIDTH + x] || nextId++;
    for (const at of under) if (scene.labels[at] === 0) after.set(at, id);
  } else if (op.kind === "erase") {
    for (const at of under) if (scene.labels[at] !== 0) after.set(at, 0);
  } else {
    for (const at of under) if (scene.labels[at] !== 0) ids.add(scene.labels[at]);
    const id = op.kind === "merge" ? Math.min(...ids) : 0;
    const acts = ["remove", "delete", "reject", "merge"].includes(op.kind);
    for (const [at, old] of acts ? scene.labels.entries() : []) {
      if (ids.has(old)) after.set(at, id);
    }
  }
  const before = new Map([...after.keys()].map((at) => [at, scene.labels[at]]));
  journal.push({ before, after });
  undone = [];
  return write(after);
}

function route(method: string, path: string, body: unknown): unknown {
  const tile = path
    .match(/tiles\/(\d+)\/(\d+)\/(\d+)/)
    ?.slice(1)
    .map(Number) as [number, number, number] | undefined;
  if (path.endsWith("/thumbnail")) return greyTile(scene.pixels, 3, 0, 0);
  if (tile !== undefined && path.startsWith("images"))
    return greyTile(scene.pixels, ...tile);
  if (tile !== undefined) return labelTile(scene.labels, ...tile);
  if (path.endsWith("/ops") && method === "POST") return apply(body as Op);
  if (path.endsWith("/undo") || path.endsWith("/redo")) {
    const [from, to] = path.endsWith("/undo") ? [journal, undone] : [undone, journal];
    const step = from.pop();
    if (step !== undefined) to.push(step);
    return write(
      step === undefined ? new Map() : path.endsWith("/undo") ? step.before : step.after,
    );
  }
  if (path === "projects" && method === "GET") {
    return [
      { id: "X1", name: "Powder batch 7", n_pictures: 12, opened: "2026-11-20T09:00:00Z" },
      { id: "X2", name: "Slices, mouse 3", n_pictures: 60, opened: "2026-11-14T09:00:00Z" },
    ];
  }
  if (path === "demo" || path.startsWith("projects"))
    return { id: "X1", name: "Powder batch 7", pictures: PICTURES };
  if (path === "segmenters") return SEGMENTERS;
  if (path === "jobs") return JOBS;
  if (path.endsWith("/versions")) return [];
  if (path.endsWith("/objects"))
    return rowsOf(Array.from({ length: nextId }, (_, i) => i + 1));
  if (path.endsWith("/summary")) return SUMMARY();
  if (path.startsWith("images")) return PICTURES[0];
  if (path.startsWith("labels"))
    return {
      id: "L1",
      rev,
      n_objects: 1,
      undo: journal.length > 0 ? ACT : null,
      redo: null,
      pending: [],
      accepted: [],
      warnings: [],
    };
  return null;
}

const JOBS = [
  {
    id: "J1",
    kind: "run",
    title: "powder_batch7_03.tif",
    status: "running",
    progress: 0.4,
    seconds_left: 12,
    message: null,
    picture: "P3",
  },
];
const SEGMENTERS = [
  {
    name: "auto",
    title: "Automatic",
    description:
      "Tries several methods on a part of the picture and takes the one that holds best.",
    options: {
      properties: {
        min_area: {
          type: "integer",
          minimum: 1,
          default: 16,
          title: "Smallest area (px)",
          description: "Smaller objects are dropped.",
        },
        separate: { type: "boolean", default: true, title: "Cut objects that touch" },
        polarity: {
          enum: ["auto", "bright", "dark"],
          default: "auto",
          title: "Objects are",
        },
        sigma: {
          anyOf: [{ type: "number", minimum: 0 }, { type: "null" }],
          default: null,
          title: "Smoothing",
        },
      },
    },
  },
];
const SUMMARY = () => ({
  rev,
  n: 620,
  edge_rule: "miles-lantuejoul",
  refused: null,
  values: {
    d10: { value: 0.0921, low: 0.0902, high: 0.0944 },
    d50: { value: 0.131, low: 0.1283, high: 0.1342 },
    d90: { value: 0.192, low: 0.1861, high: 0.1989 },
    mean: { value: 0.137, low: 0.1342, high: 0.1403 },
    median: { value: 0.131, low: 0.1283, high: 0.1342 },
    sd: { value: 0.0402, low: 0.0371, high: 0.0436 },
  },
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url!.split("?")[0].replace("/api/v1/", "");
  if (path === "events") {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(":\n\n");
    return;
  }
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  const isJson = request.headers["content-type"] === "application/json";
  const result = route(
    request.method ?? "GET",
    path,
    isJson ? JSON.parse(text || "{}") : null,
  );
  const isRaw = Buffer.isBuffer(result);
  const kind = !isRaw
    ? "application/json"
    : path.startsWith("images")
      ? "image/png"
      : "application/octet-stream";
  response.writeHead(200, { "Content-Type": kind, ETag: `"${rev}"` });
  response.end(isRaw ? result : JSON.stringify(result));
}

/** Vite's development server with answers for /api. */
export function fixture(): Plugin {
  return {
    name: "fixture",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (request.url?.startsWith("/api/v1/") !== true) next();
        else void answer(request, response);
      });
    },
  };
}
