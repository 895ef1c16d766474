using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Mapping;

/// <summary>Runs mappings' SQL at one source, on read-only connections of its own.</summary>
interface IMappingQueries : IAsyncDisposable
{
    /// <summary>The schema of a table that a mapping names without one.</summary>
    string DefaultSchema { get; }

    /// <summary>Returns when queries see everything the batch tells: a log may be ahead of what queries see.</summary>
    Task WaitUntilVisibleAsync(ChangeBatch batch, CancellationToken stop);

    /// <summary>Looks whether a mapping can go at all, before all of it is read: its SQL, and the columns and selects its changes are followed by. Forgets what it knew of them.</summary>
    /// <exception cref="MappingException">It cannot.</exception>
    Task ProbeAsync(ObjectMapping mapping, CancellationToken stop) => Task.CompletedTask;

    /// <summary>All rows of a mapping; ordered by id in UTF-8 byte order when asked.</summary>
    /// <exception cref="MappingException">The source refuses the SQL, or cannot evaluate it for some row.</exception>
    IAsyncEnumerable<MappedRow> ReadAllAsync(ObjectMapping mapping, bool ordered, CancellationToken stop);

    /// <summary>The rows of these keys (one text per key column); one that is not there any more is absent. A row that cannot be evaluated comes with its error, alone.</summary>
    /// <exception cref="MappingException">The source refuses the SQL.</exception>
    IAsyncEnumerable<MappedRow> ReadKeysAsync(ObjectMapping mapping, IReadOnlyList<string[]> keys, CancellationToken stop);

    /// <summary>Keys that an affected table's select finds, given the distinct values of each of its parameters.</summary>
    /// <exception cref="MappingException">The source refuses the SQL, or it returns something else than keys.</exception>
    Task<List<string[]>> SelectKeysAsync(ObjectMapping mapping, AffectedTable table, IReadOnlyList<IReadOnlyCollection<string>> values, CancellationToken stop);

    /// <summary>Looks at everything the mappings need of the source, without changing anything.</summary>
    Task<IReadOnlyList<PreflightResult>> CheckAsync(IReadOnlyList<ObjectMapping> mappings, CancellationToken stop);
}
