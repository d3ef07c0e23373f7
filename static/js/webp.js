// A WebP file without anything but the picture: browsers add the colour profile of the screen, and who knows what next.

const PICTURE = ["VP8X", "VP8 ", "VP8L", "ALPH"]; // a still picture's chunks; see RFC 9649, section 2.7
const ALPHA = 0b10000; // the one flag of VP8X that still holds

const name = (bytes, at) => String.fromCharCode(...bytes.subarray(at, at + 4));

/** The same pixels; any other type of file as it is. */
export async function bare(blob) {
  if (blob?.type !== "image/webp") return blob;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const parts = [bytes.subarray(0, 12)];
  for (let at = 12; at + 8 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at + 4, true);
    const next = end + (end % 2);
    if (name(bytes, at) === "VP8X") bytes[at + 8] &= ALPHA;
    if (PICTURE.includes(name(bytes, at))) parts.push(bytes.subarray(at, next));
    at = next;
  }
  view.setUint32(4, parts.reduce((sum, part) => sum + part.length, 0) - 8, true);
  return new Blob(parts, { type: blob.type });
}
