using System.Data.Common;
using CdcSync.Capture.Mapping;

namespace CdcSync.Capture.Access;

/// <summary>How a kind of source is given what it needs at its database, and how that is taken back: offered by <see cref="ISourceType.Access"/>.</summary>
interface ISourceAccess
{
    /// <summary>A connection, not opened yet.</summary>
    /// <param name="settings">The source.</param>
    /// <param name="administrator">The connection string of somebody who may run the script; null for the source's own, which can read what there is.</param>
    DbConnection Connect(SourceSettings settings, string? administrator);

    /// <summary>
    /// The statements still missing for capture and for these mappings' queries: a role, its rights and no others, and what the server must keep for us. Reads only; what is
    /// there already becomes a note.
    /// </summary>
    Task<AccessScript> EnableAsync(SourceSettings settings, IReadOnlyList<MappingSettings> mappings, DbConnection connection, CancellationToken stop);

    /// <summary>The statements that take back what is there of it. Reads only.</summary>
    Task<AccessScript> DisableAsync(SourceSettings settings, IReadOnlyList<MappingSettings> mappings, DbConnection connection, CancellationToken stop);
}
