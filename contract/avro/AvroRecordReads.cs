namespace CdcSync.Contract.Avro;

/// <summary>Turns a plan into delegates that yield generic values.</summary>
sealed class AvroRecordReads
{
    static readonly object True = true, False = false;

    readonly Dictionary<AvroRecordPlan, RecordRead> _records = [];

    public AvroRead<object?> Build(AvroPlan plan) => plan switch
    {
        AvroValuePlan value => Value(value),
        AvroEnumPlan symbols => Enum(symbols),
        AvroItemsPlan { IsMap: false } array => new AvroBlocks<object?>(Build(array.Items)).ReadList,
        AvroItemsPlan map => new AvroBlocks<object?>(Build(map.Items)).ReadMap,
        AvroUnionPlan union => new AvroUnionRead<object?>([.. union.Branches.Select(Build)]).Read,
        AvroBranchPlan branch => Branch(branch),
        AvroRecordPlan record => Record(record),
        AvroRefusal refusal => (ref input) => throw new AvroDataException(input.Position, refusal.Why),
        _ => throw new InvalidOperationException($"No reading of {plan.GetType().Name}"),
    };

    static AvroRead<object?> Value(AvroValuePlan plan)
    {
        if (plan.Reader.Logical.Kind == AvroLogicalKind.Decimal) return Decimal(plan);
        var promoted = AvroPromotions.Find(plan.Writer.Type, plan.Reader.Type);
        return plan.Reader.Type switch
        {
            AvroType.Null => (ref _) => null,
            AvroType.Boolean => (ref input) => input.ReadBoolean() ? True : False,
            AvroType.Int => (ref input) => input.ReadInt(),
            AvroType.Long when promoted is AvroRead<long> read => (ref input) => read(ref input),
            AvroType.Float when promoted is AvroRead<float> read => (ref input) => read(ref input),
            AvroType.Double when promoted is AvroRead<double> read => (ref input) => read(ref input),
            AvroType.Bytes => (ref input) => input.ReadBytes().ToArray(),
            AvroType.Fixed when plan.Reader is AvroFixedSchema { Size: var size } => (ref input) => input.ReadFixed(size).ToArray(),
            _ => (ref input) => input.ReadString(),
        };
    }

    static AvroRead<object?> Decimal(AvroValuePlan plan)
    {
        var scale = plan.Scale;
        var size = (plan.Writer as AvroFixedSchema)?.Size ?? -1;
        return (ref input) =>
        {
            var start = input.Position;
            var bytes = size < 0 ? input.ReadBytes() : input.ReadFixed(size);
            if (bytes.Length == 0) AvroInput.Fail(start, "a decimal without bytes");
            return new AvroDecimal(new System.Numerics.BigInteger(bytes, isUnsigned: false, isBigEndian: true), scale);
        };
    }

    static AvroRead<object?> Enum(AvroEnumPlan plan)
    {
        var symbols = plan.Places.Select(p => p < 0 ? null : plan.Reader.Symbols[p]).ToArray();
        return (ref input) =>
        {
            var start = input.Position;
            var index = input.ReadIndex(symbols.Length, "symbol");
            return symbols[index] ?? throw new AvroDataException(start, $"the reader's enum has neither '{plan.Writer.Symbols[index]}' nor a default");
        };
    }

    AvroRead<object?> Branch(AvroBranchPlan plan)
    {
        var read = Build(plan.Value);
        var index = plan.Index;
        return AvroUnions.TellsItself(plan.Reader, index) ? read : (ref input) => new AvroBranch(index, read(ref input));
    }

    AvroRead<object?> Record(AvroRecordPlan plan)
    {
        if (_records.TryGetValue(plan, out var known)) return known.Read;
        var record = new RecordRead(plan.Reader);
        _records.Add(plan, record);
        record.Steps = [.. plan.Steps.Select(s => new Step(s.Writer, s.Reader?.Position ?? -1, s.Value is null ? null : Build(s.Value)))];
        record.Defaults = [.. plan.Missing.Select(f => (f.Position, AvroDefault.Encode(f), Build(AvroResolution.Plan(f.Schema, f.Schema))))];
        return record.Read;
    }

    readonly record struct Step(AvroField Writer, int Target, AvroRead<object?>? Read);

    sealed class RecordRead(AvroRecordSchema schema)
    {
        public Step[] Steps { get; set; } = [];
        public (int Target, byte[] Value, AvroRead<object?> Read)[] Defaults { get; set; } = [];

        public AvroRecord Read(ref AvroInput input)
        {
            input.Enter();
            var start = input.Position;
            var values = new object?[schema.Fields.Count];
            var i = 0;
            try
            {
                for (; i < Steps.Length; i++)
                {
                    ref readonly var step = ref Steps[i];
                    if (step.Read is null) AvroSkip.Skip(step.Writer.Schema, ref input);
                    else values[step.Target] = step.Read(ref input);
                }
            }
            catch (AvroDataException e) when (e.Within(Steps[i].Writer.Name))
            {
                throw;
            }
            foreach (var (target, value, read) in Defaults)
            {
                var preset = new AvroInput(value);      // read each time: a list of the default belongs to one record
                values[target] = read(ref preset);
            }
            input.CountEmpty(start);
            input.Leave();
            return new AvroRecord(schema, values);
        }
    }
}
