namespace CdcSync.Host.Cli;

/// <summary>Log lines into a file.</summary>
sealed class FileLogs(string path) : ILoggerProvider
{
    readonly StreamWriter _file = new(path, append: true) { AutoFlush = true };

    public ILogger CreateLogger(string categoryName) => new Lines(_file, categoryName);

    public void Dispose() => _file.Dispose();

    sealed class Lines(StreamWriter file, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (file) file.WriteLine($"{DateTimeOffset.UtcNow:O} {logLevel} {category}[{eventId.Id}] {formatter(state, exception)}{(exception is null ? "" : $" ({exception})")}");
        }
    }
}
