using System.Collections.Frozen;

namespace CdcSync.Mdm.Standardise;

/// <summary>Words of town names in one spelling.</summary>
static class TownSpellings
{
    static readonly FrozenDictionary<string, string> Standard = SpellingTable.Read("""
        ST SAINT SANKT SANCT SNT
        STE SAINTE
        MT MOUNT
        MTN MOUNTAIN MTNS
        FT FORT
        PT POINT PORT
        N NORTH NTH
        S SOUTH STH
        E EAST
        W WEST
        UPPER UPR
        LOWER LWR
        HTS HEIGHTS HGTS
        SPGS SPRINGS SPRNGS
        IS ISLAND
        BCH BEACH
        VLY VALLEY
        HLS HILLS
        PK PARK
        CTR CENTRE CENTER
        LK LAKE LAKES
        GR GREAT
        TWP TOWNSHIP
        JCT JUNCTION
        CRK CREEK
        """);

    /// <summary>From a spelling to the short form.</summary>
    public static FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Lookup { get; } = Standard.GetAlternateLookup<ReadOnlySpan<char>>();
}
