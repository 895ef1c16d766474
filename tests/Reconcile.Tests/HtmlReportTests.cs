using CdcSync.Browser;
using CdcSync.Contract.Canonical;
using CdcSync.Reconcile.Reporting;

namespace CdcSync.Reconcile.Tests;

/// <summary>The report as a controller opens it.</summary>
public class HtmlReportTests
{
    [Fact]
    public async Task A_report_opens_sorts_and_shows_hostile_values_as_text()
    {
        var run = new ReconcileRun
        {
            Id = 7, Name = "shop_stock", Object = "inventory", Source = "wms", Target = "shop", StartedAt = DateTimeOffset.UnixEpoch, FinishedAt = DateTimeOffset.UnixEpoch.AddSeconds(3),
            Outcome = ReconcileOutcome.Differences, SourceRecords = 12, TargetRecords = 11, Equal = 9,
            Differences =
            [
                new("A-10", new CanonicalKey("wms", "A-10"), DifferenceKind.Changed, [new("available", "<script>alert(1)</script>", "5")]),
                new("A-9", new CanonicalKey("wms", "A-9"), DifferenceKind.MissingAtTarget, []),
                new("\"><img src=x onerror=alert(2)>", null, DifferenceKind.ExtraAtTarget, []),
            ],
        };
        var file = Path.Combine(Directory.CreateTempSubdirectory("cdcsync-report-").FullName, "report.html");
        await using (var text = new StreamWriter(file)) await new HtmlReport(run).WriteAsync(text, TestContext.Current.CancellationToken);

        await using var browser = await TestBrowser.StartAsync();
        var page = await browser.OpenAsync($"file://{file}");
        Assert.Equal("shop_stock", await page.Locator("h1").InnerTextAsync());
        Assert.Contains("3", await page.Locator(".card.bad").InnerTextAsync(), StringComparison.Ordinal);
        var table = page.Locator("table[data-sortable]");
        Assert.Contains("<script>alert(1)</script>", await table.InnerTextAsync(), StringComparison.Ordinal);

        var key = table.Locator("thead th").First;
        await key.ClickAsync();
        Assert.Equal("ascending", await key.GetAttributeAsync("aria-sort"));
        var keys = await table.Locator("tbody tr").AllInnerTextsAsync();
        var order = keys.Select(k => k.Contains("A-9", StringComparison.Ordinal) ? 9 : k.Contains("A-10", StringComparison.Ordinal) ? 10 : 0).Where(n => n > 0);
        Assert.Equal([9, 10], order);
        await key.ClickAsync();
        Assert.Equal("descending", await key.GetAttributeAsync("aria-sort"));
        Assert.Empty(browser.Errors);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }
}
