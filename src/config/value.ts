import { z } from "zod";

/*
 * Messages complete the sentence "<key> must …", so that every source (file, environment, flag) is reported alike.
 */

/** Text of `lengthMin` to `lengthMax` characters, without control characters. */
export function text({ lengthMin = 0, lengthMax = 4096 }: { lengthMin?: number; lengthMax?: number } = {}) {
  const range = lengthMin === 0 ? `at most ${lengthMax}` : `${lengthMin} to ${lengthMax}`;
  return z.string({ error: "be text in quotes" })
    .refine((value) => inRange([...value].length, lengthMin, lengthMax), { error: `have ${range} characters` })
    // deno-lint-ignore no-control-regex -- control characters are exactly what is refused
    .refine((value) => !/[\u0000-\u001f\u007f]/.test(value), { error: "have no control characters" });
}

/** Text that `problem` has nothing against; it returns the end of "… must", or undefined. */
export function checkedText(problem: (value: string) => string | undefined) {
  return text().superRefine((value, context) => {
    const message = problem(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}

/** A whole number from `min` to `max`; `unit` names what is counted. */
export function integer({ min, max, unit }: { min: number; max: number; unit: string }) {
  const error = `be a whole number of ${unit} from ${min} to ${max}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

/** `true` or `false`. */
export function toggle() {
  return z.boolean({ error: "be true or false" });
}

/** One of `choices`, in whatever case it was written. */
export function choice<const Choice extends string>(choices: readonly Choice[]) {
  const error = `be one of ${choices.join(", ")}`;
  return z.string({ error }).toLowerCase().pipe(z.enum(choices, { error }));
}

/** A list of `item`, of at most `lengthMax` different ones; repeated items are taken once. */
export function list<Item extends z.ZodType<string>>(item: Item, { lengthMax }: { lengthMax: number }) {
  return z.array(item, { error: 'be a list in brackets, such as ["a", "b"]' })
    .max(lengthMax, { error: `have at most ${lengthMax} entries` })
    .transform((values) => [...new Set(values)]);
}

function inRange(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}
