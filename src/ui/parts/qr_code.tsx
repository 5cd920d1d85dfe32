import type { FC } from "hono/jsx";
import { encode } from "uqr";

/** Light modules around the code, as ISO/IEC 18004 asks for. */
const QUIET_ZONE_MODULES = 4;

/** A QR code as one path of unit squares. */
export const QrCode: FC<{ text: string; label: string }> = ({ text, label }) => {
  const { data, size } = encode(text, { border: QUIET_ZONE_MODULES });
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => dark ? [`M${x} ${y}h1v1h-1z`] : []));
  return (
    <p>
      <svg
        class="code-image"
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label={label}
        shape-rendering="crispEdges"
      >
        <path d={squares.join("")} fill="#000000" />
      </svg>
    </p>
  );
};
