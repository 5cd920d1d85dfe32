import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { check } from "./check.ts";
import type { SpecificationIssue } from "./contract.ts";
import { bigText, PLATFORMS } from "./template_input.ts";

const Specification = z.object({ platform: z.enum(PLATFORMS), job: bigText.default(""), volumes: bigText.default("") });

/** Findings listed at most: a broken file breaks on every line after the first. */
const ISSUES_MAX = 20;

/** Looks at a job and volumes before they are saved: sizes, platform, and whether what is YAML can be read. Nomad jobs are HCL, and not looked into. */
export function specificationIssues(input: unknown): SpecificationIssue[] {
  const checked = check(Specification, input);
  if (!checked.ok) return Object.entries(checked.fields).map(([field, message]) => ({ field, message, line: 0 }));
  const { platform, job, volumes } = checked.value;
  if (platform === "manual") return [];
  const issues = platform === "nomad" ? [] : yamlIssues("job", job);
  return [...issues, ...yamlIssues("volumes", volumes)].slice(0, ISSUES_MAX);
}

function yamlIssues(field: string, text: string): SpecificationIssue[] {
  const lineCounter = new LineCounter();
  // A placeholder is replaced when a space starts; until then it stands for some word of the same length.
  const plain = text.replace(/\$\{\{.*?\}\}/g, (placeholder) => "x".repeat(placeholder.length));
  const { errors } = parseDocument(plain, { lineCounter, prettyErrors: false, logLevel: "silent" });
  return errors.map((error) => ({ field, message: error.message, line: lineCounter.linePos(error.pos[0]).line }));
}
