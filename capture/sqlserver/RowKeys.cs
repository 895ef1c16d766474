using CdcSync.Contract.Changes;

namespace CdcSync.Capture.SqlServer;

/// <summary>Compares rows by some of their columns.</summary>
static class RowKeys
{
    /// <summary>Whether two images agree in these columns.</summary>
    public static bool Same(IReadOnlyList<int> ordinals, byte[] left, byte[] right)
    {
        foreach (var ordinal in ordinals)
        {
            var (kind, other) = (new RowImage(left).Cell(ordinal, out var cell), new RowImage(right).Cell(ordinal, out var cells));
            if (kind != other || !cell.Span.SequenceEqual(cells.Span)) return false;
        }
        return true;
    }
}
