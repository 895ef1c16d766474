using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CdcSync.Capture.Mapping;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Compare;
using CdcSync.Contract.Settings;

namespace CdcSync.Capture.Tables;

/// <summary>
/// Runs mappings' SQL through any ADO.NET provider: lists of keys become parameters, lists in the result are JSON text (<c>for json</c>, <c>json_group_array</c>).
/// </summary>
sealed partial class PlainQueries(TablesSettings settings) : IMappingQueries
{
    const int KeysAtATime = 200;
    readonly SqlDialect _dialect = SqlDialect.Of(settings);
    readonly Dictionary<ObjectMapping, Type[]> _keyTypes = [];

    public string DefaultSchema => _dialect.DefaultSchema;

    public Task WaitUntilVisibleAsync(ChangeBatch batch, CancellationToken stop) => Task.CompletedTask;

    // Ordered here: no two databases order text alike.
    public async IAsyncEnumerable<MappedRow> ReadAllAsync(ObjectMapping mapping, bool ordered, [EnumeratorCancellation] CancellationToken stop)
    {
        await using var connection = await OpenAsync(stop);
        await using var command = connection.Command(FullQuery(mapping));
        command.CommandTimeout = 0;
        var all = new List<MappedRow>();
        await using var rows = await RunAsync(mapping, command, stop);
        while (await rows.ReadAsync(stop))
            if (ordered) all.Add(Row(mapping, rows));
            else yield return Row(mapping, rows);
        all.Sort((a, b) => KeyOrder.Instance.Compare(a.Id, b.Id));
        foreach (var row in all) yield return row;
    }

    public async IAsyncEnumerable<MappedRow> ReadKeysAsync(ObjectMapping mapping, IReadOnlyList<string[]> keys, [EnumeratorCancellation] CancellationToken stop)
    {
        await using var connection = await OpenAsync(stop);
        var types = await KeyTypesAsync(mapping, connection, stop);
        foreach (var some in keys.Chunk(KeysAtATime / mapping.KeyColumns.Count))
            foreach (var row in await ReadSomeAsync(mapping, types, some, connection, stop)) yield return row;
    }

    // Halved until the row that cannot be evaluated is alone, so that it stops itself only.
    async Task<IReadOnlyList<MappedRow>> ReadSomeAsync(ObjectMapping mapping, Type[] types, ArraySegment<string[]> keys, SourceConnection connection, CancellationToken stop)
    {
        try
        {
            var statement = new Statement(_dialect);
            statement.Append(KeyFilter.Replace(mapping.Query, operand => In(statement, KeyFilter.Columns(operand), types, keys)));
            await using var command = connection.Command(statement);
            command.CommandTimeout = (int)mapping.Settings.Timeout.TotalSeconds;
            var found = new List<MappedRow>(keys.Count);
            await using var rows = await RunAsync(mapping, command, stop);
            while (await rows.ReadAsync(stop)) found.Add(Row(mapping, rows));
            return found;
        }
        catch (DbException refused) when (!refused.IsTransient && connection.Connection.State == ConnectionState.Open)
        {
            await DescribeAsync(mapping, connection, stop);   // refused as a whole: no row's fault
            var half = keys.Count / 2;
            if (half > 0) return [.. await ReadSomeAsync(mapping, types, keys[..half], connection, stop), .. await ReadSomeAsync(mapping, types, keys[half..], connection, stop)];
            return [new MappedRow(string.Join('|', keys[0]), null, $"the source cannot evaluate the query for it: {refused.Message}")];
        }
    }

    static string In(Statement statement, IReadOnlyList<string> columns, Type[] types, IReadOnlyCollection<string[]> keys)
    {
        object Value(string[] key, int i) => Convert.ChangeType(key[i], types[i], CultureInfo.InvariantCulture);
        if (columns.Count == 1) return $"{columns[0]} in ({string.Join(", ", keys.Select(k => statement.Value(Value(k, 0))))})";
        return $"({string.Join(" or ", keys.Select(k => $"({string.Join(" and ", columns.Select((c, i) => $"{c} = {statement.Value(Value(k, i))}"))})"))})";
    }

    public async Task<List<string[]>> SelectKeysAsync(ObjectMapping mapping, AffectedTable table, IReadOnlyList<IReadOnlyCollection<string>> values, CancellationToken stop)
    {
        await using var connection = await OpenAsync(stop);
        var found = new List<string[]>();
        // One parameter's values in parts; of several parameters, all together.
        IEnumerable<IReadOnlyList<IReadOnlyCollection<string>>> parts = values.Count == 1 ? values[0].Chunk(KeysAtATime).Select(c => (IReadOnlyList<IReadOnlyCollection<string>>)[c]) : [values];
        foreach (var part in parts)
        {
            var statement = new Statement(_dialect);
            statement.Append(AnyOf().Replace(table.Select!, m => $"in ({string.Join(", ", part[table.Columns.ToList().IndexOf(m.Groups["name"].Value)].Select(v => statement.Value(Simple(v))))})"));
            await using var command = connection.Command(statement);
            await using var rows = await RunAsync(mapping, command, stop);
            if (rows.FieldCount != mapping.KeyColumns.Count)
                throw new MappingException(mapping.Settings.Name, $"affected_by.{table.Table} returns {rows.FieldCount} columns; the key has {mapping.KeyColumns.Count}");
            while (await rows.ReadAsync(stop))
            {
                var key = Enumerable.Range(0, rows.FieldCount).Select(i => CanonicalText.Of(rows.GetValue(i))).ToArray();
                if (key.All(k => k is not null)) found.Add(key!);
            }
        }
        return found;
    }

    // What a changed row's value was is text here; a number compares with a column of numbers everywhere.
    static object Simple(string value) => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == value ? number : value;

    public async Task<IReadOnlyList<PreflightResult>> CheckAsync(IReadOnlyList<ObjectMapping> mappings, CancellationToken stop)
    {
        await using var connection = await OpenAsync(stop);
        return await MappingPreflight.CheckAsync(mappings, "columns and tables fit", async (mapping, found) =>
        {
            try
            {
                await CheckAsync(mapping, connection, found, stop);
            }
            catch (DbException refused)
            {
                throw new MappingException(mapping.Settings.Name, refused.Message, refused);
            }
        });
    }

    async Task CheckAsync(ObjectMapping mapping, SourceConnection connection, List<PreflightResult> found, CancellationToken stop)
    {
        void Fail(string what) => found.Add(new(PreflightLevel.Fail, $"Mapping {mapping.Settings.Name}: {what}"));
        MappingPreflight.CheckColumns(mapping, [.. (await DescribeAsync(mapping, connection, stop)).Select(c => c.Name)], found);
        foreach (var affected in mapping.Affected)
        {
            var watched = settings.Tables.FirstOrDefault(t => PlainCatalog.FullName(_dialect, t) is var name && $"{name.Schema}.{name.Name}" == affected.Table);
            if (watched is null)
            {
                Fail($"table {affected.Table} is not among the source's 'tables': its changes would not be seen{NearestName.Hint(affected.Table, settings.Tables.Select(t => t.Table))}");
                continue;
            }
            var table = await PlainCatalog.DescribeAsync(connection, watched, null, stop);
            foreach (var column in affected.Columns.Where(c => c != "ids" && table.Find(c) < 0)) Fail($"table {affected.Table} has no column '{column}'{NearestName.Hint(column, table.Columns.Select(c => c.Name))}");
            var moving = affected.Columns.Where(c => c != "ids" && table.Find(c) is var at && at >= 0 && table.Columns[at].KeyOrdinal == 0).ToList();
            if (moving.Count > 0 && (watched.Changes != ChangeReading.ChangeTable || watched.ChangeTable.OldPrefix == "-"))
                found.Add(new(PreflightLevel.Warn, $"Mapping {mapping.Settings.Name}: {affected.Table} shows no old values: when {string.Join(", ", moving)} changes, the object it belonged to is not read again", "Use 'changes: change_table' with old values, or reconcile with repair"));
        }
    }

    static async Task<IReadOnlyList<(string Name, Type Type)>> DescribeAsync(ObjectMapping mapping, SourceConnection connection, CancellationToken stop)
    {
        await using var command = connection.Command(FullQuery(mapping, connection.Dialect));
        await using var rows = await RunAsync(mapping, command, stop, CommandBehavior.SchemaOnly);
        return [.. Enumerable.Range(0, rows.FieldCount).Select(i => (rows.GetName(i), rows.GetFieldType(i)))];
    }

    async Task<Type[]> KeyTypesAsync(ObjectMapping mapping, SourceConnection connection, CancellationToken stop)
    {
        if (_keyTypes.TryGetValue(mapping, out var known)) return known;
        var columns = await DescribeAsync(mapping, connection, stop);
        return _keyTypes[mapping] = [.. mapping.KeyColumns.Select(k => columns.FirstOrDefault(c => c.Name == k).Type switch
        {
            null => throw new MappingException(mapping.Settings.Name, $"the query returns no key column '{k}'{NearestName.Hint(k, columns.Select(c => c.Name))}"),
            var type => type.IsPrimitive || type == typeof(decimal) ? type : typeof(string),
        })];
    }

    static async Task<DbDataReader> RunAsync(ObjectMapping mapping, DbCommand command, CancellationToken stop, CommandBehavior behavior = CommandBehavior.Default)
    {
        try
        {
            return await command.ExecuteReaderAsync(behavior, stop);
        }
        catch (DbException refused) when (!refused.IsTransient && behavior == CommandBehavior.SchemaOnly)
        {
            throw new MappingException(mapping.Settings.Name, $"the source refuses its SQL: {refused.Message}. Mend the mapping or the rights; capture then goes on where it stopped", refused);
        }
    }

    static MappedRow Row(ObjectMapping mapping, DbDataReader rows)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (var i = 0; i < rows.FieldCount; i++) values[rows.GetName(i)] = rows.IsDBNull(i) ? null : rows.GetValue(i);
        var id = string.Join('|', mapping.KeyColumns.Select(k => CanonicalText.Of(values.GetValueOrDefault(k)) ?? throw new MappingException(mapping.Settings.Name, $"a row has no value for key column '{k}'")));
        if (mapping.Row.Count > 0) return RowFields.Convert(mapping, id, values.GetValueOrDefault);
        return new MappedRow(id, new JsonObject(values.Select(v => KeyValuePair.Create(v.Key, Json(v.Value)))));
    }

    static JsonNode? Json(object? value) => value switch
    {
        null => null,
        bool flag => JsonValue.Create(flag),
        string text => Parsed(text) ?? JsonValue.Create(text),
        byte or short or int or long => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        decimal or double or float => JsonValue.Create(Convert.ToDecimal(value, CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(CanonicalText.Of(value)),
    };

    // A list or an object comes as its JSON; text that only begins like one is text.
    static JsonNode? Parsed(string text)
    {
        if (text.AsSpan().TrimStart() is not (['[', ..] or ['{', ..])) return null;
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    string FullQuery(ObjectMapping mapping) => FullQuery(mapping, _dialect);

    static string FullQuery(ObjectMapping mapping, SqlDialect dialect) => KeyFilter.Replace(mapping.Query, _ => dialect.True);

    Task<SourceConnection> OpenAsync(CancellationToken stop) => SourceConnection.OpenAsync(settings, TimeProvider.System, stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [GeneratedRegex(@"=\s*any\s*\(\s*@(?<name>\w+)\s*\)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AnyOf();
}
