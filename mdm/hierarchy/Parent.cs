using System.Text;
using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Hierarchy;

/// <summary>The parent that a record names.</summary>
public static class Parent
{
    // No record of the store has a longer id: an index entry of PostgreSQL ends there.
    const int LongestId = 600;

    /// <summary>The source id of its parent; null when it has none. Systems write a root as its own parent, too: that is none, and so is what can be no record's id.</summary>
    public static string? Of(CanonicalObject record)
    {
        var parent = record switch { Customer customer => customer.ParentId, Location location => location.ParentId, _ => null };
        return string.IsNullOrWhiteSpace(parent) || parent == record.SourceId || parent.Length > LongestId || parent.Contains('\0') || Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(parent)) != parent
            ? null : parent;
    }

    /// <summary>The key of its parent, in its own source; null when it has none.</summary>
    public static CanonicalKey? KeyOf(CanonicalObject record) => Of(record) is { } parent ? new CanonicalKey(record.Source, parent) : null;
}
