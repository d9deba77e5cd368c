/** A form's fields from the JSON schema of a segmenter's options. */

import type { Cell, Schema } from "../api/types.ts";

export type Field = {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly initial: Cell;
  /** Whether the field may be left empty. */
  readonly optional: boolean;
} & (
  | { readonly kind: "yes-no" }
  | { readonly kind: "choice"; readonly choices: readonly Cell[] }
  | {
      readonly kind: "number";
      readonly whole: boolean;
      readonly low: number | null;
      readonly high: number | null;
    }
  | { readonly kind: "text" }
);

/** Fields in the schema's order; what a form cannot show is left to its default. */
export function fieldsOf(schema: Schema): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const field = fieldOf(name, property);
    return field === null ? [] : [field];
  });
}

function fieldOf(name: string, property: Schema): Field | null {
  const kinds = property.anyOf ?? [property];
  const real = kinds.filter(({ type }) => type !== "null");
  if (real.length !== 1) return null;
  const [inner] = real;
  const common = {
    name,
    title: property.title ?? inner.title ?? spelledOut(name),
    help: property.description ?? inner.description ?? "",
    initial: property.default ?? null,
    optional: kinds.length > real.length,
  };
  if (inner.enum !== undefined) return { ...common, kind: "choice", choices: inner.enum };
  if (inner.type === "boolean") return { ...common, kind: "yes-no" };
  if (inner.type === "string") return { ...common, kind: "text" };
  if (inner.type !== "integer" && inner.type !== "number") return null;
  return {
    ...common,
    kind: "number",
    whole: inner.type === "integer",
    low: inner.minimum ?? inner.exclusiveMinimum ?? null,
    high: inner.maximum ?? inner.exclusiveMaximum ?? null,
  };
}

/** What is wrong with a field's value, as a key of the text catalogue; null where nothing is. */
export function problemOf(
  field: Field,
  value: Cell,
): "needed" | "unclear" | "whole" | "range" | null {
  if (value === null || value === "") return field.optional ? null : "needed";
  if (field.kind !== "number") return null;
  if (typeof value !== "number" || !Number.isFinite(value)) return "unclear";
  if (field.whole && !Number.isInteger(value)) return "whole";
  const isLow = field.low !== null && value < field.low;
  const isHigh = field.high !== null && value > field.high;
  return isLow || isHigh ? "range" : null;
}

function spelledOut(name: string): string {
  const words = name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}
