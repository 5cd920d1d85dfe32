/** Reversible sealing of one text; the accounts' sealer is one. */
export interface ValueSealer {
  seal(text: string): string;
  /** Undefined when it was sealed under another key. */
  open(stored: string): string | undefined;
}

/** Stores texts as they are. */
export const openSealer: ValueSealer = { seal: (text) => text, open: (stored) => stored };
