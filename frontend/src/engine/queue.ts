/** Edits that the server has not acknowledged, kept in the browser's database. */

import type { OpKind } from "../api/types.ts";
import type { Point } from "./chunks.ts";

/** An edit, an undo or a redo, as it waits to be sent. */
export interface Waiting {
  readonly op_id: string;
  readonly label: string;
  readonly kind: OpKind | "undo" | "redo";
  readonly group: string | null;
  readonly points: readonly Point[];
  readonly width: number;
  readonly ids: readonly number[];
  readonly overwrite: boolean;
  /** The number that the stroke was painted with ahead of the answer; 0 erases. */
  readonly shown: number;
}

export interface Store {
  add(edit: Waiting): Promise<void>;
  remove(opId: string): Promise<void>;
  /** What waits for one label set, in the order in which it was added. */
  list(label: string): Promise<Waiting[]>;
}

/** A store that survives a reload and a crash of the tab. */
export async function openStore(): Promise<Store> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("segmetry", 1);
    request.onupgradeneeded = () => {
      const edits = request.result.createObjectStore("edits", { autoIncrement: true });
      edits.createIndex("op_id", "op_id", { unique: true });
      edits.createIndex("label", "label");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return {
    add: (edit) =>
      inStore(database, "readwrite", (edits) => edits.add(edit)).then(() => {}),
    list: (label) =>
      inStore(database, "readonly", (edits) => edits.index("label").getAll(label)),
    async remove(opId) {
      const key = await inStore(database, "readonly", (edits) =>
        edits.index("op_id").getKey(opId),
      );
      if (key !== undefined) {
        await inStore(database, "readwrite", (edits) => edits.delete(key));
      }
    },
  };
}

/** A store for browsers that refuse theirs, as some private windows do. */
export function memoryStore(): Store {
  let edits: Waiting[] = [];
  return {
    add: async (edit) => {
      edits.push(edit);
    },
    remove: async (opId) => {
      edits = edits.filter((edit) => edit.op_id !== opId);
    },
    list: async (label) => edits.filter((edit) => edit.label === label),
  };
}

function inStore<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  ask: (edits: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("edits", mode, { durability: "strict" });
    const request = ask(transaction.objectStore("edits"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}
