/** What the pointer, the wheel and the keys do over a plane of a volume. */

import { type Frame, type Plane, type Size, type Triple, voxelAt } from "./geometry.ts";
import { volume } from "./volume.svelte.ts";

const FAST = 10; // slices or voxels, with Shift
const NOTCH = 100; // of a wheel, in pixels
const ZOOM = 1.25;

export interface Field {
  readonly element: HTMLElement;
  readonly plane: Plane;
  readonly frame: Frame;
  readonly size: Size;
}

export class Hand {
  #turned = 0;
  #drag: { x: number; y: number; isWindow: boolean; isMoved: boolean } | null = null;

  constructor(private readonly field: () => Field) {}

  wheeled(event: WheelEvent): void {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      volume.zoomBy(event.deltaY < 0 ? ZOOM : 1 / ZOOM);
      return;
    }
    // A wheel that tells pixels goes on by a slice for each notch, or its part of one.
    this.#turned += event.deltaMode === 0 ? event.deltaY / NOTCH : event.deltaY;
    const steps = Math.trunc(this.#turned);
    this.#turned -= steps;
    if (steps === 0) return;
    volume.step(this.field().plane.normal, steps * (event.shiftKey ? FAST : 1));
  }

  pressed(event: PointerEvent): void {
    if (event.button !== 0 && event.button !== 2) return;
    this.field().element.setPointerCapture(event.pointerId);
    const isWindow = event.shiftKey || event.button === 2;
    this.#drag = { x: event.clientX, y: event.clientY, isWindow, isMoved: false };
    if (!isWindow) volume.moveTo(this.#voxel(event));
  }

  moved(event: PointerEvent): void {
    volume.hovered = this.#voxel(event);
    if (this.#drag === null) return;
    const { x, y, isWindow } = this.#drag;
    const [dx, dy] = [event.clientX - x, event.clientY - y];
    if (dx === 0 && dy === 0) return;
    this.#drag = { x: event.clientX, y: event.clientY, isWindow, isMoved: true };
    if (isWindow)
      volume.widenWindow(dx / this.field().size.width, dy / this.field().size.width);
    else volume.moveTo(this.#voxel(event));
  }

  released(event: PointerEvent): void {
    if (this.#drag !== null && !this.#drag.isMoved && !this.#drag.isWindow) {
      volume.pick(this.#voxel(event));
    }
    this.#drag = null;
  }

  cancelled(): void {
    this.#drag = null;
  }

  keyed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const deed = this.#deeds(event.shiftKey ? FAST : 1)[event.key];
    if (deed === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  }

  #deeds(by: number): Record<string, () => void> {
    const { plane } = this.field();
    const [right, down] = [plane.turnsX ? -by : by, plane.turnsY ? -by : by];
    const n = volume.shape[plane.normal];
    return {
      PageUp: () => volume.step(plane.normal, -by),
      PageDown: () => volume.step(plane.normal, by),
      Home: () => volume.step(plane.normal, -n),
      End: () => volume.step(plane.normal, n),
      ArrowLeft: () => volume.step(plane.across, -right),
      ArrowRight: () => volume.step(plane.across, right),
      ArrowUp: () => volume.step(plane.down, -down),
      ArrowDown: () => volume.step(plane.down, down),
      "+": () => volume.zoomBy(ZOOM),
      "=": () => volume.zoomBy(ZOOM),
      "-": () => volume.zoomBy(1 / ZOOM),
      "0": () => volume.zoomBy(0),
      Enter: () => volume.pick(volume.cursor),
    };
  }

  #voxel(event: PointerEvent): Triple {
    const { element, plane, frame } = this.field();
    const box = element.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top] as const;
    return voxelAt(plane, frame, at, volume.cursor);
  }
}
