import type { FC } from "hono/jsx";

/** Above the form of a record that lost its name in a partition. */
export const ConflictNotice: FC<{ thing: string }> = ({ thing }) => (
  <div class="notice warn" role="note">
    <p>
      {`While servers could not reach each other, another ${thing} got the same name. Give this one another name, or delete it.`}
    </p>
  </div>
);
