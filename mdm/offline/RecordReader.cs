using CdcSync.Contract.Settings;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Offline;

/// <summary>Reads the fields of a rule file from tables: each distinct text is standardised once.</summary>
public sealed class RecordReader(MatchRules rules)
{
    /// <summary>The records of the tables, one table after the other.</summary>
    /// <exception cref="SettingsException">A field names a column that no table has.</exception>
    public RecordSet Read(IReadOnlyList<RawTable> tables, CancellationToken stop)
    {
        foreach (var (name, field) in rules.Fields)
            foreach (var column in field.From.Concat(field.Also))
                if (!tables.Any(t => t.Has(column)))
                    throw new SettingsException($"fields.{name}.from", $"no file has a column '{column}'{NearestName.Hint(column, tables.SelectMany(t => t.Columns).Distinct())}");
        var fields = new FieldColumn[rules.Fields.Count];
        Parallel.ForEach(rules.Fields.Select((f, i) => (f.Key, f.Value, i)), new ParallelOptions { CancellationToken = stop }, field => fields[field.i] = Read(field.Key, field.Value, tables));
        var (ids, sources, sourceOf) = Identify(tables);
        return new RecordSet(ids, sources, sourceOf, fields) { Notes = [.. Repeated(tables, ids, sourceOf)] };
    }

    FieldColumn Read(string name, FieldRule rule, IReadOnlyList<RawTable> tables)
    {
        var codes = new int[tables.Sum(t => t.Rows)];
        var reader = new FieldReader(name, rule);
        var at = 0;
        foreach (var table in tables)
        {
            var columns = rule.From.Where(table.Has).Select(c => table[c]).ToArray();
            var also = rule.Also.Where(table.Has).Select(c => table[c]).ToArray();
            var country = Country(table);
            var known = columns.Length == 1 && also.Length == 0 && country is null ? Fresh(columns[0].Values.Count) : null;
            for (var row = 0; row < table.Rows; row++)
            {
                if (known is not null)
                {
                    var raw = columns[0].Codes[row];
                    codes[at++] = raw < 0 ? -1 : known[raw] != -2 ? known[raw] : known[raw] = reader.Read(columns[0].Values[raw], null);
                    continue;
                }
                var text = Text(columns, row, rule.Each ? FieldReader.Between : ' ');
                if (Text(also, row, FieldReader.Between) is { Length: > 0 } further) text = $"{text}{FieldReader.Further}{further}";
                codes[at++] = text.Length == 0 ? -1 : reader.Read(text, country?.Invoke(row));
            }
        }
        return new FieldColumn(name, codes, reader.Values);
    }

    static int[] Fresh(int count)
    {
        var codes = new int[count];
        Array.Fill(codes, -2);
        return codes;
    }

    static string Text(RawColumn[] columns, int row, char between)
    {
        var text = "";
        foreach (var column in columns)
            if (column.Codes[row] is >= 0 and var code) text = text.Length == 0 ? column.Values[code] : $"{text}{between}{column.Values[code]}";
        return text;
    }

    // The record's own country, where a field tells it: phone and VAT prefixes, postal codes.
    Func<int, string?>? Country(RawTable table)
    {
        if (rules.Fields.Values.FirstOrDefault(f => f.Kind == "country" && f.Part is null && f.From.Any(table.Has)) is not { } rule) return null;
        var column = table[rule.From.First(table.Has)];
        var kind = FieldKinds.Get("country", "fields");
        var known = column.Values.Select(v => kind.Read(v, new FieldReading()).FirstOrDefault()?.Text).ToArray();
        return known.All(k => k is null) ? null : row => column.Codes[row] < 0 ? null : known[column.Codes[row]];
    }

    (string[] Ids, string[] Sources, int[] SourceOf) Identify(IReadOnlyList<RawTable> tables)
    {
        var (ids, sourceOf, sources) = (new List<string>(), new List<int>(), new List<string>());
        foreach (var table in tables)
        {
            var id = rules.Id is { } idColumn && table.Has(idColumn) ? table[idColumn] : null;
            var source = rules.Source is { } sourceColumn && table.Has(sourceColumn) ? table[sourceColumn] : null;
            for (var row = 0; row < table.Rows; row++)
            {
                ids.Add(id is not null && id.Codes[row] >= 0 ? id.Values[id.Codes[row]] : $"{row + 1}");
                var name = source is not null && source.Codes[row] >= 0 ? source.Values[source.Codes[row]] : table.Name;
                var place = sources.IndexOf(name);
                if (place < 0) sources.Add(name);
                sourceOf.Add(place < 0 ? sources.Count - 1 : place);
            }
        }
        return ([.. ids], [.. sources], [.. sourceOf]);
    }

    // Whoever reads the clusters finds an id twice, and a truth or a label by id means the first.
    static IEnumerable<string> Repeated(IReadOnlyList<RawTable> tables, string[] ids, int[] sourceOf)
    {
        const int Shown = 5;
        var first = 0;
        foreach (var table in tables)
        {
            var (seen, lines, repeated) = (new HashSet<(int, string)>(table.Rows), new List<int>(Shown), 0);
            for (var row = 0; row < table.Rows; row++)
            {
                if (seen.Add((sourceOf[first + row], ids[first + row]))) continue;
                repeated++;
                if (lines.Count < Shown) lines.Add(row + 1);
            }
            first += table.Rows;
            if (repeated > 0) yield return $"{table.Name}: {repeated:N0} records have the id of an earlier one (records {string.Join(", ", lines)}{(repeated > Shown ? ", ..." : "")}); each is kept as a record of its own";
        }
    }
}
