import type { FC } from "hono/jsx";
import { type Errors, TextField } from "./fields.tsx";
import { Tags } from "./table.tsx";

/** Where a template or variable applies, as text to edit. */
export const ZonesField: FC<{ zones: readonly string[]; errors: Errors }> = ({ zones, errors }) => (
  <TextField
    name="zones"
    label="Zones"
    value={inOrder(zones).join(", ")}
    errors={errors}
    hint="Names with commas between: only there. “!” in front of a name: not there. With both, only the names that are not excluded. Empty: everywhere."
  />
);

/** The same in a list. */
export const ZoneTags: FC<{ zones: readonly string[] }> = ({ zones }) => (
  <Tags words={inOrder(zones)} none="everywhere" />
);

/** Where it is before where it is not, which is how people say it; the record knows no order. */
function inOrder(zones: readonly string[]): string[] {
  return [...zones.filter((zone) => !zone.startsWith("!")), ...zones.filter((zone) => zone.startsWith("!"))];
}
