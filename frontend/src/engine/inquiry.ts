/** One question at a time: what came up meanwhile is asked once, after the answer. */
export class Inquiry {
  #isWanted = false;
  #isUnderWay = false;

  constructor(
    private readonly ask: () => Promise<unknown>,
    private readonly isQuiet: () => boolean,
  ) {}

  /** Ask now, or when `goOn` finds that it is quiet. */
  want(): void {
    this.#isWanted = true;
    void this.goOn();
  }

  async goOn(): Promise<void> {
    while (this.#isWanted && !this.#isUnderWay && this.isQuiet()) {
      this.#isWanted = false;
      this.#isUnderWay = true;
      await this.ask();
      this.#isUnderWay = false;
    }
  }
}
