using CdcSync.Capture.Postgres;

namespace CdcSync.Capture.Tests;

public class VisibilityTests
{
    [Theory]
    [InlineData("100:110:", 99, true)]
    [InlineData("100:110:", 109, true)]
    [InlineData("100:110:", 110, false)]
    [InlineData("100:110:105,107", 105, false)]
    [InlineData("100:110:105,107", 106, true)]
    // Past the wrap of the 32-bit ids: 4294967296 is id 0 of the second epoch.
    [InlineData("4294967290:4294967300:4294967297", 1, false)]
    [InlineData("4294967290:4294967300:4294967297", 2, true)]
    [InlineData("4294967290:4294967300:4294967297", 4294967295, true)]
    [InlineData("4294967290:4294967295:", 3, false)]
    public void A_transaction_is_seen_when_the_snapshot_holds_it(string snapshot, long transaction, bool seen) => Assert.Equal(seen, Visibility.Seen(snapshot)(transaction));
}
