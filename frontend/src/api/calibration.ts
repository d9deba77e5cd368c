/** What the server tells of pixel sizes. */

export type LengthUnit = "nm" | "µm" | "mm";
export type CalibrationSource = "metadata" | "bar" | "drawn" | "typed";

/** A pixel's side; null stands for unknown, and then sizes are in pixels. */
export interface Calibration {
  pixel_size: number | null;
  unit: LengthUnit | null;
  source: CalibrationSource | null;
  /** Whether the sources that could be read agree; null where there is one or none. */
  agrees: boolean | null;
  found: CalibrationFound[];
}

export interface CalibrationFound {
  source: CalibrationSource;
  pixel_size: number;
  unit: LengthUnit;
  /** Where it was read, for a person: "Zeiss tag AP_PIXEL_SIZE", "200 nm = 44 px". */
  evidence: string;
  /** The bar's two ends in the picture, x and y; null for other sources. */
  line: [[number, number], [number, number]] | null;
}

export type CalibrationChoice =
  | { source: "metadata" | "bar" | "auto" }
  | { source: "typed"; pixel_size: number | readonly number[]; unit: LengthUnit }
  | {
      source: "drawn";
      from: [number, number];
      to: [number, number];
      length: number;
      unit: LengthUnit;
    };

/** What came of using one picture's pixel size for all others that have none. */
export interface SharedScale {
  n_used: number;
  /** Pictures that keep a size of their own, which is the same. */
  n_agreeing: number;
  /** Names of pictures that keep another size: by their file, their scale bar or a person. */
  differing: string[];
  unread: string[];
}
