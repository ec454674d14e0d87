/** Where a command reads what is piped into it. */
export interface InputStream extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean;
}

/** Where a command writes to. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What a command has of the process that it runs in. */
export interface CommandIO {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: NodeJS.ProcessEnv;
}
