using CdcSync.Servers;
using Microsoft.Playwright;

namespace CdcSync.Browser;

/// <summary>A real browser, the system's Chromium, without a window. Pages that fail in a script fail the test.</summary>
public sealed class TestBrowser : IAsyncDisposable
{
    static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    readonly IPlaywright _playwright;
    readonly IBrowser _browser;

    TestBrowser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>What went wrong in the pages' scripts.</summary>
    public List<string> Errors { get; } = [];

    public static async Task<TestBrowser> StartAsync()
    {
        var path = Array.Find(Places, File.Exists);
        if (path is null) Needs.Missing("no Chromium; install it with: apt-get install chromium");
        var playwright = await Playwright.CreateAsync();
        return new TestBrowser(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox", "--disable-dev-shm-usage"] }));
    }

    /// <summary>Opens a page.</summary>
    public async Task<IPage> OpenAsync(string url, int width = 1280, int height = 900)
    {
        var page = await _browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height }, Locale = "en-US" });
        page.PageError += (_, error) => Errors.Add(error);
        page.Dialog += async (_, dialog) =>
        {
            Errors.Add($"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        await page.GotoAsync(url);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
