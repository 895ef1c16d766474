using CdcSync.Contract.Canonical;

namespace CdcSync.Mdm.Hierarchy;

/// <summary>The parent that a record names.</summary>
public static class Parent
{
    /// <summary>The source id of its parent; null when it has none. Systems write a root as its own parent, too: that is none.</summary>
    public static string? Of(CanonicalObject record)
    {
        var parent = record switch { Customer customer => customer.ParentId, Location location => location.ParentId, _ => null };
        return string.IsNullOrWhiteSpace(parent) || parent == record.SourceId ? null : parent;
    }

    /// <summary>The key of its parent, in its own source; null when it has none.</summary>
    public static CanonicalKey? KeyOf(CanonicalObject record) => Of(record) is { } parent ? new CanonicalKey(record.Source, parent) : null;
}
