using CdcSync.Contract.Avro;
using CdcSync.Servers.SqlServer;
using static CdcSync.Servers.SqlServer.TestSqlServer;

namespace CdcSync.Capture.Tests.SqlServer;

/// <summary>Random transactions on <c>dbo.item(id, version, note)</c> that leave their own history: inserts, updates, changes of key, deletes, and large ones.</summary>
sealed class ItemLoad(TestSqlServer server, string database, int seed)
{
    public const string Columns = "id int key; version int; note nvarchar(50)";

    /// <summary>Rows that are there before anything is captured; the load's own have higher ids.</summary>
    public const int FirstRows = 20;

    readonly Dictionary<int, int> _rows = [];
    int _next = RandomLoad.FirstRows + 1;

    /// <summary>What happened, in order: <c>c1</c>, <c>u2</c>, <c>d</c>.</summary>
    public List<(long Id, string What)> Happened { get; } = [];

    /// <summary>The rows that are there, with their versions.</summary>
    public IEnumerable<KeyValuePair<int, int>> Now => _rows;

    public Dictionary<long, List<string>> History => Happened.GroupBy(h => h.Id).ToDictionary(g => g.Key, g => g.Select(h => h.What).ToList());

    public Task FirstRowsAsync() => server.CommitAsync(database, [.. Enumerable.Range(1, FirstRows).Select(id => Insert(id, 0))]);

    public async Task RunAsync(int pauseMs, CancellationToken stop)
    {
#pragma warning disable CA5394 // Repeatable, not secret.
        var random = new Random(seed);
        while (!stop.IsCancellationRequested)
        {
            var changes = new List<TestChange>();
            for (var rows = random.Next(30) == 0 ? 120 : random.Next(1, 6); rows > 0; rows--) changes.Add(Change(random, rows > 100));
            await server.CommitAsync(database, changes);
            await Task.Delay(random.Next(pauseMs + 1), CancellationToken.None);
        }
    }

    TestChange Change(Random random, bool grows)
    {
        var what = grows || _rows.Count < 5 ? 0 : random.Next(10);
        if (what < 4) return Insert(_next++, 1);
        var id = _rows.Keys.ElementAt(random.Next(_rows.Count));
        if (what < 7)
        {
            Happened.Add((id, $"u{++_rows[id]}"));
            return Update("dbo.item", ("id", id), ("version", _rows[id]));
        }
        _rows.Remove(id, out var version);
        Happened.Add((id, "d"));
        if (what < 9) return Delete("dbo.item", ("id", id));
        Insert(_next, version + 1);
        return Update("dbo.item", ("id", id), ("id", _next++), ("version", version + 1));
    }
#pragma warning restore CA5394

    TestChange Insert(int id, int version)
    {
        _rows.Add(id, version);
        Happened.Add((id, $"c{version}"));
        return TestSqlServer.Insert("dbo.item", ("id", id), ("version", version), ("note", "n"));
    }

    /// <summary>What a topic tells, in order.</summary>
    public static List<(long Id, string What)> Told(IEnumerable<AvroRecord?> envelopes) =>
        [.. envelopes.OfType<AvroRecord>().Select(e => (Op: (string)e["op"]!, Row: (AvroRecord)(e["after"] ?? e["before"])!)).Select(e => (Convert.ToInt64(e.Row["id"]), e.Op == "d" ? "d" : $"{e.Op}{e.Row["version"]}"))];

    /// <summary>That a topic tells what happened: all of it, in its order, once. Rows that were there before may be told from where they were read on.</summary>
    public void AssertTold(IEnumerable<AvroRecord?> envelopes)
    {
        var told = Told(envelopes);
        Assert.Equal(Happened.Where(h => h.Id > RandomLoad.FirstRows), told.Where(t => t.Id > RandomLoad.FirstRows));
        Assert.Empty(RandomLoad.Compare(History, told.GroupBy(t => t.Id).ToDictionary(g => g.Key, g => g.Select(t => t.What).ToList())).Take(10));
    }

    /// <summary>That a topic of net changes tells each key's rise and end: never back, nothing after the end, and the end is the source's.</summary>
    public void AssertNet(IEnumerable<AvroRecord?> envelopes)
    {
        var told = Told(envelopes).GroupBy(t => t.Id).ToDictionary(g => g.Key, g => g.Select(t => t.What).ToList());
        foreach (var (id, story) in told)
        {
            var versions = story.Where(s => s != "d").Select(s => int.Parse(s[1..])).ToList();
            Assert.True(versions.SequenceEqual(versions.Order()) && story.Count(s => s == "d") <= 1 && story.IndexOf("d") is var end && (end < 0 || end == story.Count - 1), $"{id}: {string.Join(' ', story)}");
            Assert.True(story.Zip(story.Skip(1)).All(p => p.First != p.Second || p.First[0] != 'c'), $"{id} twice: {string.Join(' ', story)}");
        }
        var now = told.Where(t => t.Value[^1] != "d").ToDictionary(t => (int)t.Key, t => int.Parse(t.Value[^1][1..]));
        Assert.Equal(_rows.OrderBy(r => r.Key), now.OrderBy(r => r.Key));
    }
}
