using System.Collections.Concurrent;
using Mesh.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.EndToEnd.Tests.Handshakes;

/// <summary>Takes the reasons out of the server's log, where operators look for them.</summary>
internal sealed class RefusalRecorder : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(PeerRefusal Refusal, string Message)> Refusals { get; } = new();

    public ILogger CreateLogger(string categoryName) => categoryName.EndsWith("PeerHandshake", StringComparison.Ordinal) ? this : NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        foreach (var (_, value) in (IReadOnlyList<KeyValuePair<string, object?>>)state!)
        {
            if (value is PeerRefusal refusal)
            {
                Refusals.Enqueue((refusal, formatter(state, exception)));
            }
        }
    }

    public void Dispose()
    {
    }
}
