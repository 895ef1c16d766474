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
  const passes = [];
  for (const start = performance.now(); performance.now() - start < milliseconds;) {
    const one = performance.now();
    pass();
    passes.push(performance.now() - one);
  }
  const median = passes.sort((a, b) => a - b)[passes.length >> 1];
  console.log(JSON.stringify({ name, nsPerRecord: Math.round((median * 1e7) / rows.length) / 10 }));
}

measure('decode', (i) => type.fromBuffer(buffers[i]));
measure('encode', (i) => type.toBuffer(values[i]));
