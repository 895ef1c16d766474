"""Reads each line's Avro data with python3-avro and writes it again.

A line in: {"writer": schema, "reader": schema or null, "hex": data}. A line out: {"hex": data in the reader's schema} or {"error": text}.
"""
import io
import json
import sys

import avro.io
import avro.schema


def again(case):
    writer = avro.schema.parse(json.dumps(case["writer"]))
    reader = avro.schema.parse(json.dumps(case["reader"])) if case.get("reader") else writer
    data = io.BytesIO(bytes.fromhex(case["hex"]))
    value = avro.io.DatumReader(writer, reader).read(avro.io.BinaryDecoder(data))
    if data.read(1):
        raise ValueError("bytes follow the value")
    out = io.BytesIO()
    avro.io.DatumWriter(reader).write(value, avro.io.BinaryEncoder(out))
    return out.getvalue().hex()


for line in sys.stdin:
    try:
        print(json.dumps({"hex": again(json.loads(line))}))
    except Exception as error:  # the caller compares what went wrong
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
