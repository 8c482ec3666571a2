// SPDX-License-Identifier: Apache-2.0
// What every command is given: how to say what it came to, and word of Ctrl-C.
import type { ExitCode } from './command-output.ts';

export interface CommandContext {
  /** Is aborted by Ctrl-C; what runs then stops at the next block or file, and takes back what is half done. */
  readonly signal: AbortSignal;
  /** Is told how the command that was run came out. */
  finish(code: ExitCode): void;
}
