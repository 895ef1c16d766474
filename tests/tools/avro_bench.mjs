// The order row decoded and encoded by avsc: the peer of `bench avro`. In: {schema, milliseconds, rows: [hex]}; out: one figure a line.
import { readFileSync } from 'node:fs';
import avro from 'avsc';

const { schema, milliseconds, rows } = JSON.parse(readFileSync(0, 'utf8'));
const type = avro.Type.forSchema(schema);
const buffers = rows.map((row) => Buffer.from(row, 'hex'));
const values = buffers.map((buffer) => type.fromBuffer(buffer));

function measure(name, one) {
  const pass = () => rows.forEach((_, i) => one(i));
  const begin = performance.now();
  while (performance.now() - begin < milliseconds / 2) pass();
  let best = Infinity;
  for (let stretch = 0; stretch < 5; stretch++) {
    const start = performance.now();
    let passes = 0;
    for (; performance.now() - start < milliseconds / 5; passes++) pass();
    best = Math.min(best, ((performance.now() - start) * 1e6) / passes / rows.length);
  }
  console.log(JSON.stringify({ name, nsPerRecord: Math.round(best * 10) / 10 }));
}

measure('decode', (i) => type.fromBuffer(buffers[i]));
measure('encode', (i) => type.toBuffer(values[i]));
