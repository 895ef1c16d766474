using System.Text.Json;
using System.Text.RegularExpressions;
using CdcSync.Capture.Debezium;
using CdcSync.Capture.Postgres;

namespace CdcSync.Capture.Tests;

/// <summary>One case of the reference's types: a column of a table, a setting, and the Connect schema, value, Avro field and Avro bytes that Debezium made of it. A part that the reference does not have is null.</summary>
sealed record TypeCase(string Id, string Column, string SqlType, string Literal, string Setting, JsonElement? Schema, JsonElement Value, JsonElement? Field, string? Bytes)
{
    // Types that a case only names.
    const string Types = """
        create extension citext; create extension hstore; create extension ltree;
        create domain smallint2 as smallint; create domain string2 as varchar(25); create domain date2 as date; create domain bool2 as bool; create type value_type as enum ('V1', 'V2');
        """;

    public static IReadOnlyList<TypeCase> All(string json) => [.. JsonDocument.Parse(json).RootElement.GetProperty("cases").EnumerateArray().Select(Of)];

    static TypeCase Of(JsonElement one)
    {
        JsonElement? Part(string name) => one.TryGetProperty(name, out var part) && part.ValueKind != JsonValueKind.Null ? part : null;
        return new TypeCase(one.GetProperty("id").GetString()!, one.GetProperty("column").GetString()!, one.GetProperty("sql_type").GetString()!, Part("literal")?.ToString() ?? "null",
            one.GetProperty("connector_config").GetString()!, Part("expected_connect_schema"), one.GetProperty("expected_value"), Part("avro_field_via_confluent_avro_data_7_9_9"),
            Part("avro_single_field_record_hex")?.GetString());
    }

    public bool IsUnchanged => Id.StartsWith("toast/", StringComparison.Ordinal);

    public bool IsPostGis => SqlType.StartsWith("postgis.", StringComparison.Ordinal);

    /// <summary>Why it does not run with the others; null when it can.</summary>
    public string? Reason => this switch
    {
        { SqlType: ['p', 'g', 'v', 'e', 'c', 't', 'o', 'r', ..] } => "pgvector: no reader, and no such extension in Debian 12",
        { IsPostGis: true } => "PostGIS: a test of its own",
        { Id: "schemasAndValuesForCustomConverterTypes/i" } => "a custom converter: a Java class of the user's",
        _ => null,
    };

    /// <summary>The setting in words of a connector.</summary>
    public RecordSettings Settings(RecordFormat format)
    {
        // "a=b; c=d", with remarks: "default (PostGIS)", "decimal.handling.mode=string (PG14+)".
        var properties = Setting.Split(';', StringSplitOptions.TrimEntries).Where(p => p.Contains('=', StringComparison.Ordinal)).Select(p => p.Split(' ')[0].Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        var (settings, left) = DebeziumProperties.ToPostgres(properties, format);
        Assert.DoesNotContain(left, l => l.Name != "include.unknown.datatypes");
        return settings.Records with { NullsAsDefaults = false };
    }

    /// <summary>The types that cases need, once a database.</summary>
    public static string Setup(IEnumerable<TypeCase> cases)
    {
        var domains = cases.Select(c => Domain(c.SqlType)).OfType<string>().Distinct();
        return $"{Types}{string.Join(';', domains)}";
    }

    // "integer2 (domain over integer) NOT NULL", "domain varbit2b over domain varbit2 over varbit(3)".
    static string? Domain(string type)
    {
        if (type.StartsWith("domain varbit2b", StringComparison.Ordinal)) return "create domain varbit2b as varbit2";
        return Match(type) is { Success: true } match ? $"create domain {match.Groups["name"].Value} as {match.Groups["over"].Value}" : null;
    }

    static Match Match(string type) => Regex.Match(type, @"^(?<name>\w+) \(domain over (?<over>[^()]+(?:\([0-9,]+\))?)\)(?<rest>.*)$", RegexOptions.None, TimeSpan.FromSeconds(1));

    /// <summary>The table and its row.</summary>
    public string Create(string table)
    {
        var type = SqlType switch
        {
            _ when Match(SqlType) is { Success: true } match => match.Groups["name"].Value + match.Groups["rest"].Value,
            _ when IsUnchanged => SqlType.Split('/', ' ')[0] + (Required ? " not null" : ""),
            "ENUM[] NOT NULL" => "value_type[] not null",
            "domain varbit2b over domain varbit2 over varbit(3)" => "varbit2b not null",
            "TSVECTOR" => "tsvector not null",
            _ => SqlType,
        };
        return $"create table {table}({Sql.Identifier(Column)} {type}); insert into {table} values ({(IsUnchanged ? "'{}'" : Literal)})";
    }

    bool Required => Schema is not { } schema || !schema.TryGetProperty("optional", out var optional) || !optional.GetBoolean();
}
