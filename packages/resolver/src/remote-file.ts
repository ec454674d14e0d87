/** What is asked of a host in one attempt. */
export interface OpenRequest {
  /** Byte to begin with. */
  readonly offset: number;
  /** The state of the file that the bytes before `offset` are of; undefined where there are none. */
  readonly validator: string | undefined;
  /** Which attempt this is, for messages; the first is 1. */
  readonly attempt: number;
  /** Aborts the answer, too, until its end. */
  readonly signal: AbortSignal;
}

/** A host's answer: some of a file's bytes, from `offset` to the end. */
export interface OpenedFile {
  /** The address that answered, without credentials. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string | undefined;
  /** What the bytes are packed in on top of what the file is; undefined for nothing. */
  readonly contentEncoding: string | undefined;
  /** Where `body` begins: what was asked for, or 0 where the host does not know how, or the file is another by now. */
  readonly offset: number;
  /** Bytes of the whole file, where the host says it. */
  readonly total: number | undefined;
  /** Names the file's present state, byte for byte; undefined where nothing does. */
  readonly validator: string | undefined;
  /** Whether the host says that it can begin in the middle. */
  readonly isSeekable: boolean;
  readonly body: AsyncIterable<Uint8Array>;
}

/** A file on some host. */
export interface RemoteFile {
  /** Names the file, without credentials. */
  readonly url: string;
  /** @throws HttpStatusError, HostUnreachableError, DownloadTimeoutError, RedirectError. */
  open(request: OpenRequest): Promise<OpenedFile>;
}
