/** Where the setup token is kept for those who can read the data folder. */
export interface SetupTokenFile {
  readonly path: string;
  write(token: string): Promise<void>;
  /** Harmless when there is none. */
  remove(): Promise<void>;
}

/** `<dataDir>/setup-token`, readable by the server's own user only. */
export function setupTokenFile(dataDir: string): SetupTokenFile {
  const path = `${dataDir.replace(/\/+$/, "")}/setup-token`;
  const remove = async () => {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  return {
    path,
    async write(token) {
      await remove(); // The mode is given only to a file that is new.
      await Deno.writeTextFile(path, `${token}\n`, { mode: 0o600, createNew: true });
    },
    remove,
  };
}
