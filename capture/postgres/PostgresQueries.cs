using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using CdcSync.Capture.Mapping;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;
using Npgsql;
using NpgsqlTypes;

namespace CdcSync.Capture.Postgres;

/// <summary>Runs mappings' SQL at a PostgreSQL source, on read-only connections of its own.</summary>
sealed class PostgresQueries(NpgsqlDataSource source) : IMappingQueries
{
    const int KeysAtATime = 2000;
    readonly Dictionary<ObjectMapping, IReadOnlyList<string>> _keyTypes = [];

    /// <summary>With a pool of read-only connections for a source's connection string.</summary>
    public static PostgresQueries Open(string connection, string name)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = $"cdcsync mapping {name}", MaxPoolSize = 4 };
        settings.Options = $"{settings.Options} -c default_transaction_read_only=on".Trim();
        return new PostgresQueries(NpgsqlDataSource.Create(settings.ConnectionString));
    }

    public string DefaultSchema => "public";

    public Task WaitUntilVisibleAsync(ChangeBatch batch, CancellationToken stop)
    {
        var ids = new HashSet<long>();
        for (var i = 0; i < batch.Count; i++)
            if (batch[i].Transaction != 0) ids.Add(batch[i].Transaction);
        return new Visibility(source).WaitAsync(ids, stop);
    }

    public Task<IReadOnlyList<PreflightResult>> CheckAsync(IReadOnlyList<ObjectMapping> mappings, CancellationToken stop) => new PostgresMappingPreflight(source, this).CheckAsync(mappings, stop);

    public ValueTask DisposeAsync() => source.DisposeAsync();

    public async IAsyncEnumerable<MappedRow> ReadAllAsync(ObjectMapping mapping, bool ordered, [EnumeratorCancellation] CancellationToken stop)
    {
        var order = ordered ? $" order by concat_ws('|', {string.Join(", ", mapping.KeyColumns.Select(k => $"q.{Quote(k)}::text"))}) collate \"C\"" : "";
        byte[]? last = null;
        await using (var connection = await source.OpenConnectionAsync(stop))
        {
            await using var command = new NpgsqlCommand($"select row_to_json(q)::text from (\n{FullQuery(mapping)}\n) q{order}", connection) { CommandTimeout = 0 };
            await using var rows = await ExecuteOrNullAsync(mapping, command, stop);
            var more = rows is null ? null : await NextAsync(rows, stop);
            for (; more is true; more = await NextAsync(rows!, stop))
            {
                var row = Row(mapping, rows!.GetString(0));
                last = ordered ? Encoding.UTF8.GetBytes(row.Id) : null;
                yield return row;
            }
            if (more is false) yield break;
        }
        // Some row cannot be evaluated, and has ended the whole read: by keys, it is found and comes alone. What was read already is skipped where the order tells, else read again.
        foreach (var some in (await KeysAsync(mapping, order, stop)).Chunk(KeysAtATime))
            await foreach (var row in ReadKeysAsync(mapping, some, stop).OrderBy(r => r.Id, StringComparer.Ordinal))
                if (last is null || Encoding.UTF8.GetBytes(row.Id).AsSpan().SequenceCompareTo(last) > 0) yield return row;
    }

    // Null: a row could not be evaluated.
    static async Task<bool?> NextAsync(NpgsqlDataReader rows, CancellationToken stop)
    {
        try
        {
            return await rows.ReadAsync(stop);
        }
        catch (PostgresException refused) when (IsOfOneRow(refused))
        {
            return null;
        }
    }

    static async Task<NpgsqlDataReader?> ExecuteOrNullAsync(ObjectMapping mapping, NpgsqlCommand command, CancellationToken stop)
    {
        try
        {
            return await ExecuteAsync(mapping, command, stop);
        }
        catch (PostgresException refused) when (IsOfOneRow(refused))
        {
            return null;
        }
    }

    // The keys alone: the server leaves out what nobody asks for, so an expression that fails elsewhere in the row does not fail here.
    async Task<List<string[]>> KeysAsync(ObjectMapping mapping, string order, CancellationToken stop)
    {
        var keys = new List<string[]>();
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var command = new NpgsqlCommand($"select {string.Join(", ", mapping.KeyColumns.Select(k => $"q.{Quote(k)}::text"))} from (\n{FullQuery(mapping)}\n) q{order}", connection) { CommandTimeout = 0 };
        try
        {
            await using var rows = await ExecuteAsync(mapping, command, stop);
            while (await rows.ReadAsync(stop)) keys.Add([.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetString)]);
            return keys;
        }
        catch (PostgresException refused) when (IsOfOneRow(refused))
        {
            throw Unevaluable(mapping, refused);
        }
    }

    // Class 22: one row's data (a division by zero, a bad cast).
    static bool IsOfOneRow(PostgresException refused) => refused.SqlState.StartsWith("22", StringComparison.Ordinal);

    static MappingException Unevaluable(ObjectMapping mapping, PostgresException refused) =>
        new(mapping.Settings.Name, $"the source cannot evaluate its query over all rows: {refused.MessageText}. Make the query hold for every row (nullif, case), or mend the row", refused);

    public async IAsyncEnumerable<MappedRow> ReadKeysAsync(ObjectMapping mapping, IReadOnlyList<string[]> keys, [EnumeratorCancellation] CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var types = await KeyTypesAsync(mapping, connection, stop);
        foreach (var some in keys.Chunk(KeysAtATime))
            foreach (var row in await ReadSomeAsync(mapping, types, some, connection, stop)) yield return row;
    }

    // Halved until the guilty row is alone, so that it stops itself only.
    static async Task<IReadOnlyList<MappedRow>> ReadSomeAsync(
        ObjectMapping mapping, IReadOnlyList<string> types, ArraySegment<string[]> keys, NpgsqlConnection connection, CancellationToken stop)
    {
        try
        {
            await using var command = new NpgsqlCommand($"select row_to_json(q)::text from (\n{KeyedQuery(mapping, types)}\n) q", connection)
            {
                CommandTimeout = (int)mapping.Settings.Timeout.TotalSeconds,
            };
            for (var i = 0; i < mapping.KeyColumns.Count; i++) command.Parameters.Add(ArrayOf(keys.Select(k => k[i])));
            var found = new List<MappedRow>(keys.Count);
            await using var rows = await ExecuteAsync(mapping, command, stop);
            while (await rows.ReadAsync(stop)) found.Add(Row(mapping, rows.GetString(0)));
            return found;
        }
        catch (PostgresException refused) when (IsOfOneRow(refused))
        {
            if (keys.Count == 1) return [new MappedRow(string.Join('|', keys[0]), null, $"the source cannot evaluate the query for it: {refused.MessageText}")];
            var half = keys.Count / 2;
            return [.. await ReadSomeAsync(mapping, types, keys[..half], connection, stop), .. await ReadSomeAsync(mapping, types, keys[half..], connection, stop)];
        }
    }

    public async Task<List<string[]>> SelectKeysAsync(ObjectMapping mapping, AffectedTable table, IReadOnlyList<IReadOnlyCollection<string>> values, CancellationToken stop)
    {
        var keys = new List<string[]>();
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var command = new NpgsqlCommand(table.Numbered(), connection) { CommandTimeout = (int)mapping.Settings.Timeout.TotalSeconds };
        foreach (var set in values) command.Parameters.Add(ArrayOf(set));
        await using var rows = await ExecuteAsync(mapping, command, stop);
        if (rows.FieldCount != mapping.KeyColumns.Count)
            throw new MappingException(mapping.Settings.Name, $"affected_by.{table.Table} returns {rows.FieldCount} columns; the key has {mapping.KeyColumns.Count}");
        while (await rows.ReadAsync(stop))
        {
            var key = new string?[rows.FieldCount];
            for (var i = 0; i < key.Length; i++) key[i] = CanonicalText.Of(rows.GetValue(i));
            if (key.All(k => k is not null)) keys.Add(key!);
        }
        return keys;
    }

    /// <summary>The result's columns and their types, without reading a row.</summary>
    public async Task<IReadOnlyList<(string Name, string Type)>> DescribeAsync(ObjectMapping mapping, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await DescribeAsync(mapping, connection, stop);
    }

    static async Task<IReadOnlyList<(string Name, string Type)>> DescribeAsync(ObjectMapping mapping, NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand($"select * from (\n{FullQuery(mapping)}\n) q limit 0", connection);
        await using var rows = await ExecuteAsync(mapping, command, stop);
        return [.. Enumerable.Range(0, rows.FieldCount).Select(i => (rows.GetName(i), rows.GetDataTypeName(i)))];
    }

    async Task<IReadOnlyList<string>> KeyTypesAsync(ObjectMapping mapping, NpgsqlConnection connection, CancellationToken stop)
    {
        if (_keyTypes.TryGetValue(mapping, out var known)) return known;
        var columns = await DescribeAsync(mapping, connection, stop);
        var types = mapping.KeyColumns.Select(k => columns.FirstOrDefault(c => c.Name == k).Type
            ?? throw new MappingException(mapping.Settings.Name, $"the query returns no key column '{k}'{Contract.Settings.NearestName.Hint(k, columns.Select(c => c.Name))}")).ToList();
        return _keyTypes[mapping] = types;
    }

    static async Task<NpgsqlDataReader> ExecuteAsync(ObjectMapping mapping, NpgsqlCommand command, CancellationToken stop)
    {
        try
        {
            return await command.ExecuteReaderAsync(stop);
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("42", StringComparison.Ordinal))
        {
            throw new MappingException(mapping.Settings.Name, $"the source refuses its SQL: {refused.MessageText}. {refused.Hint} Mend the mapping or the rights; capture then goes on where it stopped", refused);
        }
    }

    static MappedRow Row(ObjectMapping mapping, string json)
    {
        var fields = JsonNode.Parse(json)!.AsObject();
        var id = string.Join('|', mapping.KeyColumns.Select(k => CanonicalText.Of(Value(fields[k])) ?? throw new MappingException(mapping.Settings.Name, $"a row has no value for key column '{k}'")));
        return mapping.Row.Count == 0 ? new MappedRow(id, fields) : RowFields.Convert(mapping, id, column => Value(fields[column]));
    }

    static object? Value(JsonNode? node) => node switch
    {
        null => null,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value => decimal.TryParse(value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : value.ToJsonString(),
        _ => node.ToJsonString(),
    };

    static string FullQuery(ObjectMapping mapping) => KeyFilter.Replace(mapping.Query, _ => "true");

    // The keys come as one text[] parameter a key column. Types are the operands' own: the arrays are cast where there are several.
    static string KeyedQuery(ObjectMapping mapping, IReadOnlyList<string> keyTypes) => KeyFilter.Replace(mapping.Query, operand =>
        KeyFilter.Columns(operand).Count == 1
            ? $"{operand} = any($1)"
            : $"{operand} in (select * from unnest({string.Join(", ", keyTypes.Select((t, i) => $"${i + 1}::{t}[]"))}))");

    // As an untyped literal: the server takes the type from the column it is compared with.
    static NpgsqlParameter ArrayOf(IEnumerable<string> values)
    {
        var literal = new StringBuilder("{");
        foreach (var value in values)
            literal.Append(literal.Length > 1 ? "," : "").Append('"').Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        return new NpgsqlParameter { Value = literal.Append('}').ToString(), NpgsqlDbType = NpgsqlDbType.Unknown };
    }

    static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
