using Npgsql;

namespace CdcSync.Capture.Tests.Exact;

/// <summary>What the source says that happened, per table and key, in order; read on from where the last reading ended.</summary>
sealed class SourceHistory(string connection)
{
    long _read;

    /// <summary>Per table and key.</summary>
    public Dictionary<(string Table, long Id), List<Deed>> Deeds { get; } = [];

    public int Count { get; private set; }

    public async Task ReadAsync(CancellationToken stop)
    {
        await using var opened = new NpgsqlConnection(connection + ";Pooling=false;Command Timeout=300");
        await opened.OpenAsync(stop);
        await using var query = new NpgsqlCommand("select at, tab, op, id, tx & 4294967295, whole::text from hidden.history where at > $1 order by at", opened) { Parameters = { new() { Value = _read } } };
        await using var rows = await query.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            _read = rows.GetInt64(0);
            var key = (rows.GetString(1), rows.GetInt64(3));
            if (!Deeds.TryGetValue(key, out var deeds)) Deeds[key] = deeds = [];
            deeds.Add(Deed.Of(rows.GetString(2)[0], rows.GetInt64(4), await rows.IsDBNullAsync(5, stop) ? null : rows.GetString(5)));
            Count++;
        }
    }
}
