import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { check } from "./check.ts";
import type { SpecificationIssue } from "./contract.ts";
import { bigText, PLATFORMS } from "./template_input.ts";

const Specification = z.object({ platform: z.enum(PLATFORMS), job: bigText.default(""), volumes: bigText.default("") });

/** Looks at a job and volumes before they are saved: sizes, platform, and whether what is YAML can be read. Nomad jobs are HCL, and not looked into. */
export function specificationIssues(input: unknown): SpecificationIssue[] {
  const checked = check(Specification, input);
  if (!checked.ok) return Object.entries(checked.fields).map(([field, message]) => ({ field, message, line: 0 }));
  const { platform, job, volumes } = checked.value;
  if (platform === "manual") return [];
  const issues = platform === "nomad" ? [] : yamlIssues("job", job);
  return [...issues, ...yamlIssues("volumes", volumes)];
}

function yamlIssues(field: string, text: string): SpecificationIssue[] {
  const lineCounter = new LineCounter();
  // A placeholder is replaced when a space starts; until then it stands for some word of the same length.
  const plain = text.replace(/\$\{\{.*?\}\}/g, (placeholder) => "x".repeat(placeholder.length));
  const { errors } = parseDocument(plain, { lineCounter, prettyErrors: false, logLevel: "silent" });
  const [first] = errors; // The others follow from it more often than not.
  if (first === undefined) return [];
  return [{ field, message: `cannot be read as YAML: ${first.message}`, line: lineCounter.linePos(first.pos[0]).line }];
}
