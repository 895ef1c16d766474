using System.Data;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using CdcSync.Capture.Mapping;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;
using CdcSync.Contract.Settings;
using Microsoft.Data.SqlClient;

namespace CdcSync.Capture.SqlServer;

/// <summary>
/// Runs mappings' SQL at a SQL Server source. Keys travel as one JSON parameter: <c>x = any(@keys)</c> becomes a semi-join with <c>openjson</c>, which SQL Server 2016 and later have.
/// A column that ends in <c>for json</c> gives lists and objects.
/// </summary>
sealed partial class SqlServerQueries(SqlServerSettings settings) : IMappingQueries
{
    const int KeysAtATime = 2000;
    const string Json = "JSON_F52E2B61-18A1-11d1-B105-00805F49916B";     // the name SQL Server gives a column made by for json
    readonly SqlServerConnections _connections = new(settings, settings.DatabaseNames[0]);
    readonly Dictionary<ObjectMapping, IReadOnlyList<string>> _keyTypes = [];

    public string DefaultSchema => "dbo";

    // A change is in the change table only after it was committed: what is read now has it. A replica that trails serves the change table from the same place.
    public Task WaitUntilVisibleAsync(ChangeBatch batch, CancellationToken stop) => Task.CompletedTask;

    public Task<IReadOnlyList<PreflightResult>> CheckAsync(IReadOnlyList<ObjectMapping> mappings, CancellationToken stop) => new SqlServerMappingPreflight(settings, _connections, this).CheckAsync(mappings, stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async IAsyncEnumerable<MappedRow> ReadAllAsync(ObjectMapping mapping, bool ordered, [EnumeratorCancellation] CancellationToken stop)
    {
        // By UTF-16 units under a binary collation, as text of each key column: the order of ids up to surrogate pairs.
        var order = ordered ? $" order by {string.Join(" + N'|' + ", mapping.KeyColumns.Select(k => $"convert(nvarchar(400), q.{Statements.Quote(k)}) collate Latin1_General_100_BIN2"))}" : "";
        string? last = null;
        await using (var connection = await _connections.OpenAsync(stop))
        {
            await using var rows = await ExecuteOrNullAsync(mapping, connection, $"select * from (\n{FullQuery(mapping)}\n) q{order}", stop);
            var columns = rows is null ? [] : Columns(rows);
            var more = rows is null ? null : await NextAsync(rows, stop);
            for (; more is true; more = await NextAsync(rows!, stop))
            {
                var row = Row(mapping, rows!, columns);
                last = ordered ? row.Id : null;
                yield return row;
            }
            if (more is false) yield break;
        }
        // Some row cannot be evaluated, and has ended the whole read: by keys, it is found and comes alone. What was read already is skipped where the order tells, else read again.
        foreach (var some in (await KeysAsync(mapping, order, stop)).Chunk(KeysAtATime))
            await foreach (var row in ReadKeysAsync(mapping, some, stop).OrderBy(r => r.Id, KeyOrder.Instance))
                if (last is null || KeyOrder.Instance.Compare(row.Id, last) > 0) yield return row;
    }

    // Null: a row could not be evaluated.
    static async Task<bool?> NextAsync(SqlDataReader rows, CancellationToken stop)
    {
        try
        {
            return await SqlServerConnections.MoveAsync(rows, stop);
        }
        catch (SqlException refused) when (IsData(refused))
        {
            return null;
        }
    }

    static async Task<SqlDataReader?> ExecuteOrNullAsync(ObjectMapping mapping, SqlConnection connection, string text, CancellationToken stop)
    {
        try
        {
            return await ExecuteAsync(mapping, connection, text, [], stop, timeout: 0);
        }
        catch (SqlException refused) when (IsData(refused))
        {
            return null;
        }
    }

    // The keys alone: the server leaves out what nobody asks for, so an expression that fails elsewhere in the row does not fail here.
    async Task<List<string[]>> KeysAsync(ObjectMapping mapping, string order, CancellationToken stop)
    {
        await using var connection = await _connections.OpenAsync(stop);
        try
        {
            await using var rows = await ExecuteAsync(mapping, connection, $"select {string.Join(", ", mapping.KeyColumns.Select(k => $"q.{Statements.Quote(k)}"))} from (\n{FullQuery(mapping)}\n) q{order}", [], stop, timeout: 0);
            return await SqlServerConnections.ListAsync(rows, r => Enumerable.Range(0, r.FieldCount).Select(i => CanonicalText.Of(Value(r, i)) ?? "").ToArray(), stop);
        }
        catch (SqlException refused) when (IsData(refused))
        {
            throw new MappingException(mapping.Settings.Name, $"the source cannot evaluate its query over all rows: {refused.Message} Make the query hold for every row (nullif, try_convert), or mend the row", refused);
        }
    }

    public async IAsyncEnumerable<MappedRow> ReadKeysAsync(ObjectMapping mapping, IReadOnlyList<string[]> keys, [EnumeratorCancellation] CancellationToken stop)
    {
        await using var connection = await _connections.OpenAsync(stop);
        var types = await KeyTypesAsync(mapping, connection, stop);
        foreach (var some in keys.Chunk(KeysAtATime))
            foreach (var row in await ReadSomeAsync(mapping, types, some, connection, stop)) yield return row;
    }

    // One row's data (a division by zero, a bad conversion): halved until the guilty row is alone, so that it stops itself only.
    static async Task<IReadOnlyList<MappedRow>> ReadSomeAsync(ObjectMapping mapping, IReadOnlyList<string> types, ArraySegment<string[]> keys, SqlConnection connection, CancellationToken stop)
    {
        try
        {
            var found = new List<MappedRow>(keys.Count);
            var parameter = new SqlParameter("@keys", SqlDbType.NVarChar, -1) { Value = JsonSerializer.Serialize([.. keys], KeysJson.Default.StringArrayArray) };
            await using var rows = await ExecuteAsync(mapping, connection, $"select * from (\n{KeyedQuery(mapping, types)}\n) q", [parameter], stop);
            var columns = Columns(rows);
            while (await SqlServerConnections.MoveAsync(rows, stop)) found.Add(Row(mapping, rows, columns));
            return found;
        }
        catch (SqlException refused) when (IsData(refused))
        {
            if (keys.Count == 1) return [new MappedRow(string.Join('|', keys[0]), null, $"the source cannot evaluate the query for it: {refused.Message}")];
            var half = keys.Count / 2;
            return [.. await ReadSomeAsync(mapping, types, keys[..half], connection, stop), .. await ReadSomeAsync(mapping, types, keys[half..], connection, stop)];
        }
    }

    // Divide by zero, arithmetic overflow, failed conversions, invalid date, string truncation, invalid JSON.
    static bool IsData(SqlException error) => error.Number is 8134 or 8115 or 8114 or 245 or 241 or 242 or 295 or 220 or 232 or 235 or 248 or 517 or 3623 or 8152 or 2628 or 13609 or 512 or 8169 or 9420;

    public async Task<List<string[]>> SelectKeysAsync(ObjectMapping mapping, AffectedTable table, IReadOnlyList<IReadOnlyCollection<string>> values, CancellationToken stop)
    {
        var keys = new List<string[]>();
        await using var connection = await _connections.OpenAsync(stop);
        var text = AnyOf().Replace(table.Select!, m => $"in (select value from openjson(@{m.Groups["name"].Value}))");
        var parameters = table.Columns.Select((column, i) => new SqlParameter($"@{column}", SqlDbType.NVarChar, -1) { Value = JsonSerializer.Serialize([.. values[i]], KeysJson.Default.StringArray) }).ToArray();
        await using var rows = await ExecuteAsync(mapping, connection, text, parameters, stop);
        if (rows.FieldCount != mapping.KeyColumns.Count)
            throw new MappingException(mapping.Settings.Name, $"affected_by.{table.Table} returns {rows.FieldCount} columns; the key has {mapping.KeyColumns.Count}");
        while (await SqlServerConnections.MoveAsync(rows, stop))
        {
            var key = new string?[rows.FieldCount];
            for (var i = 0; i < key.Length; i++) key[i] = CanonicalText.Of(Value(rows, i));
            if (key.All(k => k is not null)) keys.Add(key!);
        }
        return keys;
    }

    /// <summary>The result's columns and their types, without reading a row.</summary>
    public async Task<IReadOnlyList<(string Name, string Type)>> DescribeAsync(ObjectMapping mapping, CancellationToken stop)
    {
        await using var connection = await _connections.OpenAsync(stop);
        return await DescribeAsync(mapping, connection, stop);
    }

    static async Task<IReadOnlyList<(string Name, string Type)>> DescribeAsync(ObjectMapping mapping, SqlConnection connection, CancellationToken stop)
    {
        await using var rows = await ExecuteAsync(mapping, connection, $"select top (0) * from (\n{FullQuery(mapping)}\n) q", [], stop);
        return [.. Enumerable.Range(0, rows.FieldCount).Select(i => (rows.GetName(i), rows.GetDataTypeName(i)))];
    }

    async Task<IReadOnlyList<string>> KeyTypesAsync(ObjectMapping mapping, SqlConnection connection, CancellationToken stop)
    {
        if (_keyTypes.TryGetValue(mapping, out var known)) return known;
        var columns = await DescribeAsync(mapping, connection, stop);
        var types = mapping.KeyColumns.Select(k => columns.FirstOrDefault(c => c.Name == k).Type
            ?? throw new MappingException(mapping.Settings.Name, $"the query returns no key column '{k}'{NearestName.Hint(k, columns.Select(c => c.Name))}")).ToList();
        return _keyTypes[mapping] = types;
    }

    static async Task<SqlDataReader> ExecuteAsync(ObjectMapping mapping, SqlConnection connection, string text, SqlParameter[] parameters, CancellationToken stop, int? timeout = null)
    {
        await using var command = new SqlCommand(text, connection) { CommandTimeout = timeout ?? (int)mapping.Settings.Timeout.TotalSeconds };
        command.Parameters.AddRange(parameters);
        try
        {
            return await SqlServerConnections.ReadAsync(command, stop);
        }
        catch (SqlException refused) when (refused.Class is >= 14 and <= 16 && !IsData(refused) && !SqlServerErrors.IsTransient(refused) || refused.Number is 207 or 208)
        {
            throw new MappingException(mapping.Settings.Name, $"the source refuses its SQL: {refused.Message} Mend the mapping or the rights; capture then goes on where it stopped", refused);
        }
    }

    static string[] Columns(SqlDataReader rows) => [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetName)];

    static MappedRow Row(ObjectMapping mapping, SqlDataReader rows, string[] columns)
    {
        var values = new Dictionary<string, object?>(columns.Length, StringComparer.Ordinal);
        for (var i = 0; i < columns.Length; i++) values[columns[i]] = Value(rows, i);
        var id = string.Join('|', mapping.KeyColumns.Select(k => CanonicalText.Of(values.GetValueOrDefault(k)) ?? throw new MappingException(mapping.Settings.Name, $"a row has no value for key column '{k}'")));
        if (mapping.Row.Count > 0) return RowFields.Convert(mapping, id, column => values.GetValueOrDefault(column));
        var fields = new JsonObject();
        foreach (var (name, value) in values) fields[name == Json ? mapping.Fields[0] : name] = Node(value);
        return new MappedRow(id, fields);
    }

    static object? Value(SqlDataReader rows, int at)
    {
        if (rows.IsDBNull(at)) return null;
        return rows.GetDataTypeName(at) switch
        {
            "date" => DateOnly.FromDateTime(rows.GetDateTime(at)),
            "time" => TimeOnly.FromTimeSpan(rows.GetTimeSpan(at)),
            "datetimeoffset" => rows.GetDateTimeOffset(at).UtcDateTime,
            "uniqueidentifier" => rows.GetGuid(at).ToString().ToUpperInvariant(),
            _ => rows.GetValue(at),
        };
    }

    // Text that is a JSON list or object, as "for json" makes it, is taken as one.
    static JsonNode? Node(object? value) => value switch
    {
        null => null,
        bool flag => JsonValue.Create(flag),
        string text when text.StartsWith('[') || text.StartsWith('{') => TryParse(text) ?? JsonValue.Create(text),
        string text => JsonValue.Create(text),
        byte or short or int or long => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        decimal number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        float number => JsonValue.Create((decimal)number),
        DateTime { Kind: DateTimeKind.Utc } time => JsonValue.Create(time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture)),
        DateTime time => JsonValue.Create(time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)),
        DateOnly date => JsonValue.Create(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        byte[] bytes => JsonValue.Create(Convert.ToBase64String(bytes)),
        _ => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };

    static JsonNode? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string FullQuery(ObjectMapping mapping) => KeyFilter.Replace(Tsql(mapping), _ => "1 = 1");

    // Mappings quote names as SQL says; SQL Server reads that as names too while quoted_identifier is on, which it is for SqlClient.
    static string Tsql(ObjectMapping mapping) => mapping.Query;

    static string KeyedQuery(ObjectMapping mapping, IReadOnlyList<string> types) => KeyFilter.Replace(Tsql(mapping), operand =>
    {
        var columns = KeyFilter.Columns(operand);
        var with = string.Join(", ", columns.Select((_, i) => $"k{i} {Declared(types[i])} '$[{i}]'"));
        var equal = string.Join(" and ", columns.Select((c, i) => $"keys.k{i} = {c}"));
        return $"exists (select 1 from openjson(@keys) with ({with}) keys where {equal})";
    });

    // What openjson reads each key column as: wide enough for any value of the type.
    static string Declared(string type) => type switch
    {
        "char" or "varchar" or "text" => "varchar(4000)",
        "nchar" or "nvarchar" or "ntext" or "sysname" => "nvarchar(4000)",
        "decimal" or "numeric" or "money" or "smallmoney" => "decimal(38, 10)",
        "binary" or "varbinary" or "timestamp" or "rowversion" => "varbinary(4000)",
        _ => type,
    };

    [GeneratedRegex(@"=\s*any\s*\(\s*@(?<name>\w+)\s*\)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex AnyOf();
}

[JsonSerializable(typeof(string[][]))]
[JsonSerializable(typeof(string[]))]
sealed partial class KeysJson : JsonSerializerContext;
