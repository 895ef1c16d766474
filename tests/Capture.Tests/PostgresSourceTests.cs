using CdcSync.Servers;

namespace CdcSync.Capture.Tests;

public class PostgresSourceTests(TestPostgres postgres)
{
    [Fact]
    public async Task Rows_that_were_there_come_first_and_changes_follow()
    {
        await using var captured = await Captured.NewAsync(postgres, "create table item(id int primary key, name text); insert into item select g, 'item ' || g from generate_series(1, 100) g");
        captured.Start();
        await captured.UntilAsync(records => records.Count >= 100);
        await captured.ExecuteAsync("insert into item values (101, 'new'); update item set name = 'other' where id = 5; delete from item where id = 6");
        await captured.UntilAsync(records => records.Count >= 104);
        Assert.Equal(104, captured.Log.Records.Count);
        Assert.All(captured.Log.Records, r => Assert.Equal("t.public.item", r.Topic));
        Assert.Null(captured.Log.Records[^1].Value);
    }
}
