using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace CdcSync.Contract.Avro;

/// <summary>
/// One flat record in slots that are used again for the next: reading and writing allocate nothing once warm. For records whose fields are primitives, enums,
/// fixed, or a union of null and one of these: a table's row. Text and bytes that were read are slices of the input, which must stay as it is until the next
/// <see cref="Read"/>; those that were set are copied. Start each record with <see cref="Read"/> or <see cref="Clear"/>. Not thread-safe.
/// </summary>
public sealed class AvroRow
{
    readonly Column[] _columns;
    readonly Slot[] _slots;
    ReadOnlyMemory<byte> _data;
    byte[] _own = new byte[256];
    int _ownLength;

    /// <summary>Makes the slots of a schema.</summary>
    /// <exception cref="AvroSchemaException">A field is no primitive, enum or fixed.</exception>
    public AvroRow(AvroRecordSchema schema)
    {
        Schema = schema;
        _columns = [.. schema.Fields.Select(f => Column.Of(f))];
        _slots = new Slot[_columns.Length];
    }

    /// <summary>Its schema.</summary>
    public AvroRecordSchema Schema { get; }

    /// <summary>Reads a record, which is all of the data, into the slots.</summary>
    /// <exception cref="AvroDataException">The data is not of the schema; the slots hold part of it.</exception>
    public void Read(ReadOnlyMemory<byte> data)
    {
        _data = data;
        _ownLength = 0;
        var input = new AvroInput(data.Span);
        var i = 0;
        try
        {
            for (; i < _columns.Length; i++) ReadSlot(_columns[i], ref _slots[i], ref input);
        }
        catch (AvroDataException e) when (e.Within(Schema.Fields[i].Name) || e.In(Schema))
        {
            throw;
        }
        try
        {
            input.End();
        }
        catch (AvroDataException e) when (e.In(Schema))
        {
            throw;
        }
    }

    static void ReadSlot(in Column column, ref Slot slot, ref AvroInput input)
    {
        slot = default;
        if (column.NullBranch >= 0 && input.ReadIndex(2, "union branch") == column.NullBranch)
        {
            slot.IsNull = true;
            return;
        }
        switch (column.Type)
        {
            case AvroType.Null: slot.IsNull = true; break;
            case AvroType.Boolean: slot.Bits = input.ReadBoolean() ? 1 : 0; break;
            case AvroType.Int: slot.Bits = input.ReadInt(); break;
            case AvroType.Long: slot.Bits = input.ReadLong(); break;
            case AvroType.Enum: slot.Bits = input.ReadIndex(column.Size, "symbol"); break;
            case AvroType.Float: slot.Bits = BitConverter.SingleToInt32Bits(input.ReadFloat()); break;
            case AvroType.Double: slot.Bits = BitConverter.DoubleToInt64Bits(input.ReadDouble()); break;
            case AvroType.Fixed: slot.Ends(input.ReadFixed(column.Size).Length, input.Position); break;
            case AvroType.Bytes: slot.Ends(input.ReadBytes().Length, input.Position); break;
            default: slot.Ends(input.ReadUtf8().Length, input.Position); break;
        }
    }

    /// <summary>Writes the record that the slots hold.</summary>
    /// <exception cref="AvroDataException">A slot is null and its field may not be.</exception>
    public void Write(IBufferWriter<byte> output)
    {
        var target = new AvroOutput(output);
        for (var i = 0; i < _columns.Length; i++)
        {
            ref readonly var column = ref _columns[i];
            ref readonly var slot = ref _slots[i];
            if (column.NullBranch >= 0) target.WriteLong(slot.IsNull ? column.NullBranch : 1 - column.NullBranch);
            if (!slot.IsNull) WriteSlot(column, slot, ref target);
            else if (column.NullBranch < 0 && column.Type != AvroType.Null) throw Refused(i, "null, where a value is required");
        }
        target.Flush();
    }

    void WriteSlot(in Column column, in Slot slot, ref AvroOutput target)
    {
        switch (column.Type)
        {
            case AvroType.Boolean: target.WriteBoolean(slot.Bits != 0); break;
            case AvroType.Int or AvroType.Long or AvroType.Enum: target.WriteLong(slot.Bits); break;
            case AvroType.Float: target.WriteFloat(BitConverter.Int32BitsToSingle((int)slot.Bits)); break;
            case AvroType.Double: target.WriteDouble(BitConverter.Int64BitsToDouble(slot.Bits)); break;
            case AvroType.Fixed: target.WriteFixed(BytesOf(slot)); break;
            case AvroType.Bytes or AvroType.String: target.WriteBytes(BytesOf(slot)); break;
        }
    }

    /// <summary>Empties all slots: fields that may be null are, the others are zero or empty (a fixed must be set).</summary>
    public void Clear()
    {
        _ownLength = 0;
        for (var i = 0; i < _slots.Length; i++)
            _slots[i] = new Slot { IsNull = _columns[i].NullBranch >= 0 || _columns[i].Type is AvroType.Null or AvroType.Fixed };
    }

    /// <summary>True when the field is null.</summary>
    public bool IsNull(int field) => _slots[field].IsNull;

    /// <summary>The value of an int or long, the place of an enum's symbol, 0 or 1 of a boolean.</summary>
    public long GetLong(int field) => _columns[field].IsWhole ? _slots[field].Bits : throw NotOf(field, "a whole number");

    /// <summary>The value of a boolean.</summary>
    public bool GetBoolean(int field) => _columns[field].Type == AvroType.Boolean ? _slots[field].Bits != 0 : throw NotOf(field, "a boolean");

    /// <summary>The value of a double or float.</summary>
    public double GetDouble(int field) => _columns[field].Type switch
    {
        AvroType.Double => BitConverter.Int64BitsToDouble(_slots[field].Bits),
        AvroType.Float => BitConverter.Int32BitsToSingle((int)_slots[field].Bits),
        _ => throw NotOf(field, "a double or float"),
    };

    /// <summary>The value of bytes or fixed, the UTF-8 of a string; empty for null. Valid until the row is read, set or cleared.</summary>
    public ReadOnlySpan<byte> GetBytes(int field) => _columns[field].HasBytes ? BytesOf(_slots[field]) : throw NotOf(field, "text or bytes");

    /// <summary>The value of a string, as a new string; null for null.</summary>
    public string? GetString(int field) => _slots[field].IsNull ? null : Encoding.UTF8.GetString(GetBytes(field));

    /// <summary>The value of a decimal, without trailing zeros; false for null and for a number that .NET's decimal does not hold.</summary>
    public bool TryGetDecimal(int field, out decimal value)
    {
        value = 0;
        return !_slots[field].IsNull && AvroDecimals.TryRead(GetBytes(field), _columns[field].Scale, out value);
    }

    /// <summary>Makes the field null.</summary>
    public void SetNull(int field) => _slots[field] = new Slot { IsNull = true };

    /// <summary>Sets an int, a long or the place of an enum's symbol.</summary>
    /// <exception cref="AvroDataException">It is beyond an int's range or the enum's symbols.</exception>
    public void SetLong(int field, long value)
    {
        ref readonly var column = ref _columns[field];
        if (!column.IsWhole) throw NotOf(field, "a whole number");
        if (column.Type == AvroType.Int && value != (int)value) throw Refused(field, "a number of more than 32 bits");
        if (column.Type == AvroType.Enum && (ulong)value >= (ulong)column.Size) throw Refused(field, $"symbol {value} of {column.Size}");
        _slots[field] = new Slot { Bits = value };
    }

    /// <summary>Sets a boolean.</summary>
    public void SetBoolean(int field, bool value) =>
        _slots[field] = _columns[field].Type == AvroType.Boolean ? new Slot { Bits = value ? 1 : 0 } : throw NotOf(field, "a boolean");

    /// <summary>Sets a double or float.</summary>
    public void SetDouble(int field, double value) => _slots[field] = new Slot
    {
        Bits = _columns[field].Type switch
        {
            AvroType.Double => BitConverter.DoubleToInt64Bits(value),
            AvroType.Float => BitConverter.SingleToInt32Bits((float)value),
            _ => throw NotOf(field, "a double or float"),
        },
    };

    /// <summary>Sets bytes, fixed or a string by its UTF-8, which is the caller's to have checked.</summary>
    /// <exception cref="AvroDataException">A fixed has another length.</exception>
    public void SetBytes(int field, ReadOnlySpan<byte> value)
    {
        ref readonly var column = ref _columns[field];
        if (!column.HasBytes) throw NotOf(field, "text or bytes");
        if (column.Type == AvroType.Fixed && value.Length != column.Size) throw Refused(field, $"{value.Length} bytes for a fixed of {column.Size}");
        value.CopyTo(Own(field, value.Length));
    }

    /// <summary>Sets a string.</summary>
    /// <exception cref="AvroDataException">The text has half a surrogate pair.</exception>
    public void SetString(int field, ReadOnlySpan<char> value)
    {
        if (_columns[field].Type != AvroType.String) throw NotOf(field, "a string");
        var length = Encoding.UTF8.GetByteCount(value);
        if (Utf8.FromUtf16(value, Own(field, length), out _, out _, replaceInvalidSequences: false) != OperationStatus.Done)
            throw Refused(field, "the text has half a surrogate pair, which UTF-8 cannot hold");
    }

    /// <summary>Sets a decimal on bytes.</summary>
    /// <exception cref="AvroDataException">It has more digits than precision and scale allow; it is not rounded.</exception>
    public void SetDecimal(int field, decimal value)
    {
        ref readonly var column = ref _columns[field];
        if (column.Precision == 0 || column.Type != AvroType.Bytes) throw NotOf(field, "a decimal on bytes");
        if (!AvroDecimals.TryUnscale(value, column.Precision, column.Scale, out var unscaled))
            throw Refused(field, $"the number has more than {column.Scale} digits behind the point or more than {column.Precision} in all; it is refused, not rounded");
        Span<byte> sixteen = stackalloc byte[16];
        var bytes = AvroDecimals.Bytes(unscaled, sixteen);
        bytes.CopyTo(Own(field, bytes.Length));
    }

    Span<byte> Own(int field, int length)
    {
        if (_own.Length - _ownLength < length) Array.Resize(ref _own, Math.Max(_own.Length * 2, _ownLength + length));
        _slots[field] = new Slot { Start = _ownLength, Length = length, IsOwn = true };
        _ownLength += length;
        return _own.AsSpan(_ownLength - length, length);
    }

    ReadOnlySpan<byte> BytesOf(in Slot slot) => slot.IsOwn ? _own.AsSpan(slot.Start, slot.Length) : _data.Span.Slice(slot.Start, slot.Length);

    AvroDataException Refused(int field, string problem)
    {
        var error = new AvroDataException(null, problem);
        error.Within(Schema.Fields[field].Name);
        error.In(Schema);
        return error;
    }

    InvalidOperationException NotOf(int field, string wanted) =>
        new($"Field '{Schema.Fields[field].Name}' of '{Schema.FullName}' is {Schema.Fields[field].Schema}, not {wanted}");

    struct Slot
    {
        public long Bits;
        public int Start;
        public int Length;
        public bool IsNull;
        public bool IsOwn;

        public void Ends(int length, int position) => (Start, Length) = (position - length, length);
    }

    readonly record struct Column(AvroType Type, int NullBranch, int Size, int Precision, int Scale)
    {
        public bool IsWhole => Type is AvroType.Int or AvroType.Long or AvroType.Enum or AvroType.Boolean;

        public bool HasBytes => Type is AvroType.String or AvroType.Bytes or AvroType.Fixed;

        public static Column Of(AvroField field)
        {
            var (schema, nullBranch) = field.Schema is AvroUnionSchema { Branches.Count: 2, NullBranch: >= 0 } union
                ? (union.Branches[1 - union.NullBranch], union.NullBranch) : (field.Schema, -1);
            var size = (schema as AvroFixedSchema)?.Size ?? (schema as AvroEnumSchema)?.Symbols.Count ?? 0;
            return schema.Type is AvroType.Record or AvroType.Array or AvroType.Map or AvroType.Union
                ? throw new AvroSchemaException($"/fields/{field.Position}/type", $"field '{field.Name}' is no primitive, enum or fixed: read such records with {nameof(AvroReader)}")
                : new Column(schema.Type, nullBranch, size, schema.Logical.Precision, schema.Logical.Scale);
        }
    }
}
