using System.Text.Json;
using CdcSync.Capture.Debezium;
using CdcSync.EventLog;
using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

/// <summary>Records of transactions, counted on over whatever ends the process inside of one.</summary>
public class PostgresTransactionTests(TestPostgres postgres)
{
    static List<string> Story(Captured captured)
    {
        var story = new List<string>();
        foreach (var record in captured.Log.Records)
        {
            if (record.Value is null) continue;
            var value = JsonDocument.Parse(record.Value).RootElement;
            if (record.Topic == "t.transaction")
                story.Add(value.GetProperty("status").GetString() is "BEGIN" ? "BEGIN" : $"END {value.GetProperty("event_count")} {string.Join(' ', value.GetProperty("data_collections").EnumerateArray().Select(c => $"{c.GetProperty("data_collection")}={c.GetProperty("event_count")}").Order(StringComparer.Ordinal))}");
            else if (value.GetProperty("transaction") is { ValueKind: JsonValueKind.Object } block) story.Add($"{record.Topic[^1]} {block.GetProperty("total_order")}/{block.GetProperty("data_collection_order")}");
        }
        return story;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_inside_a_transaction_counts_on(bool isKilled)
    {
        await using var captured = await Captured.NewAsync(postgres, "create table a (id int primary key); create table b (id int primary key)");
        captured.Settings = captured.Settings with { BatchChanges = 7, Records = new() { Format = RecordFormat.JsonWithoutSchema, Transactions = true } };
        captured.Start();
        await captured.CaughtUpAsync();
        var appended = 0;
        captured.Log.BeforeAppend = _ =>
        {
            if (++appended is 4 or 6 or 9) throw isKilled ? new InvalidOperationException("killed") : new EventLogException("away");
        };
        await captured.ExecuteAsync("do $$ begin for i in 0..79 loop if i % 3 = 0 then insert into b values (i); else insert into a values (i); end if; end loop; end $$");
        for (var kills = 0; isKilled && kills < 3; kills++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => captured.Running.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
            captured.Start();
        }
        await captured.UntilAsync(records => records.Any(r => r.Topic == "t.transaction" && r.Value is { } value && System.Text.Encoding.UTF8.GetString(value).Contains("\"END\"", StringComparison.Ordinal)));
        Assert.True(appended > 9);
        Assert.Equal(["BEGIN", .. Enumerable.Range(0, 80).Select(i => $"{(i % 3 == 0 ? 'b' : 'a')} {i + 1}/{(i % 3 == 0 ? i / 3 + 1 : i - i / 3)}"), "END 80 public.a=53 public.b=27"], Story(captured));
    }
}
