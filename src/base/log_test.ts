import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { configureLog, logger, silentLogger } from "./log.ts";

Deno.test("logger() writes a line of time, level, room, message and fields", async () => {
  const lines = await linesOf(
    "text",
    () => logger("cluster").info("Member joined", { member: "0199", zone: "au", address: "knot 1:3100", tries: 3 }),
  );
  strictEqual(lines.length, 1);
  match(
    lines[0],
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INF cluster: Member joined member=0199 zone=au address="knot 1:3100" tries=3$/,
  );
});

Deno.test("logger() writes one JSON object a line, whose own keys no field can replace", async () => {
  const lines = await linesOf("json", () => logger("storage").error("Commit failed", { level: "info", rows: 2 }));
  const { time, ...rest } = JSON.parse(lines[0]);
  match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  deepStrictEqual(rest, { level: "error", room: "storage", message: "Commit failed", level_: "info", rows: 2 });
});

Deno.test("configureLog() leaves out what is below the level, and may be called again", async () => {
  const all = () => {
    const log = logger("node");
    log.debug("Debug line");
    log.info("Info line");
    log.warn("Warn line");
    log.error("Error line");
  };
  const counts = [];
  for (const level of ["trace", "debug", "info", "warn", "error"] as const) {
    counts.push((await linesOf("text", all, level)).length);
  }
  deepStrictEqual(counts, [4, 4, 3, 2, 1]);
});

Deno.test("logger() shows odd values, and never throws", async () => {
  const cycle: Record<string, unknown> = { name: "cycle" };
  cycle.self = cycle;
  const fields = {
    cycle,
    big: 12n,
    error: new Error("Cannot open store", { cause: new Error("disk is full") }),
    bytes: new Uint8Array(100),
    symbol: Symbol("s"),
    call: () => 1,
    nothing: undefined,
    none: null,
    notANumber: NaN,
    date: new Date(NaN),
    set: new Set(["a"]),
    map: new Map([["k", 1n]]),
    deep: Array.from({ length: 50 }).reduce((inner) => ({ inner }), {}),
    toJSON: () => {
      throw new Error("planted");
    },
    get thrower(): never {
      throw new Error("planted");
    },
    hostile: new Proxy({}, {
      ownKeys() {
        throw new Error("planted");
      },
    }),
    long: "x".repeat(100_000),
  };
  for (const format of ["text", "json"] as const) {
    const lines = await linesOf(format, () => logger("base").warn("Odd values", fields));
    strictEqual(lines.length, 1);
    ok(lines[0].length < 10_000, `a line of ${lines[0].length} characters`);
    for (const part of ["[cycle]", "Cannot open store: disk is full", "[unreadable]", "12", "[invalid date]"]) {
      ok(lines[0].includes(part), `${part} is missing in ${lines[0]}`);
    }
  }
});

Deno.test("logger() keeps what a peer sent on one line, and off the terminal's controls", async () => {
  const hostile = "a\nb\r\x1b[31mred\u202e\u2028\x9b x=1";
  for (const format of ["text", "json"] as const) {
    const [line] = await linesOf(format, () => logger("wire").warn("Packet refused", { hostile, [hostile]: 1 }));
    // deno-lint-ignore no-control-regex -- these must not be there
    strictEqual(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/.test(line), false, JSON.stringify(line));
  }
});

Deno.test("silentLogger says nothing", async () => {
  deepStrictEqual(await linesOf("text", () => silentLogger.error("Unheard")), []);
});

async function linesOf(
  format: "text" | "json",
  log: () => void,
  level: "trace" | "debug" | "info" | "warn" | "error" = "debug",
): Promise<string[]> {
  const lines: string[] = [];
  await configureLog({ level, format, write: (line) => lines.push(line) });
  try {
    log();
  } finally {
    await configureLog({ level: "error", format: "text", write: () => {} });
  }
  return lines;
}
