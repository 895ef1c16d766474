namespace CdcSync.Sinks.Delivery;

/// <summary>What has to happen at the target for a lane's next record, given what the ledger says is there.</summary>
internal static class Route
{
    /// <summary>The delivery; null when nothing has to happen: the target does not want the record and has none.</summary>
    public static Parcel? Of(KeyLane lane)
    {
        var (row, waiting) = (lane.Row, lane.Head);
        var record = waiting.Record;
        var live = row.LiveKeys.ToList();
        var delivery = new Parcel(record.Kind, record.Key, waiting.Wanted ?? "", record.Version, record.Object)
        {
            TargetId = row.Gone ? null : row.TargetId,
            Exists = row.Delivered is not null && !row.Gone,
            Attempted = row.Intent,
        };
        if (waiting.Wanted is not null) return delivery with { FormerKeys = [.. live.Where(k => k != waiting.Wanted)] };
        // A document is what happened: a status the target does not want takes nothing back.
        if (live.Count == 0 || (record.Kind.IsDocument && record.Object is not null)) return null;
        return delivery with { TargetKey = live[0], Object = null, FormerKeys = live[1..] };
    }
}
