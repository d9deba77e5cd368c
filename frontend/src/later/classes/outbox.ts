/** Strokes on their way to the server: in their order, again and again until it answers. */

export interface Ears {
  /** The server's word on one, or on the last of several. */
  answered(): void;
  waiting(id: string, isWaiting: boolean): void;
  offline(isOffline: boolean): void;
  refused(problem: Error): void;
}

export interface Line {
  /** The HTTP status of a refusal; null for a line that is broken. */
  statusOf(problem: unknown): number | null;
  wait(ms: number): Promise<void>;
}

interface Sent {
  readonly id: string;
  readonly send: () => Promise<unknown>;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
// Such an answer says nothing of what was sent: the program was started anew, or is busy.
const NOT_OF_IT = [401, 403, 408, 421, 429];

export class Outbox {
  #queue: Sent[] = [];
  #isSending = false;

  constructor(
    readonly line: Line,
    readonly ears: Ears,
  ) {}

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  add(id: string, send: () => Promise<unknown>): void {
    this.#queue.push({ id, send });
    this.ears.waiting(id, true);
    if (!this.#isSending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    let pause = FIRST_PAUSE;
    while (this.#queue.length > 0) {
      const [{ id, send }] = this.#queue;
      try {
        await send();
      } catch (problem) {
        if (!this.#isRefused(problem)) {
          this.ears.offline(true);
          await this.line.wait(pause);
          pause = Math.min(LONGEST_PAUSE, 2 * pause);
          continue;
        }
        this.ears.refused(problem as Error);
      }
      pause = FIRST_PAUSE;
      this.#queue.shift();
      this.ears.waiting(id, false);
      this.ears.offline(false);
    }
    this.#isSending = false;
    this.ears.answered();
  }

  #isRefused(problem: unknown): boolean {
    const status = this.line.statusOf(problem);
    return status !== null && status >= 400 && status < 500 && !NOT_OF_IT.includes(status);
  }
}
