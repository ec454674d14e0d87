/** The part of `pngjs` that is used here. */
declare module 'pngjs' {
  export const PNG: {
    readonly sync: {
      /** @returns Red, green, blue and alpha, 8 bits each, whatever the file has. */
      read(bytes: Buffer): { readonly width: number; readonly height: number; readonly data: Buffer };
      write(image: { readonly width: number; readonly height: number; readonly data: Uint8Array }): Buffer;
    };
  };
}
