using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>Looks at everything that would break or surprise later, and changes nothing.</summary>
sealed class PostgresPreflight(PostgresSettings settings, NpgsqlDataSource source)
{
    public async Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop)
    {
        var findings = new Findings();
        try
        {
            await new ConnectionChecks(settings, source, findings).RunAsync(stop);
            var slot = await new PostgresSlot(settings, source).ReadAsync(stop);
            await new ServerChecks(settings, source, slot, findings).RunAsync(stop);
            await new SlotChecks(settings, source, slot, findings).RunAsync(stop);
            var tables = await new PostgresSlot(settings, source).TablesAsync(stop);
            await new ScopeChecks(settings, source, tables, findings).RunAsync(stop);
            if (tables.Count == 0) return findings.All;
            await new PublicationChecks(settings, source, tables, findings).RunAsync(stop);
            await new RightsChecks(settings, source, tables, findings).RunAsync(stop);
            await new TableChecks(source, tables, findings).RunAsync(stop);
        }
        catch (NpgsqlException refused)
        {
            findings.Fail($"{settings.Name}: {refused.Message}", refused is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } ? $"cdcsync enable {settings.Name} --print" : "Check 'connection', the server, and pg_hba.conf");
        }
        return findings.All;
    }
}

/// <summary>What the checks find, in order.</summary>
sealed class Findings
{
    readonly List<PreflightResult> _results = [];

    public IReadOnlyList<PreflightResult> All => _results;

    public void Check(bool holds, string what, string fix) => _results.Add(new(holds ? PreflightLevel.Pass : PreflightLevel.Fail, what, holds ? null : fix));

    public void Add(PreflightResult result) => _results.Add(result);

    public void Pass(string what) => _results.Add(new(PreflightLevel.Pass, what));

    public void Warn(string what, string? fix = null) => _results.Add(new(PreflightLevel.Warn, what, fix));

    public void Fail(string what, string? fix = null) => _results.Add(new(PreflightLevel.Fail, what, fix));

    /// <summary>Names for a line: the first few.</summary>
    public static string Some(IReadOnlyList<string> names) => names.Count <= 6 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(5))} and {names.Count - 5} more";

    /// <summary>Bytes as people say them.</summary>
    public static string Size(double bytes) => bytes switch
    {
        >= 1L << 40 => $"{bytes / (1L << 40):0.0} TiB",
        >= 1L << 30 => $"{bytes / (1L << 30):0.0} GiB",
        >= 1L << 20 => $"{bytes / (1L << 20):0.0} MiB",
        _ => $"{bytes / 1024:0.0} KiB",
    };
}
