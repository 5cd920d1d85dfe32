/** One change to one source file. */
export interface Patch {
  /** From the repository's root. */
  readonly file: string;
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** The shipped code with one bug. */
export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
}

const HORIZON_WATCH = "src/cluster/horizon_watch.ts";
const BELIEFS = "src/membership/beliefs.ts";

/** Bugs that the simulator must find, the classic ones of gossip membership first. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "incarnation compared with >=",
    patches: [{
      file: "src/membership/member.ts",
      pattern: /if \(update\.incarnation !== known\.incarnation\) return update\.incarnation > known\.incarnation;/,
      replacement: "if (update.incarnation >= known.incarnation) return true;",
    }],
  },
  {
    name: "refutation left out",
    patches: [{
      file: BELIEFS,
      pattern: /if \(verdict === "refute"\)/,
      replacement: 'if (verdict === "refute" && update.state === "alive")',
    }],
  },
  {
    name: "suspicion not cancelled by alive",
    patches: [{ file: BELIEFS, pattern: /this\.suspicions\.clear\(member\.id\);/, replacement: "" }],
  },
  {
    name: "suspicion kills whoever is alive",
    patches: [
      { file: BELIEFS, pattern: /this\.suspicions\.clear\(member\.id\);/, replacement: "" },
      { file: BELIEFS, pattern: / \|\| member\.state !== "suspect"\) return;/, replacement: ") return;" },
    ],
  },
  {
    name: "ack of an older probe accepted",
    patches: [{
      file: "src/membership/probe.ts",
      pattern: /const sent = this\.#sent\.get\(sequence\);\n(\s+if \(sent === undefined \|\|)/,
      replacement: "const sent = this.#sent.get(sequence) ?? " +
        "[...this.#sent.values()].filter(({ round }) => round.target === from).at(-1);\n$1",
    }],
  },
  {
    name: "leaving node retried as dead",
    patches: [{
      file: BELIEFS,
      pattern: /if \(member\.state === "dead"\) \{\n(\s+if \(!this\.#retries)/,
      replacement: 'if (member.state === "dead" || member.state === "leaving") {\n$1',
    }],
  },
  {
    name: "off-by-one range bound",
    patches: [{
      file: "src/reconciliation/comparison.ts",
      pattern: /tree\.sum\.count : tree\.rank\(upper\)/g,
      replacement: "tree.sum.count - 1 : tree.rank(upper)",
    }],
  },
  {
    name: "agreement remembered without equal roots",
    patches: [{
      file: "src/cluster/replication.ts",
      pattern: /this\.#reconciler\.agreed\(id\);\n(\s+)\}/,
      replacement: "}\n$1this.#reconciler.agreed(id);",
    }],
  },
  {
    name: "version = greatest stamp",
    patches: [
      {
        file: "src/records/version.ts",
        pattern: /hash\("sha256", packed, "hex"\)/,
        replacement: 'hash("sha256", stampRange(unpackRecord(packed)).greatest, "hex")',
      },
      {
        file: "src/records/version.ts",
        pattern: /^import/,
        replacement: 'import { stampRange } from "./stamp.ts";\nimport { unpackRecord } from "./unpack.ts";\nimport',
      },
    ],
  },
  {
    name: "merge by record instead of by field",
    patches: [
      {
        file: "src/records/merge.ts",
        pattern: /( +)const fields = mergeMaps\(a\.fields/,
        replacement: "$1if (a !== b) return stampRange(b).greatest > stampRange(a).greatest ? b : a;\n$&",
      },
      {
        file: "src/records/merge.ts",
        pattern: /^import/,
        replacement: 'import { stampRange } from "./stamp.ts";\nimport',
      },
    ],
  },
  {
    name: "tombstone dropped one agreement early",
    patches: [{
      file: "src/cluster/horizon.ts",
      pattern: /if \(reading === undefined\) return NO_READING;/,
      replacement: "if (reading === undefined) continue;",
    }],
  },
  {
    name: "clock's receive rule left out",
    patches: [{
      file: "src/records/hybrid_clock.ts",
      pattern: /const \{ ms, counter \} = parseStamp\(stamp\);\n(\s+\/\/ Receiving)/,
      replacement: "const { ms, counter } = { ...parseStamp(stamp), ms: -1 };\n$1",
    }],
  },
  {
    name: "refusal before the first agreement",
    // The rule stands in three places, and what is left of it in one of them hides nearly all that the others let through.
    patches: [
      { file: "src/cluster/deleted_records.ts", pattern: /if \(!this\.#isSettled\) return "merge";/, replacement: "" },
      {
        file: HORIZON_WATCH,
        pattern: /if \(!this\.isSettled \|\| !this\.#horizon\.raise/,
        replacement: "if (!this.#horizon.raise",
      },
      {
        file: HORIZON_WATCH,
        pattern: /&& this\.#hasAllUpTo\(horizon\)/,
        replacement: "&& (!this.isSettled || this.#hasAllUpTo(horizon))",
      },
    ],
  },
  {
    name: "stamp reused after restart",
    patches: [{
      file: "src/cluster/replication.ts",
      pattern: /new HybridClock\(nodeId, remembered\.floor\)/,
      replacement: "new HybridClock(nodeId)",
    }],
  },
  {
    name: "death believed on anybody's word",
    patches: [{
      file: BELIEFS,
      pattern: /this\.#apply\(this\.#weighed\(update, from\)/,
      replacement: "this.#apply(update",
    }],
  },
];
