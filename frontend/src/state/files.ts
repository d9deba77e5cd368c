/** What files that a person chose or dropped are taken for. */

const ARCHIVE = ".segmetry.zip"; // a whole project that was downloaded
// What lies beside pictures; whatever else it is, the program tells by the file itself.
const NO_PICTURE =
  /\.(txt|csv|tsv|xlsx?|docx?|pptx?|pdf|json|toml|ya?ml|xml|md|html?|zip|log|ini|py|db)$/i;
const SHEET = /^(conditions|sheet)\.csv$/i; // as in a folder that is opened by its path

const ZARR = /^(\.zattrs|\.zgroup|\.zarray|zarr\.json)$/; // in each folder of OME-Zarr

const pathOf = (file: File) => file.webkitRelativePath || file.name;

export const archiveOf = (files: readonly File[]) =>
  files.find(({ name }) => name.endsWith(ARCHIVE));

export const sheetOf = (files: readonly File[]) =>
  files.find(({ name }) => SHEET.test(name));

/** Whether files are parts of OME-Zarr pictures, whose folders are not to be torn apart. */
const arePartsOfZarr = (files: readonly File[]) =>
  files.some(({ name }) => ZARR.test(name));

/** The pictures among files, in the order in which a person counts. */
export const picturesOf = (files: readonly File[]) =>
  files
    .filter(({ name }) => !name.startsWith(".") && !NO_PICTURE.test(name))
    .toSorted((a, b) => pathOf(a).localeCompare(pathOf(b), "en", { numeric: true }));

/** What a project of these pictures is called: their folder, or the only file. */
export function projectName(pictures: readonly File[], otherwise: string): string {
  const [folder] = pictures[0].webkitRelativePath.split("/");
  return folder || (pictures.length === 1 ? pictures[0].name : otherwise);
}

/** The text that says why there are no pictures to take, where there are none. */
export const whyNoPictures = (files: readonly File[]) => {
  if (arePartsOfZarr(files)) return "start.zarr";
  return picturesOf(files).length === 0 ? "start.noPicture" : null;
};
