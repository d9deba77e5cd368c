import { expect, test } from "vitest";
import {
  archiveOf,
  picturesOf,
  projectName,
  sheetOf,
  whyNoPictures,
} from "../../src/state/files.ts";

const file = (path: string, name = path.split("/").at(-1) ?? path) =>
  ({ name, webkitRelativePath: path.includes("/") ? path : "" }) as File;
const names = (files: readonly File[]) => files.map(({ name }) => name);

test("pictures are told from what lies beside them, and stand as a person counts", () => {
  const files = ["p/10.tif", "p/9.tif", "p/.DS_Store", "p/notes.TXT", "p/sheet.csv"].map(
    (path) => file(path),
  );
  expect(names(picturesOf(files))).toEqual(["9.tif", "10.tif"]);
  expect(sheetOf(files)?.name).toBe("sheet.csv");
  expect(archiveOf(files)).toBeUndefined();
  expect(archiveOf([file("a.png"), file("lab.segmetry.zip")])?.name).toBe(
    "lab.segmetry.zip",
  );
});

test("a project is called as the folder, as the only picture, or otherwise", () => {
  expect(projectName([file("powder/a.tif"), file("powder/b.tif")], "new")).toBe("powder");
  expect(projectName([file("a.tif")], "new")).toBe("a.tif");
  expect(projectName([file("a.tif"), file("b.tif")], "new")).toBe("new");
});

test("files without a picture, and parts of OME-Zarr, are refused with a reason", () => {
  const chunks = ["a.zarr/0/0/0", "a.zarr/0/0/1"].map((path) => file(path));
  expect(whyNoPictures([...chunks, file("a.zarr/.zattrs")])).toBe("start.zarr");
  expect(whyNoPictures([...chunks, file("zarr.json")])).toBe("start.zarr");
  expect(whyNoPictures([file("a.tif"), file("zarr.json.tif")])).toBeNull();
  expect(whyNoPictures([file("a.txt")])).toBe("start.noPicture");
});
