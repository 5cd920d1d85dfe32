import type { FC } from "hono/jsx";

/** In a list, below the name of a record that lost it in a partition: the way to another one, where the visitor may. */
export const ConflictMark: FC<{ inConflict: boolean; renamePath: string | undefined }> = (
  { inConflict, renamePath },
) => {
  if (!inConflict) return null;
  return (
    <div class="small">
      <span class="state warn">In conflict</span>
      {renamePath === undefined ? null : (
        <>
          {" "}
          <a href={renamePath}>Rename</a>
        </>
      )}
    </div>
  );
};

/** Above the form of a record that lost a name in a partition. */
export const ConflictNotice: FC<{
  thing: string;
  /** The name that was lost, in words: "name", "email". */
  lost?: readonly string[];
  /** Where the record is that has the name. */
  winnerPath: string | undefined;
  /** What the loss means besides. */
  children?: string;
}> = ({ thing, lost = ["name"], winnerPath, children }) => (
  <div class="notice warn" role="note">
    <p>
      {`While servers could not reach each other, this ${thing} and `}
      {winnerPath === undefined ? `another ${thing}` : <a href={winnerPath}>{`another ${thing}`}</a>}
      {` got the same ${lost.join(" and the same ")}. The other one was first and keeps it. ${
        children === undefined ? "" : `${children} `
      }Give this one another ${lost.join(" and another ")}, or delete it.`}
    </p>
  </div>
);
