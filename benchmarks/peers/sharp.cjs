// sharp, in its quickest way: one decode to the largest size, the smaller sizes from it, a hash of 256 bits (DCT, as PDQ's).
const { writeFileSync } = require("node:fs");
const { createInterface } = require("node:readline");
const sharp = require("sharp");

sharp.concurrency(1);
sharp.cache(false);

const SIDE = 64, WAVES = 16;
const WAVE = Array.from({ length: WAVES }, (_, k) =>
  Float32Array.from({ length: SIDE }, (_, n) => Math.cos(Math.PI / 2 / SIDE * (k + 1) * (2 * n + 1))));

function hash(luma) {
  const across = WAVE.map((wave) => Float32Array.from({ length: SIDE }, (_, column) =>
    wave.reduce((sum, weight, row) => sum + weight * luma[row * SIDE + column], 0)));
  const waves = across.flatMap((line) => WAVE.map((wave) => wave.reduce((sum, weight, n) => sum + weight * line[n], 0)));
  const middle = [...waves].sort((a, b) => a - b)[127];
  return Buffer.from(Uint8Array.from({ length: 32 }, (_, byte) =>
    waves.slice(byte * 8, byte * 8 + 8).reduce((bits, wave) => bits * 2 + (wave > middle), 0)));
}

async function work(file, sizes) {
  const made = {};
  const order = Object.keys(sizes).sort((a, b) => b - a);
  let [width, height] = sizes[order[0]];
  let { data, info } = await sharp(file, { limitInputPixels: false }).autoOrient()
    .resize(width, height, { fit: "fill" }).raw().toBuffer({ resolveWithObject: true });
  for (const nominal of order) {
    [width, height] = sizes[nominal];
    let image = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
    if (info.width !== width || info.height !== height) {
      ({ data, info } = await image.resize(width, height, { fit: "fill" }).raw().toBuffer({ resolveWithObject: true }));
      image = sharp(data, { raw: { width, height, channels: info.channels } });
    }
    made[`${nominal}.webp`] = await image.webp({ quality: 80, effort: 4 }).toBuffer();
  }
  const small = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
    .flatten({ background: "white" }).greyscale().resize(SIDE, SIDE, { fit: "fill" }).raw();
  made.hash = hash(await small.toBuffer());
  return made;
}

(async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    const told = JSON.parse(line);
    if (!told.ready) {
      const made = await work(told.file, told.sizes);
      for (const [name, data] of Object.entries(made)) if (told.out) writeFileSync(`${told.out}/${name}`, data);
    }
    process.stdout.write("done\n");
  }
})();
