using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;
using CdcSync.EventLog;

namespace CdcSync.Capture.Debezium;

/// <summary>Kafka Connect's JSON converter: a schema in JSON, and a value, from the Avro form it was written in, straight to JSON bytes.</summary>
/// <param name="output">Where the JSON goes.</param>
/// <param name="latin">Bytes as Avro's schemas write them in defaults, one character a byte; else in base 64.</param>
/// <param name="numbers">Decimals as numbers (<c>decimal.format=NUMERIC</c>); else as their bytes.</param>
readonly ref struct ConnectJson(LogBatch output, bool latin = false, bool numbers = false)
{
    /// <summary>A value's JSON.</summary>
    public static string Text(ConnectSchema schema, ReadOnlySpan<byte> avro, bool latin = false)
    {
        var output = new LogBatch();
        output.Begin("", 0);
        var rest = avro;
        new ConnectJson(output, latin).Value(schema with { Optional = false }, ref rest);
        output.BeginValue();
        output.End();
        return Encoding.UTF8.GetString(output.Key(output.Entries[0]).Span);
    }

    /// <summary>Writes a value of the schema, off the front of <paramref name="avro"/>.</summary>
    public void Value(ConnectSchema schema, scoped ref ReadOnlySpan<byte> avro)
    {
        if (schema.Optional && !AvroForm.IsPresent(schema, ref avro))
        {
            output.Write("null"u8);
            return;
        }
        switch (schema.Kind)
        {
            case ConnectKind.Boolean:
                output.Write(avro[0] != 0 ? "true"u8 : "false"u8);
                avro = avro[1..];
                break;
            case ConnectKind.Int8 or ConnectKind.Int16 or ConnectKind.Int32 or ConnectKind.Int64:
                Utf8Formatter.TryFormat(AvroForm.Long(ref avro), output.GetSpan(24), out var written);
                output.Advance(written);
                break;
            case ConnectKind.Float32:
                var single = AvroForm.Float(ref avro);
                Number(single, single.ToString("R", CultureInfo.InvariantCulture));
                break;
            case ConnectKind.Float64:
                var real = AvroForm.Double(ref avro);
                Number(real, real.ToString("R", CultureInfo.InvariantCulture));
                break;
            case ConnectKind.String:
                Quoted(AvroForm.Bytes(ref avro));
                break;
            case ConnectKind.Bytes:
                Bytes(schema, AvroForm.Bytes(ref avro));
                break;
            case ConnectKind.Struct:
                Struct(schema, ref avro);
                break;
            default:
                Items(schema, ref avro);
                break;
        }
    }

    void Struct(ConnectSchema schema, scoped ref ReadOnlySpan<byte> avro)
    {
        var separator = (byte)'{';
        foreach (var field in schema.Fields)
        {
            Byte(separator);
            separator = (byte)',';
            Quoted(field.Name);
            Byte((byte)':');
            Value(field.Schema, ref avro);
        }
        output.Write(schema.Fields.Count == 0 ? "{}"u8 : "}"u8);
    }

    void Items(ConnectSchema schema, scoped ref ReadOnlySpan<byte> avro)
    {
        var isMap = schema.Kind == ConnectKind.Map;
        Byte((byte)(isMap ? '{' : '['));
        var first = true;
        for (var count = AvroForm.Long(ref avro); count != 0; count = AvroForm.Long(ref avro))
        {
            for (; count > 0; count--)
            {
                if (!first) Byte((byte)',');
                first = false;
                if (isMap)
                {
                    Quoted(AvroForm.Bytes(ref avro));
                    Byte((byte)':');
                }
                Value(schema.Items!, ref avro);
            }
        }
        Byte((byte)(isMap ? '}' : ']'));
    }

    // Java writes 1.0 where .NET writes 1, and what is no number in quotes.
    void Number(double value, string text)
    {
        if (!double.IsFinite(value)) output.Write(double.IsNaN(value) ? "\"NaN\""u8 : value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8);
        else Ascii(text.AsSpan().IndexOfAny('.', 'E') >= 0 ? text : text + ".0");
    }

    void Bytes(ConnectSchema schema, ReadOnlySpan<byte> bytes)
    {
        if (latin)
        {
            Quoted(Encoding.Latin1.GetString(bytes));
            return;
        }
        if (numbers && schema.Name == ConnectNames.Decimal)
        {
            Ascii(Decimal(new BigInteger(bytes, isBigEndian: true), int.Parse(schema.Parameters.First(p => p.Name == "scale").Value, CultureInfo.InvariantCulture)));
            return;
        }
        Byte((byte)'"');
        var span = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Base64.EncodeToUtf8(bytes, span, out _, out var written);
        output.Advance(written);
        Byte((byte)'"');
    }

    /// <summary>A decimal's plain digits.</summary>
    public static string Decimal(BigInteger unscaled, int scale)
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(scale, 0) + 1, '0');
        var text = scale <= 0 ? digits + new string('0', -scale) : $"{digits[..^scale]}.{digits[^scale..]}";
        return unscaled.Sign < 0 ? "-" + text : text;
    }

    void Quoted(string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        var rented = ArrayPool<byte>.Shared.Rent(count);
        Quoted(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
    }

    static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, 32).Select(i => (byte)i), (byte)'"', (byte)'\\']);

    // As Jackson writes it: only what must be escaped is.
    void Quoted(scoped ReadOnlySpan<byte> utf8)
    {
        Byte((byte)'"');
        for (var next = utf8.IndexOfAny(Escaped); next >= 0; next = utf8.IndexOfAny(Escaped))
        {
            output.Write(utf8[..next]);
            Escape(utf8[next]);
            utf8 = utf8[(next + 1)..];
        }
        output.Write(utf8);
        Byte((byte)'"');
    }

    void Escape(byte character)
    {
        var text = character switch
        {
            (byte)'"' => "\\\"",
            (byte)'\\' => "\\\\",
            (byte)'\n' => "\\n",
            (byte)'\r' => "\\r",
            (byte)'\t' => "\\t",
            8 => "\\b",
            12 => "\\f",
            _ => $"\\u{character:X4}",
        };
        Ascii(text);
    }

    void Ascii(string text)
    {
        var span = output.GetSpan(text.Length);
        output.Advance(Encoding.ASCII.GetBytes(text, span));
    }

    void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    /// <summary>Writes the schema.</summary>
    public void Schema(ConnectSchema schema, string? field = null)
    {
        Ascii($"{{\"type\":\"{Word(schema.Kind)}\"");
        switch (schema.Kind)
        {
            case ConnectKind.Array:
                Ascii(",\"items\":");
                Schema(schema.Items!);
                break;
            case ConnectKind.Map:
                Ascii(""","keys":{"type":"string","optional":false},"values":""");
                Schema(schema.Items!);
                break;
            case ConnectKind.Struct:
                Ascii(",\"fields\":[");
                for (var i = 0; i < schema.Fields.Count; i++)
                {
                    if (i > 0) Byte((byte)',');
                    Schema(schema.Fields[i].Schema, schema.Fields[i].Name);
                }
                Byte((byte)']');
                break;
            default:
                break;
        }
        Ascii(schema.Optional ? ",\"optional\":true" : ",\"optional\":false");
        Named("name", schema.Name);
        if (schema.Version is { } version) Ascii($",\"version\":{version}");
        Named("doc", schema.Doc);
        Parameters(schema);
        if (schema.Default is { } value)
        {
            ReadOnlySpan<byte> avro = value;
            Ascii(",\"default\":");
            Value(schema with { Optional = false }, ref avro);
        }
        Named("field", field);
        Byte((byte)'}');
    }

    void Parameters(ConnectSchema schema)
    {
        if (schema.Parameters.Count == 0) return;
        Ascii(",\"parameters\":{");
        for (var i = 0; i < schema.Parameters.Count; i++)
        {
            if (i > 0) Byte((byte)',');
            Quoted(schema.Parameters[i].Name);
            Byte((byte)':');
            Quoted(schema.Parameters[i].Value);
        }
        Byte((byte)'}');
    }

    void Named(string name, string? value)
    {
        if (value is null) return;
        Ascii($",\"{name}\":");
        Quoted(value);
    }

    static string Word(ConnectKind kind) => kind switch
    {
        ConnectKind.Float32 => "float",
        ConnectKind.Float64 => "double",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
