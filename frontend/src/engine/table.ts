/** The objects table in memory: one row per object, changed row by row after each edit. */

import type { Cell, Rows } from "../api/types.ts";

export interface Filter {
  readonly column: string;
  readonly low: number | null;
  readonly high: number | null;
}

export class ObjectTable {
  columns: readonly string[];
  /** The objects that a person has looked at and found right. */
  readonly accepted = new Set<number>();
  readonly #rows = new Map<number, readonly Cell[]>();

  constructor(
    rows: Rows = { columns: ["label"], values: [] },
    accepted: readonly number[] = [],
  ) {
    this.columns = rows.columns;
    this.apply(rows, [], accepted);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Put in new and changed rows, accepted or not, and take out those of objects gone. */
  apply(rows: Rows, gone: readonly number[], accepted: readonly number[] = []): void {
    for (const id of gone) this.#rows.delete(id);
    if (rows.values.length === 0) return;
    if (this.#rows.size === 0) this.columns = rows.columns;
    const order = this.columns.map((column) => rows.columns.indexOf(column));
    const key = rows.columns.indexOf("label");
    for (const row of rows.values) {
      this.accepted.delete(Number(row[key]));
      this.#rows.set(
        Number(row[key]),
        order.map((at) => (at < 0 ? null : row[at])),
      );
    }
    for (const id of accepted) this.accepted.add(id);
  }

  has(id: number): boolean {
    return this.#rows.has(id);
  }

  row(id: number): readonly Cell[] | undefined {
    return this.#rows.get(id);
  }

  value(id: number, column: string): Cell {
    return this.#rows.get(id)?.[this.columns.indexOf(column)] ?? null;
  }

  ids(): number[] {
    return Array.from(this.#rows.keys());
  }

  /** The columns that hold numbers, or yes and no, in the first rows that have any. */
  columnsOf(kind: "number" | "boolean"): string[] {
    const rows = Array.from(this.#rows.values()).slice(0, 50);
    return this.columns.filter((_, at) => rows.some((row) => typeof row[at] === kind));
  }

  /** The numbers of one column, and whose they are; empty cells are left out. */
  numbers(column: string): { ids: number[]; values: number[] } {
    const at = this.columns.indexOf(column);
    const ids: number[] = [];
    const values: number[] = [];
    for (const [id, row] of this.#rows) {
      const value = row[at];
      if (typeof value !== "number") continue;
      ids.push(id);
      values.push(value);
    }
    return { ids, values };
  }

  /** Object numbers, sorted by a column; empty cells last, ties by number. */
  sorted(
    column: string,
    { descending = false, filters = [] as readonly Filter[] } = {},
  ): number[] {
    const at = this.columns.indexOf(column);
    const sign = descending ? -1 : 1;
    const key = (id: number) => this.#rows.get(id)?.[at] ?? null;
    return this.matching(filters).sort((a, b) => {
      const [one, other] = [key(a), key(b)];
      if (one === null || other === null)
        return Number(one === null) - Number(other === null) || a - b;
      const order =
        typeof one === "string" || typeof other === "string"
          ? String(one).localeCompare(String(other))
          : Number(one) - Number(other);
      return sign * order || a - b;
    });
  }

  /** The objects inside all of the limits. */
  matching(filters: readonly Filter[]): number[] {
    const checks = filters.map((filter) => ({
      ...filter,
      at: this.columns.indexOf(filter.column),
    }));
    return Array.from(this.#rows.entries())
      .filter(([, row]) =>
        checks.every(({ at, low, high }) => {
          const value = row[at];
          if (typeof value !== "number") return low === null && high === null;
          return (low === null || value >= low) && (high === null || value <= high);
        }),
      )
      .map(([id]) => id);
  }
}

/** The column that tells best how large an object is; "" where none does. */
export function sizeAmong(columns: readonly string[]): string {
  const found = ["equivalent_diameter", "area"].flatMap((name) =>
    columns.filter((column) => column.startsWith(name)),
  );
  return found[0] ?? "";
}
