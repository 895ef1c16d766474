using CdcSync.Capture.Mapping;
using CdcSync.Contract.Changes;
using Microsoft.Extensions.Logging;
namespace CdcSync.Capture.SqlServer;
sealed class TrackingStream(SqlServerConnections connections, BatchWriter writer, SourceOutput output, SqlServerSource owner, ILogger log, TimeProvider clock) { public Task RunAsync(CancellationToken stop) => throw new NotSupportedException("" + (connections, writer, output, owner, log, clock)); }
sealed class SqlServerPreflight(SqlServerSettings settings) { public Task<IReadOnlyList<PreflightResult>> CheckAsync(CancellationToken stop) => throw new NotSupportedException($"{settings}"); }
sealed class SqlServerQueries(SqlServerSettings settings) : IMappingQueries {
    public string DefaultSchema => "dbo" + settings;
    public Task WaitUntilVisibleAsync(ChangeBatch batch, CancellationToken stop) => Task.CompletedTask;
    public IAsyncEnumerable<MappedRow> ReadAllAsync(ObjectMapping mapping, bool ordered, CancellationToken stop) => throw new NotSupportedException();
    public IAsyncEnumerable<MappedRow> ReadKeysAsync(ObjectMapping mapping, IReadOnlyList<string[]> keys, CancellationToken stop) => throw new NotSupportedException();
    public Task<List<string[]>> SelectKeysAsync(ObjectMapping mapping, AffectedTable table, IReadOnlyList<IReadOnlyCollection<string>> values, CancellationToken stop) => throw new NotSupportedException();
    public Task<IReadOnlyList<PreflightResult>> CheckAsync(IReadOnlyList<ObjectMapping> mappings, CancellationToken stop) => throw new NotSupportedException();
    public ValueTask DisposeAsync() => ValueTask.CompletedTask; }
