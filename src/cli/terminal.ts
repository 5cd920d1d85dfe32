/** What reading needs of standard input. */
export interface Input {
  read(buffer: Uint8Array): Promise<number | null>;
  setRaw?(raw: boolean): void;
}

/** Longest line or secret that is taken, in bytes: far past any password. */
const INPUT_BYTES_MAX = 4096;

const CONTROL = { C: 3, D: 4, BACKSPACE: 8, LINE_FEED: 10, RETURN: 13, U: 21, DELETE: 127 } as const;

/** The first line of `input` without its end; undefined where there is none. Text past 4 KiB is an error. */
export async function readFirstLine(input: Input): Promise<string | undefined> {
  const bytes: number[] = [];
  const buffer = new Uint8Array(1024);
  for (;;) {
    const count = await input.read(buffer);
    for (const byte of buffer.subarray(0, count ?? 0)) {
      if (byte === CONTROL.LINE_FEED) return decoded(bytes).replace(/\r$/, "");
      bytes.push(byte);
    }
    if (count === null) return bytes.length === 0 ? undefined : decoded(bytes);
    if (bytes.length > INPUT_BYTES_MAX) {
      throw new Error(`Cannot read standard input: line past ${INPUT_BYTES_MAX} bytes`);
    }
  }
}

/** Reads a line from the terminal without showing it; undefined for Ctrl-C, Ctrl-D on an empty line, or no more input. */
export async function readSecret(
  prompt: string,
  { input, write }: { input: Input; write: (text: string) => void },
): Promise<string | undefined> {
  write(prompt);
  input.setRaw?.(true);
  try {
    const bytes: number[] = [];
    const buffer = new Uint8Array(256);
    for (;;) {
      const count = await input.read(buffer);
      if (count === null) return undefined;
      for (const byte of buffer.subarray(0, count)) {
        const ending = press(byte, bytes);
        if (ending === "cancelled") return undefined;
        if (ending === "entered") return decoded(bytes);
      }
    }
  } finally {
    input.setRaw?.(false);
    write("\n");
  }
}

/** One key. Without the terminal's own line editing, erasing is ours to do. */
function press(byte: number, bytes: number[]): "entered" | "cancelled" | undefined {
  switch (byte) {
    case CONTROL.RETURN:
    case CONTROL.LINE_FEED:
      return "entered";
    case CONTROL.C:
      return "cancelled";
    case CONTROL.D:
      return bytes.length === 0 ? "cancelled" : "entered";
    case CONTROL.U:
      bytes.length = 0;
      return;
    case CONTROL.BACKSPACE:
    case CONTROL.DELETE:
      while ((bytes.pop() ?? 0) >> 6 === 0b10); // The other bytes of a character past ASCII.
      return;
    default:
      if (byte >= 32 && bytes.length < INPUT_BYTES_MAX) bytes.push(byte);
  }
}

function decoded(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
